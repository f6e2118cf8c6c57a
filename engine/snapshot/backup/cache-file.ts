import { deserialize, serialize } from 'node:v8';
import { crashPoint, isCofferError, type Log } from '../../base/index.ts';
import type { LocalState } from '../../repository/index.ts';
import { cacheVersion, emptyFolderCache, type FolderCache } from './folder-cache.ts';

const name = 'folders';

/** The cache of the last run; none where it cannot be read, because everything in it stands in the vault too. */
export function readFolderCache(local: LocalState): FolderCache {
  try {
    const bytes = local.read(name);
    return bytes === null ? emptyFolderCache : folderCacheFrom(deserialize(bytes));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return emptyFolderCache;
  }
}

/** The snapshot is published by now: a cache that cannot be written only makes the next run slower, which finds an older one. */
export function writeFolderCache(local: LocalState, cache: FolderCache, log: Log): void {
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
