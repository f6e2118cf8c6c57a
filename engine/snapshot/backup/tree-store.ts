import { assert, type ChunkId, concatBytes } from '../../base/index.ts';
import { type Chunker, createChunker } from '../../chunk/index.ts';
import { deriveGearTable } from '../../crypto/index.ts';
import { encodeTree, type TreeEntry, type TreeHeader } from '../../format/index.ts';
import type { PieceChunk, Vault, VaultIndex } from '../../repository/index.ts';
import type { BundleInput } from './dispatch.ts';

/** Trees are small and many: this much of them is compressed and sealed together, so that browsing reads little. */
const treeBundleBytes = 256 * 1024;
const treeSlabBytes = 4 * 1024 * 1024;

export type TreeStore = {
  /** Returns the tree reference. */
  store(header: TreeHeader, entries: readonly TreeEntry[]): Uint8Array;
  flush(): void;
};

/** Cuts listings into chunks on the agent thread (they are its own decisions, not bytes of files) and hands bundles to the workers. */
export function createTreeStore(vault: Vault, index: VaultIndex, send: (bundle: BundleInput) => void): TreeStore {
  const chunker: Chunker = createChunker(vault.params.treeChunker, deriveGearTable(vault.keys.chunker), treeSlabBytes);
  let waiting: Uint8Array[] = [];
  let chunks: PieceChunk[] = [];
  let length = 0;

  const flush = (): void => {
    if (chunks.length === 0) return;
    send({ type: 'tree', chunks, bytes: concatBytes(waiting) });
    waiting = [];
    chunks = [];
    length = 0;
  };
  const take = (bytes: Uint8Array): ChunkId => {
    const id = vault.idOf(bytes);
    if (!index.table.claim(id)) return id;
    if (length + bytes.length > treeBundleBytes) flush();
    waiting.push(bytes.slice());
    chunks.push({ id, length: bytes.length });
    length += bytes.length;
    return id;
  };
  return {
    flush,
    store(header, entries) {
      const bytes = encodeTree(header, entries);
      if (bytes.length <= vault.params.treeChunker.min) return take(bytes).slice();
      const ids: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const loaded = Math.min(bytes.length - at, chunker.slab.length);
        chunker.slab.set(bytes.subarray(at, at + loaded));
        const final = at + loaded === bytes.length;
        let from = 0;
        while (from < loaded) {
          const end = chunker.cut(from, loaded, final);
          if (end === 0) break;
          ids.push(take(chunker.slab.subarray(from, end)));
          from = end;
        }
        assert(from > 0, 'a tree slab without a cut');
        at += from;
      }
      return concatBytes(ids);
    },
  };
}
