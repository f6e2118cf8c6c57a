import { chunkIdBytes, limits, type PackId } from '../../base/index.ts';
import { decodeDirectory, keyOfPack, type PackDirectory } from '../../format/index.ts';
import { firstWord, sameId } from '../../repository/index.ts';

/** A pack's directory with a way from an id to its chunk. */
export type ChunkFinder = {
  readonly directory: PackDirectory;
  /** Number of the chunk, -1 where the pack does not have it. */
  find(ids: Uint8Array, at: number): number;
};

export type EncodedPack = { readonly id: PackId; readonly directory: Uint8Array };

/** Ids are keyed hashes: their first word spreads evenly over a table twice as large. */
export function createChunkFinder(pack: EncodedPack): ChunkFinder {
  const directory = decodeDirectory(pack.directory, keyOfPack(pack.id));
  const { chunkIds, chunkCount } = directory;
  let slots = 4;
  while (slots < chunkCount * 2) slots *= 2;
  const table = new Int32Array(slots).fill(-1);
  const mask = slots - 1;
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    let slot = firstWord(chunkIds, chunk * chunkIdBytes) & mask;
    while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
    table[slot] = chunk;
  }
  return {
    directory,
    find(ids, at) {
      let slot = firstWord(ids, at) & mask;
      for (;;) {
        const chunk = table[slot] ?? -1;
        if (chunk < 0 || sameId(chunkIds, chunk * chunkIdBytes, ids, at)) return chunk;
        slot = (slot + 1) & mask;
      }
    },
  };
}

/** Of packs of tiny files, which name many chunks, fewer are kept: 70 bytes are held for each chunk. */
const chunksKept = 8 * limits.packChunks;

/** The last few packs that were asked for: neighbours in a tree are neighbours in packs. */
export function createFinders(kept: number): (pack: EncodedPack) => ChunkFinder {
  const finders = new Map<PackId, ChunkFinder>();
  let chunks = 0;
  return (pack) => {
    const known = finders.get(pack.id);
    if (known !== undefined) {
      finders.delete(pack.id);
      finders.set(pack.id, known);
      return known;
    }
    const finder = createChunkFinder(pack);
    finders.set(pack.id, finder);
    chunks += finder.directory.chunkCount;
    for (const [id, { directory }] of finders) {
      if (finders.size <= kept && chunks <= chunksKept) break;
      if (id === pack.id) break;
      finders.delete(id);
      chunks -= directory.chunkCount;
    }
    return finder;
  };
}
