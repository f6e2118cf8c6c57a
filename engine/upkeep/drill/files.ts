import { CofferError, isCofferError, limits } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { FileEntry } from '../../format/index.ts';
import { isUnreadable, openTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';

/** A file that a snapshot has; its ids are a view into its folder's listing. */
export type SnapshotFile = { readonly path: string; readonly entry: FileEntry; readonly content: Uint8Array };

/** Every file of a snapshot that could be read when it was backed up. Damaged folders are told, and the rest goes on. */
export async function* filesOf(
  index: VaultIndex,
  { snapshot }: StoredSnapshot,
  hear: { damaged(path: string, code: string): void; readonly signal?: AbortSignal },
): AsyncGenerator<SnapshotFile> {
  type Step = { readonly path: string; readonly tree: Uint8Array; readonly depth: number };
  const stack: Step[] = [];
  for (const { path: bytes, entry } of snapshot.sources) {
    const path = nameFromBytes(bytes);
    if ((entry.kind !== 'folder' && entry.kind !== 'file') || entry.content === null) continue;
    if (entry.kind === 'file') yield { path, entry, content: entry.content };
    else stack.push({ path, tree: entry.content, depth: 0 });
  }
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    hear.signal?.throwIfAborted();
    const { path: folder, tree, depth } = step;
    try {
      if (depth > limits.pathDepth) throw new CofferError('object.damaged', { key: folder });
      for (const entry of (await openTree(index, tree, folder)).entries) {
        if ((entry.kind !== 'folder' && entry.kind !== 'file') || entry.content === null) continue;
        const path = joinPath(folder, nameFromBytes(entry.name));
        if (entry.kind === 'file') yield { path, entry, content: entry.content };
        // Copied out of its listing, which would stay in memory otherwise.
        else stack.push({ path, tree: entry.content.slice(), depth: depth + 1 });
      }
    } catch (error) {
      if (!isUnreadable(error) && !isCofferError(error, 'chunk.missing')) throw error;
      hear.damaged(folder, error.code);
    }
  }
}
