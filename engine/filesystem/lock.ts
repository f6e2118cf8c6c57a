/** Exclusive locks between processes: the system's own where it has them, else a file that names the holder. */
import fs from 'node:fs';
import { systemCode } from '../base/index.ts';
import { encodePath } from './names.ts';
import type { FileLock } from './port.ts';

type TryLock = (fd: number) => boolean;

export function createLock(tryLock: TryLock | null): (path: string) => FileLock | null {
  return tryLock ? (path) => systemLock(path, tryLock) : holderLock;
}

/** The file stays when the lock goes: to remove it would let two processes hold two files of the same name. */
function systemLock(path: string, tryLock: TryLock): FileLock | null {
  const fd = fs.openSync(encodePath(path), 'a', 0o600);
  let held = false;
  try {
    held = tryLock(fd);
  } finally {
    if (!held) fs.closeSync(fd);
  }
  return held ? { release: once(() => fs.closeSync(fd)) } : null;
}

/**
 * A file with the holder's process id, which gets its name by a hard link: it is never seen half written. It removes the
 * file of a dead holder after renaming it, so that of two who find it one goes on.
 */
function holderLock(path: string): FileLock | null {
  const own = `${path}.${process.pid}`;
  fs.writeFileSync(encodePath(own), String(process.pid), { mode: 0o600 });
  try {
    return takeName(own, path) || (isDead(path) && setAside(path) && takeName(own, path))
      ? { release: once(() => fs.rmSync(encodePath(path), { force: true })) }
      : null;
  } finally {
    fs.rmSync(encodePath(own), { force: true });
  }
}

function takeName(own: string, path: string): boolean {
  try {
    fs.linkSync(encodePath(own), encodePath(path));
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

function isDead(path: string): boolean {
  const holder = Number(readIfThere(path));
  if (!Number.isInteger(holder) || holder <= 0) return true;
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

function readIfThere(path: string): string {
  try {
    return fs.readFileSync(encodePath(path), 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return '';
  }
}

/** False when another was faster, and its new lock was what got renamed: it gets its name back. */
function setAside(path: string): boolean {
  const aside = `${path}.${process.pid}.old`;
  try {
    fs.renameSync(encodePath(path), encodePath(aside));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return true;
  }
  const wasDead = isDead(aside);
  if (!wasDead) takeName(aside, path);
  fs.rmSync(encodePath(aside), { force: true });
  return wasDead;
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
