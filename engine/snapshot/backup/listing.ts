import { chunkIdBytes } from '../../base/index.ts';
import type { FileKind, FileStat } from '../../filesystem/index.ts';

/**
 * One folder as the scan saw it, in a form that crosses threads cheaply: names in one string, numbers in one array.
 * Entries are sorted by the bytes of their names.
 */
export type Listing = {
  readonly path: string;
  /** Names joined by `/`, which no name holds. */
  readonly names: string;
  readonly stats: Float64Array;
  /** Equal digests: same names, kinds, sizes, times, owners, inodes. */
  readonly digest: Uint8Array;
  /** Names found, whatever became of them. */
  readonly seen: number;
  readonly tally: Tally;
  readonly leftOut: readonly LeftOut[];
  readonly failures: readonly Failure[];
  /** The folder itself could not be read. */
  readonly failed: string | null;
};

export type LeftOut = { readonly reason: string; readonly name: string; readonly folder: boolean };
export type LeftOutPath = { readonly path: string; readonly reason: string };
/** A path that is not protected as it should be, with the system's code, `changed-while-read` or `too-deep`. */
export type Failure = { readonly path: string; readonly code: string };

export type Tally = { files: number; folders: number; others: number; bytes: number };
export const emptyTally = (): Tally => ({ files: 0, folders: 0, others: 0, bytes: 0 });

const kinds: readonly FileKind[] = ['file', 'folder', 'link', 'fifo', 'socket', 'character', 'block'];
/** Numbers per entry in `stats`. */
export const statWidth = 15;

export function writeStat(into: Float64Array, entry: number, stat: FileStat): void {
  let at = entry * statWidth;
  into[at++] = kinds.indexOf(stat.kind);
  into[at++] = stat.size;
  into[at++] = stat.mode;
  into[at++] = stat.uid;
  into[at++] = stat.gid;
  into[at++] = stat.mtimeSeconds;
  into[at++] = stat.mtimeNanoseconds;
  into[at++] = stat.ctimeSeconds;
  into[at++] = stat.ctimeNanoseconds;
  into[at++] = stat.inode;
  into[at++] = stat.device;
  into[at++] = stat.links;
  into[at++] = stat.blocks;
  into[at++] = stat.major;
  into[at] = stat.minor;
}

export function readStat(from: Float64Array, entry: number): FileStat {
  const at = entry * statWidth;
  const value = (index: number): number => from[at + index] ?? 0;
  return {
    kind: kinds[value(0)] ?? 'file',
    size: value(1),
    mode: value(2),
    uid: value(3),
    gid: value(4),
    mtimeSeconds: value(5),
    mtimeNanoseconds: value(6),
    ctimeSeconds: value(7),
    ctimeNanoseconds: value(8),
    inode: value(9),
    device: value(10),
    links: value(11),
    blocks: value(12),
    major: value(13),
    minor: value(14),
  };
}

/** Same bytes, as far as a stat can tell. */
export function sameContent(left: FileStat, right: FileStat): boolean {
  return (
    left.size === right.size &&
    left.mtimeSeconds === right.mtimeSeconds &&
    left.mtimeNanoseconds === right.mtimeNanoseconds &&
    left.ctimeSeconds === right.ctimeSeconds &&
    left.ctimeNanoseconds === right.ctimeNanoseconds &&
    left.inode === right.inode
  );
}

export function countIds(ids: Uint8Array): number {
  return ids.length / chunkIdBytes;
}

export function* entriesOf(listing: Listing): Generator<{ name: string; stat: FileStat }> {
  if (listing.stats.length === 0) return;
  let index = 0;
  for (const name of listing.names.split('/')) yield { name, stat: readStat(listing.stats, index++) };
}
