import type { FileStat } from '../../filesystem/index.ts';
import type { LeftOutPath, Tally } from './listing.ts';

/** What the last run knew of a folder; a cache only, everything in it can be found again in the vault. */
export type CachedFolder = {
  /** Of the listing; empty where it must not be trusted (failures, or files changed too short before they were read). */
  readonly digest: Uint8Array;
  readonly tree: Uint8Array;
  /** See `Previous`. */
  readonly racyFromMs: number;
  /** Below it, at every depth. */
  readonly bytes: number;
  readonly below: number;
};

/** What became of the names found in a folder, or in many: `files`, `folders` and `others` are those saved whole. */
export type FolderCounts = Omit<Tally, 'bytes'> & { seen: number; excluded: Map<string, number>; failed: number };

/** What a row says of a folder beside `CachedFolder`. */
export type FolderFacts = {
  /** Source and rules that it was found by. */
  readonly origin: string;
  readonly stat: FileStat;
  /** Of its own names. */
  readonly counts: FolderCounts;
};

/** Values of all rows one behind the other; those of a row end at its number in `ends`. */
export type Lists<Values> = { readonly values: Values; readonly ends: Uint32Array };

/**
 * Folders as rows of a table, by column: a table of many folders is read, copied and written in a few large steps.
 */
export type FolderCache = {
  readonly version: typeof cacheVersion;
  /** [Note: cache of a snapshot] That of the run that made this table; empty until it is published. */
  readonly snapshot: string;
  /** Paths with a `/` at their end, rising: a folder and everything below it lie together. */
  readonly keys: readonly string[];
  /** Zeros where the digest is empty. */
  readonly digests: Uint8Array;
  readonly figures: Float64Array;
  readonly trees: Lists<Uint8Array>;
  /** Packs with the folder's own listing and its own files, as positions in `packs`. */
  readonly packsOf: Lists<Uint32Array>;
  /** Pairs of a position in `reasons` and a number of names left out. */
  readonly excluded: Lists<Uint32Array>;
  readonly packs: readonly string[];
  readonly origins: readonly string[];
  readonly reasons: readonly string[];
  /** Some of the paths that were left out. */
  readonly leftOut: readonly LeftOutPath[];
};

/** Of the table's shape, and of what scanning makes of the same rules and the same files. */
export const cacheVersion = 3;
export const digestBytes = 16;
/** Numbers per row in `figures`. */
export const figureWidth = 15;

const noLists = <Values>(values: Values): Lists<Values> => ({ values, ends: new Uint32Array(0) });

export const emptyFolderCache: FolderCache = {
  version: cacheVersion,
  snapshot: '',
  keys: [],
  digests: new Uint8Array(0),
  figures: new Float64Array(0),
  trees: noLists(new Uint8Array(0)),
  packsOf: noLists(new Uint32Array(0)),
  excluded: noLists(new Uint32Array(0)),
  packs: [],
  origins: [],
  reasons: [],
  leftOut: [],
};

/** Rows from one up to, and without, another. */
export type Rows = { readonly from: number; readonly to: number };

export function keyOfFolder(path: string): string {
  return path === '/' ? path : `${path}/`;
}

/** A folder and everything below it, as far as it is known; a row of its own comes first. */
export function rowsBelow(cache: FolderCache, path: string): Rows {
  const key = keyOfFolder(path);
  // The sign after `/`: what begins with the key comes before it.
  return { from: lowerBound(cache.keys, key), to: lowerBound(cache.keys, `${key.slice(0, -1)}0`) };
}

/** -1 where the folder is not known. */
export function rowOf(cache: FolderCache, path: string): number {
  const key = keyOfFolder(path);
  const row = lowerBound(cache.keys, key);
  return cache.keys[row] === key ? row : -1;
}

export function folderAt(cache: FolderCache, row: number): CachedFolder {
  const at = row * figureWidth;
  return {
    digest: hasDigest(cache, row) ? cache.digests.subarray(row * digestBytes, (row + 1) * digestBytes) : untrusted,
    tree: cache.trees.values.subarray(startOf(cache.trees, row), cache.trees.ends[row]),
    racyFromMs: cache.figures[at] ?? 0,
    bytes: cache.figures[at + 1] ?? 0,
    below: cache.figures[at + 2] ?? 0,
  };
}

export const untrusted = new Uint8Array(0);

export function hasDigest({ digests }: FolderCache, row: number): boolean {
  for (let at = row * digestBytes; at < (row + 1) * digestBytes; at++) if (digests[at] !== 0) return true;
  return false;
}

export function packPositions({ packsOf }: FolderCache, { from, to }: Rows): Uint32Array {
  return packsOf.values.subarray(startOf(packsOf, from), startOf(packsOf, to));
}

export function originAt({ figures, origins }: FolderCache, row: number): string | undefined {
  return origins[figures[row * figureWidth + 8] ?? -1];
}

/** Whether this is the folder that the row is about, by its inode. */
export function isSameFolder({ figures }: FolderCache, row: number, { inode, device }: FileStat): boolean {
  const at = row * figureWidth + 9;
  return figures[at] === inode && figures[at + 1] === device;
}

/** Rows by the inodes of their folders. */
export function rowsByInode({ figures, keys }: FolderCache): ReadonlyMap<number, number> {
  const rows = new Map<number, number>();
  for (let row = 0; row < keys.length; row++) rows.set(figures[row * figureWidth + 9] ?? -1, row);
  return rows;
}

/** Whether the folder's own times are those of the row: no name has come or gone, and nobody set its mode. */
export function hasSameTimes({ figures }: FolderCache, row: number, stat: FileStat): boolean {
  const at = row * figureWidth + 11;
  return (
    figures[at] === stat.mtimeSeconds &&
    figures[at + 1] === stat.mtimeNanoseconds &&
    figures[at + 2] === stat.ctimeSeconds &&
    figures[at + 3] === stat.ctimeNanoseconds
  );
}

export function writeFigures(
  into: Float64Array,
  row: number,
  { racyFromMs, bytes, below }: CachedFolder,
  { stat, counts }: FolderFacts,
  origin: number,
): void {
  const { seen, files, folders, others, failed } = counts;
  const { inode, device, mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds } = stat;
  const own = [racyFromMs, bytes, below, seen, files, folders, others, failed, origin];
  into.set([...own, inode, device, mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds], row * figureWidth);
}

export function countsOf(cache: FolderCache, { from, to }: Rows): FolderCounts {
  const counts = emptyFolderCounts();
  const { figures, excluded, reasons } = cache;
  for (let row = from; row < to; row++) {
    const at = row * figureWidth;
    counts.seen += figures[at + 3] ?? 0;
    counts.files += figures[at + 4] ?? 0;
    counts.folders += figures[at + 5] ?? 0;
    counts.others += figures[at + 6] ?? 0;
    counts.failed += figures[at + 7] ?? 0;
  }
  for (let at = startOf(excluded, from); at < startOf(excluded, to); at += 2) {
    addTo(counts.excluded, reasons[excluded.values[at] ?? -1] ?? '', excluded.values[at + 1] ?? 0);
  }
  return counts;
}

export const emptyFolderCounts = (): FolderCounts => ({
  files: 0,
  folders: 0,
  others: 0,
  seen: 0,
  excluded: new Map(),
  failed: 0,
});

export function addCounts(to: FolderCounts, more: FolderCounts): void {
  to.files += more.files;
  to.folders += more.folders;
  to.others += more.others;
  to.seen += more.seen;
  to.failed += more.failed;
  for (const [reason, count] of more.excluded) addTo(to.excluded, reason, count);
}

export function addTo(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

export function startOf({ ends }: Lists<unknown>, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0);
}

function lowerBound(keys: readonly string[], key: string): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

export type FolderResult = {
  readonly tree: Uint8Array | null;
  /** Nothing below it has changed since the cached state. */
  readonly same: boolean;
  /** Everything below it could be read. */
  readonly whole: boolean;
  readonly failed: string | null;
  readonly bytes: number;
  readonly below: number;
};

/** seen = saved + excluded + failed (asserted before publishing); what was deferred is excluded for that reason. */
export type RunCounts = FolderCounts & { bytes: number; changed: number };
export const emptyCounts = (): RunCounts => ({ ...emptyFolderCounts(), bytes: 0, changed: 0 });
