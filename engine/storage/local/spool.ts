import { type Clock, systemCode } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';

/** Large enough that a copy runs at the speed of the disk, small enough to be nothing beside a pack. */
const copyBytes = 1024 * 1024;
const fileMode = 0o600;

/**
 * Writes a file and makes its bytes durable, or leaves nothing. An error of the sync is final for this file: its bytes may
 * be gone although a second sync would succeed; a caller that tries again writes all of them anew.
 */
export function writeDurably(fileSystem: FileSystem, path: string, fill: (fd: number) => void): void {
  const fd = fileSystem.open(path, 'create', fileMode);
  try {
    try {
      fill(fd);
      fileSystem.sync(fd);
    } finally {
      fileSystem.close(fd);
    }
  } catch (error) {
    removeQuietly(fileSystem, path);
    throw error;
  }
}

export function copyInto(fileSystem: FileSystem, from: string, to: number): void {
  const source = fileSystem.open(from, 'read');
  try {
    const slab = new Uint8Array(copyBytes);
    for (let at = 0; ; ) {
      const count = fileSystem.read(source, slab, at);
      if (count === 0) return;
      fileSystem.write(to, slab.subarray(0, count), at);
      at += count;
    }
  } finally {
    fileSystem.close(source);
  }
}

/** For a file that is of no use any more: what hinders its removal does not matter, and a later run tries again. */
export function removeQuietly(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.removeFile(path);
  } catch {
    // Left for `cleanSpool`.
  }
}

export type SpoolCleaning = {
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** The file names of this owner begin with it. */
  readonly ownPrefix: string;
  readonly staleMs: number;
  /** What is no open file of anybody. */
  readonly keeps?: (name: string) => boolean;
};

export function cleanSpool({ folder, fileSystem, clock, ownPrefix, staleMs, keeps }: SpoolCleaning): number {
  let removed = 0;
  for (const name of fileSystem.list(folder)) {
    if (keeps?.(name)) continue;
    const path = `${folder}/${name}`;
    const stat = fileSystem.lstatIfThere(path);
    if (stat === null || stat.kind !== 'file') continue;
    const ageMs = clock.now() - stat.mtimeSeconds * 1000;
    if (!name.startsWith(ownPrefix) && ageMs < staleMs) continue;
    try {
      fileSystem.removeFile(path);
      removed += 1;
    } catch (error) {
      // Its owner or another cleaner was quicker.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return removed;
}
