import { CofferError, chunkIdBytes, isCofferError } from '../../base/index.ts';
import type { FileEntry } from '../../format/index.ts';
import { idAt, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';
import { locate, notInSnapshot } from './locate.ts';

/** Hands over a file's bytes in order, chunk by chunk; `write` decides the pace. */
export async function readFile(
  index: VaultIndex,
  stored: StoredSnapshot,
  path: string,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const location = await locate(index, stored, path);
  if (location.kind === 'above' || location.found.entry.kind !== 'file') {
    throw new CofferError('usage', { detail: `${path} is not a file`, command: 'cat' });
  }
  const { entry } = location.found;
  // It could not be read when it was backed up.
  if (entry.content === null) throw notInSnapshot(stored.id, path);
  assertWhole(index, entry, entry.content, path);
  for (let chunk = 0; chunk < entry.content.length / chunkIdBytes; chunk++) {
    await write(await readChunkOf(index, entry.content, chunk, path));
  }
}

/** Before the first byte leaves: every chunk is known, and together they are as long as the file was. */
function assertWhole(index: VaultIndex, entry: FileEntry, content: Uint8Array, path: string): void {
  let length = 0;
  for (let chunk = 0; chunk < content.length / chunkIdBytes; chunk++) {
    const place = index.place(idAt(content, chunk));
    if (place === null) throw new CofferError('chunk.missing', { path });
    length += index.packs.get(place.pack)?.directory().chunkLength[place.chunk] ?? 0;
  }
  if (length === entry.size) return;
  throw new CofferError('object.damaged', { key: path, reason: `its pieces have ${length} bytes, not ${entry.size}` });
}

async function readChunkOf(index: VaultIndex, content: Uint8Array, chunk: number, path: string): Promise<Uint8Array> {
  try {
    return await index.readChunk(idAt(content, chunk));
  } catch (error) {
    if (!isCofferError(error, 'chunk.missing')) throw error;
    throw new CofferError('chunk.missing', { path }, error);
  }
}
