/** What Coffer keeps for itself on this computer (COFFER_HOME): folders, small files, and what to tell when they fail. */
import { CofferError, isCofferError, systemCode } from '../base/index.ts';
import type { FileSystem } from './port.ts';

export function homeFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CofferError('disk.full', { path }, error);
  return code === '' ? error : new CofferError('home.unusable', { path, detail: code }, error);
}

/** Makes a folder and those above it, with names that are durable: what is remembered in it must not be lost with them. */
export function makeFolders(fileSystem: FileSystem, path: string): void {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  try {
    if (fileSystem.lstatIfThere(path) !== null) return;
    if (parent !== path) makeFolders(fileSystem, parent);
    makeFolder(fileSystem, path);
    fileSystem.syncFolder(parent);
  } catch (error) {
    throw isCofferError(error) ? error : homeFailure(path, error);
  }
}

function makeFolder(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.makeFolder(path, 0o700);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

export function readWhole(fileSystem: FileSystem, path: string): Uint8Array | null {
  try {
    const fd = fileSystem.open(path, 'read');
    try {
      return readOpen(fileSystem, fd);
    } finally {
      fileSystem.close(fd);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw homeFailure(path, error);
  }
}

function readOpen(fileSystem: FileSystem, fd: number): Uint8Array {
  const bytes = new Uint8Array(fileSystem.fstat(fd).size);
  let at = 0;
  while (at < bytes.length) {
    const got = fileSystem.read(fd, bytes.subarray(at), at);
    if (got === 0) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

/** So much of an open file; null where it ends before. */
export function readExactly(fileSystem: FileSystem, fd: number, offset: number, length: number): Uint8Array | null {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const got = fileSystem.read(fd, bytes.subarray(done), offset + done);
    if (got === 0) return null;
    done += got;
  }
  return bytes;
}
