import { chunkIdBytes, type PackId, toHex } from '../base/index.ts';
import type { Snapshot, TreeEntry } from '../format/index.ts';
import { openTree } from './tree-reader.ts';
import { isUnreadable } from './unreadable.ts';
import type { VaultIndex } from './vault-index.ts';

/** The packs that hold what is reachable from a snapshot; null when not all of it can be found. */
export async function packsOfSnapshot(
  index: VaultIndex,
  snapshot: Snapshot,
  signal?: AbortSignal,
): Promise<Set<PackId> | null> {
  const packs = new Set<PackId>();
  const seen = new Set<string>();
  const stack: Uint8Array[] = [];
  /** False where a chunk is in no pack. */
  const take = (entry: Pick<TreeEntry, 'kind'> & { readonly content?: Uint8Array | null }): boolean => {
    const { content = null } = entry;
    if (content === null) return true;
    for (let at = 0; at < content.length; at += chunkIdBytes) {
      const pack = index.packs.get(index.packOf(content, at));
      if (pack === undefined) return false;
      packs.add(pack.id);
    }
    if (entry.kind !== 'folder') return true;
    const key = toHex(content);
    if (!seen.has(key)) stack.push(content.slice());
    seen.add(key);
    return true;
  };
  for (const { entry } of snapshot.sources) if (!take(entry)) return null;
  for (let tree = stack.pop(); tree !== undefined; tree = stack.pop()) {
    signal?.throwIfAborted();
    try {
      for (const entry of (await openTree(index, tree, 'a folder')).entries) if (!take(entry)) return null;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return null;
    }
  }
  return packs;
}
