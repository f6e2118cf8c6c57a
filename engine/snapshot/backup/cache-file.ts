import { deserialize, serialize } from 'node:v8';
import { isCofferError, type Log } from '../../base/index.ts';
import type { LocalState } from '../../repository/index.ts';
import { type CachedFolder, emptyFolderCache, type FolderCache, folderCacheFrom } from './folder-cache.ts';
import { isBelow } from './sources.ts';

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

/** The snapshot is published by now: a cache that cannot be written only makes the next run slower. */
export function writeFolderCache(local: LocalState, sources: readonly string[], cache: FolderCache, log: Log): void {
  try {
    local.write(name, serialize(withOthers(cache, readFolderCache(local), sources)));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    log.warn('the folder cache could not be written', { error: String(error.cause ?? error) });
  }
}

/**
 * Folders of other sources stay known: the next run may be about them. Folders above a source do not: their trees name what
 * the source was before, and an equal listing would pass that off as the present.
 */
function withOthers(cache: FolderCache, before: FolderCache, sources: readonly string[]): FolderCache {
  const packs = [...cache.packs];
  const folders = new Map(cache.folders);
  const positions = new Map<number, number>();
  const positionOf = (earlier: number): number => {
    let position = positions.get(earlier);
    if (position === undefined) {
      position = packs.length;
      packs.push(before.packs[earlier] ?? 'gone');
      positions.set(earlier, position);
    }
    return position;
  };
  const isOther = (path: string): boolean =>
    sources.every((source) => path !== source && !isBelow(path, source) && !isBelow(source, path));
  for (const [path, folder] of before.folders) {
    if (!isOther(path)) continue;
    folders.set(path, { ...folder, packs: Uint32Array.from(folder.packs, positionOf) } satisfies CachedFolder);
  }
  return { packs, folders };
}
