import type { Tally } from './listing.ts';

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
  /** Packs with its own listing and its own files, as positions in the cache's list of packs. */
  readonly packs: Uint32Array;
};

/** Folders by path. */
export type FolderCache = {
  readonly packs: readonly string[];
  readonly folders: ReadonlyMap<string, CachedFolder>;
};

export const emptyFolderCache: FolderCache = { packs: [], folders: new Map() };

/** What stands in the cache file; checked when read, because it comes from a disk. */
export function folderCacheFrom(value: unknown): FolderCache {
  if (typeof value !== 'object' || value === null) return emptyFolderCache;
  if (!('packs' in value) || !('folders' in value)) return emptyFolderCache;
  const { packs, folders } = value;
  if (!Array.isArray(packs) || !(folders instanceof Map)) return emptyFolderCache;
  return { packs: packs as string[], folders: folders as Map<string, CachedFolder> }; // authenticated by the reader
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

/** `files`, `folders` and `others` are those saved whole; seen = saved + excluded + failed (asserted before publishing). */
export type RunCounts = Tally & { seen: number; excluded: Map<string, number>; failed: number; changed: number };
export const emptyCounts = (): RunCounts => ({
  files: 0,
  folders: 0,
  others: 0,
  bytes: 0,
  seen: 0,
  excluded: new Map(),
  failed: 0,
  changed: 0,
});
