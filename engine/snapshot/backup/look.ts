import { type FileStat, isBelow } from '../../filesystem/index.ts';
import { type FolderCache, hasSameTimes, isSameFolder, originAt, rowOf, rowsBelow } from './folder-cache.ts';
import type { Look } from './types.ts';

/** How much of a folder is looked at: nothing, because the cache knows it; its own names; everything below it. */
export type Glance = 'none' | 'itself' | 'below';

export type KnownFolders = {
  readonly cache: FolderCache;
  /** The row can be counted on: its digest is trusted, and the vault has its packs. */
  isSound(row: number): boolean;
};

/**
 * Where to look in one source, when the caller knows what may have changed:
 *
 *     named, or something below it is                        its own names
 *     the cache has no digest of it, or its packs are gone   its own names: failures and racy files are looked at again
 *     as the cache has it, by inode and times                nothing
 *     other times                                            its own names
 *     not in the cache, or another inode                     everything: it is new, or came from elsewhere
 */
export function createGlance(
  known: KnownFolders,
  source: { readonly path: string; readonly origin: string; readonly look: Extract<Look, { kind: 'folders' }> },
): (path: string, stat: FileStat) => Glance {
  const { cache } = known;
  const { path: root, origin, look } = source;
  const below = look.below ?? new Set<string>();
  // A whole drive, say, of which this source is only a part.
  if ([...below].some((path) => path === root || isBelow(root, path))) return () => 'below';
  const visited = new Set<string>();
  /** With all folders on the way: their trees name it. */
  const visit = (path: string): void => {
    for (let at = path; at === root || isBelow(at, root); at = parentOf(at)) {
      if (visited.has(at)) return;
      visited.add(at);
      if (at === '/') return;
    }
  };
  for (const path of look.folders) visit(path);
  for (const path of below) visit(path);
  const { from, to } = rowsBelow(cache, root);
  for (let row = from; row < to; row++) {
    if (!known.isSound(row)) visit((cache.keys[row] ?? '').slice(0, -1) || '/');
  }
  return (path, stat) => {
    if (below.has(path)) return 'below';
    const row = rowOf(cache, path);
    if (row < 0 || originAt(cache, row) !== origin || !isSameFolder(cache, row, stat)) return 'below';
    return visited.has(path) || !hasSameTimes(cache, row, stat) ? 'itself' : 'none';
  };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
