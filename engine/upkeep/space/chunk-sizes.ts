import { chunkIdBytes } from '../../base/index.ts';
import { decodeDirectory, keyOfPack } from '../../format/index.ts';
import { createChunkSlots, type KnownPack } from '../../repository/index.ts';

/** What each chunk takes, by its number. */
export type ChunkSizes = {
  /** Above all numbers. */
  readonly count: number;
  /** -1 where no pack has it. */
  numberOf(ids: Uint8Array, at: number): number;
  /** As in the file. */
  readonly plain: Uint32Array;
  /** Its share of the piece it lies in: of all chunks of a piece together exactly what the piece takes. */
  readonly stored: Uint32Array;
};

/** A chunk that stands in several packs counts once, as the first of them has it. */
export function chunkSizes(packs: readonly Pick<KnownPack, 'id' | 'encoded'>[]): ChunkSizes {
  const slots = createChunkSlots(packs.map(({ encoded }) => encoded));
  const plain = new Uint32Array(slots.count);
  const stored = new Uint32Array(slots.count);
  for (const { id, encoded } of packs) {
    // Decoded and dropped: all directories of a large vault at once would fill the memory.
    const directory = decodeDirectory(encoded, keyOfPack(id));
    for (let chunk = 0; chunk < directory.chunkCount; chunk++) {
      const slot = slots.find(directory.chunkIds, chunk * chunkIdBytes);
      if (plain[slot] !== 0) continue;
      const length = directory.chunkLength[chunk] ?? 0;
      const inner = directory.chunkInner[chunk] ?? 0;
      const piece = directory.chunkPiece[chunk] ?? 0;
      const raw = directory.pieceRaw[piece] ?? 0;
      const sealed = directory.pieceStored[piece] ?? 0;
      plain[slot] = length;
      // Rounded where it begins and where it ends, so that nothing of the piece is lost or counted twice.
      stored[slot] = Math.floor((sealed * (inner + length)) / raw) - Math.floor((sealed * inner) / raw);
    }
  }
  return { count: slots.count, numberOf: slots.find, plain, stored };
}
