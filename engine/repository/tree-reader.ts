import { CofferError, chunkIdBytes, concatBytes, limits } from '../base/index.ts';
import { decodeTree, readTree, type Tree, type TreeReading } from '../format/index.ts';
import { idAt } from './chunk-table.ts';
import type { VaultIndex } from './vault-index.ts';

/** The bytes of a folder's listing. `name` says which folder, for errors. */
async function readTreeBytes(index: VaultIndex, tree: Uint8Array, name: string): Promise<Uint8Array> {
  const count = tree.length / chunkIdBytes;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    const bytes = await index.readChunk(idAt(tree, chunk));
    length += bytes.length;
    // A stranger's vault may repeat one chunk without end.
    if (length > limits.treeBytes) throw new CofferError('object.damaged', { key: name, reason: 'it is too large' });
    chunks.push(bytes);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : concatBytes(chunks);
}

/** A folder's listing from its tree reference. */
export async function loadTree(index: VaultIndex, tree: Uint8Array, name: string): Promise<Tree> {
  return decodeTree(await readTreeBytes(index, tree, name), name);
}

/** The same, entry by entry. */
export async function openTree(index: VaultIndex, tree: Uint8Array, name: string): Promise<TreeReading> {
  return readTree(await readTreeBytes(index, tree, name), name);
}
