import type { ChunkId } from '../../base/index.ts';
import type { Chunker } from '../../chunk/index.ts';
import type { IdHasher } from '../../crypto/index.ts';
import type { FileStat, FileSystem } from '../../filesystem/index.ts';

/** What a hole is cut into: one chunk of zeros, again and again. */
export type ZeroRun = { readonly id: ChunkId; readonly length: number; readonly count: number };

/** So many at once that a run of them can still be told as progress, and ended. */
const countMost = 16_384;

/**
 * The chunks of a hole, known without reading it. Where a chunk of zeros ends depends on zeros alone, so all chunks but the
 * last of a long hole are the same: a disk image of a terabyte that is empty costs no more than what is in it.
 */
export function createZeroRuns(fileSystem: FileSystem, chunker: Chunker, idOf: IdHasher) {
  const { max } = chunker.parameters;
  let known: { readonly id: ChunkId; readonly length: number } | null = null;
  const learn = (): { readonly id: ChunkId; readonly length: number } => {
    chunker.slab.fill(0, 0, max);
    const length = chunker.cut(0, max, false);
    return { length, id: idOf(chunker.slab.subarray(0, length)) };
  };
  /** Of the hole in which a chunk begins at this offset; null where there is none that is long enough. */
  return (fd: number, stat: FileStat, offset: number, end: number): ZeroRun | null => {
    if (stat.blocks * 512 > stat.size - max) return null;
    if (hole(fd, offset, end) < max || !settled(fd)) return null;
    const length = hole(fd, offset, end);
    if (length < max) return null;
    known ??= learn();
    return { ...known, count: Math.min(countMost, Math.floor((length - max) / known.length) + 1) };
  };

  function hole(fd: number, offset: number, end: number): number {
    return fileSystem.nextData(fd, offset, end) - offset;
  }
  /** Bytes on their way to the disk have passed for a hole before now (ZFS in 2023): what is asked must be on it. */
  function settled(fd: number): boolean {
    try {
      fileSystem.sync(fd);
      return true;
    } catch {
      // Then it is read like everything else, and what is wrong shows there.
      return false;
    }
  }
}
