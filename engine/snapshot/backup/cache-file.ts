import { deserialize, serialize } from 'node:v8';
import { crashPoint, isCofferError, type Log, type SnapshotId } from '../../base/index.ts';
import type { LocalState } from '../../repository/index.ts';
import { cacheVersion, emptyFolderCache, type FolderCache } from './folder-cache.ts';

const name = 'folders';

/**
 * The table of a place, kept in memory from run to run: a small save of a big source would else read and write all of it, which
 * is many times what it saves. The one on disk may be some runs older. Whoever begins anew looks everywhere, and finds by its
 * snapshot's name that it is.
 */
export type KeptCache = { cache: FolderCache | null; unwrittenRuns: number };

export const createKeptCache = (): KeptCache => ({ cache: null, unwrittenRuns: 0 });

const unwrittenRunsMost = 16;
/** About 300 bytes each. */
const keptRowsMost = 200_000;

export function loadFolderCache(local: LocalState, kept: KeptCache | null, newest: SnapshotId | null): FolderCache {
  // Another program of this installation may have published since: then the one on disk is its.
  const isNewest = kept?.cache != null && kept.cache.snapshot === newest;
  return isNewest && kept.cache !== null ? kept.cache : readFolderCache(local);
}

/** `isCostly`: the run looked at everything, which would have to be done again. */
export function saveFolderCache(
  local: LocalState,
  cache: FolderCache,
  { kept, isCostly, log }: { readonly kept: KeptCache | null; readonly isCostly: boolean; readonly log: Log },
): void {
  const isKept = kept !== null && cache.keys.length <= keptRowsMost;
  if (kept !== null) kept.cache = isKept ? cache : null;
  if (isKept && !isCostly && kept.unwrittenRuns + 1 < unwrittenRunsMost) return void kept.unwrittenRuns++;
  if (kept !== null) kept.unwrittenRuns = 0;
  writeFolderCache(local, cache, log);
}

/** The cache of the last run; none where it cannot be read, because everything in it stands in the vault too. */
function readFolderCache(local: LocalState): FolderCache {
  try {
    const bytes = local.read(name);
    return bytes === null ? emptyFolderCache : folderCacheFrom(deserialize(bytes));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return emptyFolderCache;
  }
}

/** The snapshot is published by now: a cache that cannot be written only makes the next run slower, which finds an older one. */
function writeFolderCache(local: LocalState, cache: FolderCache, log: Log): void {
  crashPoint('cache.written.before');
  try {
    local.write(name, serialize({ ...cache, keys: cache.keys.join(between) }));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    log.warn('the folder cache could not be written', { error: String(error.cause ?? error) });
  }
  crashPoint('cache.written.after');
}

/** One long text is written and read many times faster than many short ones. No path holds this sign. */
const between = '\0';

function folderCacheFrom(value: unknown): FolderCache {
  if (typeof value !== 'object' || value === null || !('version' in value)) return emptyFolderCache;
  if (value.version !== cacheVersion || !('keys' in value) || typeof value.keys !== 'string') return emptyFolderCache;
  const keys = value.keys === '' ? [] : value.keys.split(between);
  return { ...(value as unknown as FolderCache), keys }; // authenticated by the reader: we wrote it, in this version
}
