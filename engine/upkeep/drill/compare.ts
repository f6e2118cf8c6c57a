import { chunkIdBytes, limits, systemCode } from '../../base/index.ts';
import type { IdHasher } from '../../crypto/index.ts';
import { type FileStat, type FileSystem, readExactly } from '../../filesystem/index.ts';
import type { FileEntry } from '../../format/index.ts';
import { idAt, type VaultIndex } from '../../repository/index.ts';
import type { SnapshotFile } from './files.ts';
import type { Rest } from './rest.ts';

export type Comparison = {
  /** The restored file has the bytes whose digests stand in the snapshot. */
  readonly isAsInSnapshot: boolean;
  /** Of the file on this computer: null where it is away, or was changed since. */
  readonly isAsHere: boolean | null;
};

export type Comparing = {
  readonly fileSystem: FileSystem;
  readonly index: VaultIndex;
  readonly idOf: IdHasher;
  readonly rest: Rest;
};

export type FileToCompare = SnapshotFile & {
  readonly restored: string;
  /** Files that changed after this may have done so unseen; null where the snapshot is not from this computer. */
  readonly trustedUntilMs: number | null;
};

/**
 * Reads the restored file from the disk, chunk by chunk: computes the id of each, and compares it with the file it was made
 * from, where that still is as it was. Knows nothing of how the restore went about it.
 */
export async function compareFile(with_: Comparing, file: FileToCompare): Promise<Comparison> {
  const { fileSystem, index, idOf, rest } = with_;
  const restored = openIfThere(fileSystem, file.restored);
  if (restored === null) return { isAsInSnapshot: false, isAsHere: null };
  const here = file.trustedUntilMs === null ? null : openUnchanged(fileSystem, file, file.trustedUntilMs);
  try {
    const whole = { isAsInSnapshot: fileSystem.fstat(restored).size === file.entry.size, isAsHere: here !== null };
    let offset = 0;
    for (let chunk = 0; chunk < file.content.length / chunkIdBytes; chunk++) {
      const id = idAt(file.content, chunk);
      const length = lengthOf(index, id);
      const bytes = length === null ? null : readExactly(fileSystem, restored, offset, length);
      if (length === null || bytes === null) return { isAsInSnapshot: false, isAsHere: null };
      if (Buffer.compare(idOf(bytes), id) !== 0) whole.isAsInSnapshot = false;
      if (here !== null) {
        const original = readExactly(fileSystem, here, offset, length);
        if (original === null || Buffer.compare(bytes, original) !== 0) whole.isAsHere = false;
      }
      offset += length;
      const pause = rest.take();
      if (pause !== null) await pause;
    }
    if (offset !== file.entry.size) whole.isAsInSnapshot = false;
    return { ...whole, isAsHere: isStill(fileSystem, here, file) ? whole.isAsHere : null };
  } finally {
    fileSystem.close(restored);
    if (here !== null) fileSystem.close(here);
  }
}

function lengthOf(index: VaultIndex, id: Uint8Array): number | null {
  const place = index.place(id);
  const length = place === null ? undefined : index.packs.get(place.pack)?.directory().chunkLength[place.chunk];
  return length === undefined || length <= 0 || length > limits.pieceRawBytes ? null : length;
}

function openIfThere(fileSystem: FileSystem, path: string): number | null {
  try {
    return fileSystem.open(path, 'read');
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return null;
  }
}

function openUnchanged(fileSystem: FileSystem, file: FileToCompare, trustedUntilMs: number): number | null {
  const { entry, path } = file;
  // An earlier version, or one that did not hold still: not what is here.
  if (entry.state !== undefined) return null;
  const changedMs = Math.max(entry.mtime.seconds, entry.ctime.seconds) * 1000;
  if (changedMs >= trustedUntilMs) return null;
  const fd = openIfThere(fileSystem, path);
  if (fd === null || isStill(fileSystem, fd, file)) return fd;
  fileSystem.close(fd);
  return null;
}

function isStill(fileSystem: FileSystem, fd: number | null, { entry }: FileToCompare): boolean {
  if (fd === null) return false;
  return isUnchanged(fileSystem.fstat(fd), entry);
}

/** A program may set the time of a change; that of the last change to the inode it cannot. */
function isUnchanged(stat: FileStat, { size, mtime, ctime }: FileEntry): boolean {
  return (
    stat.kind === 'file' &&
    stat.size === size &&
    stat.mtimeSeconds === mtime.seconds &&
    stat.mtimeNanoseconds === mtime.nanoseconds &&
    stat.ctimeSeconds === ctime.seconds &&
    stat.ctimeNanoseconds === ctime.nanoseconds
  );
}
