import { chunkIdBytes, viewOf } from '../base/index.ts';

/** A pack's number, and its directory as it stands in packs and indexes. */
type Described = { readonly number: number; readonly encoded: Uint8Array };

/** Above this share of full slots the chains grow long. */
const fullShare = 0.75;

/** Every chunk that packs have, each once, under the number of its slot. */
export type ChunkSlots = {
  /** Above all numbers. */
  readonly count: number;
  /** -1 where no pack has it. */
  find(ids: Uint8Array, at: number): number;
  /** Place in the list of the pack that counts. */
  packAt(slot: number): number;
};

/**
 * Points into the directories, which are in memory anyway, instead of holding ids of its own: 11 bytes a chunk, a fifth of what
 * the table takes that all threads of a backup share. Of several packs that have a chunk the first one counts.
 */
export function createChunkSlots(directories: readonly Uint8Array[]): ChunkSlots {
  let chunks = 0;
  for (const encoded of directories) chunks += Math.floor(encoded.length / (chunkIdBytes + 4));
  const count = Math.ceil(chunks / fullShare) + 1;
  /** 1 + the pack's place; 0: empty. */
  const owner = new Uint32Array(count);
  const offset = new Uint32Array(count);

  const slotOf = (ids: Uint8Array, at: number): number => {
    let slot = firstWord(ids, at) % count;
    for (;;) {
      const encoded = directories[(owner[slot] ?? 0) - 1];
      if (encoded === undefined || sameId(encoded, offset[slot] ?? 0, ids, at)) return slot;
      slot = slot + 1 === count ? 0 : slot + 1;
    }
  };
  for (const [place, encoded] of directories.entries()) {
    forEachId(encoded, (at) => {
      const slot = slotOf(encoded, at);
      if (owner[slot] !== 0) return;
      owner[slot] = place + 1;
      offset[slot] = at;
    });
  }
  return {
    count,
    find: (ids, at) => {
      const slot = slotOf(ids, at);
      return owner[slot] === 0 ? -1 : slot;
    },
    packAt: (slot) => (owner[slot] ?? 0) - 1,
  };
}

/** The number of the pack that has a chunk, for those who only read; -1 where none has it. */
export function createLookup(packs: readonly Described[]): (ids: Uint8Array, at: number) => number {
  const slots = createChunkSlots(packs.map(({ encoded }) => encoded));
  return (ids, at) => packs[slots.packAt(slots.find(ids, at))]?.number ?? -1;
}

/** Offsets of the ids in encoded directory bytes, whose shape was checked when they were read or written. */
export function forEachId(encoded: Uint8Array, visit: (at: number) => void): void {
  const view = viewOf(encoded);
  let at = 4;
  for (let pieces = view.getUint32(0, true); pieces > 0; pieces--) {
    const chunks = view.getUint32(at + 12, true);
    at += 16;
    for (let chunk = 0; chunk < chunks; chunk++, at += chunkIdBytes + 4) visit(at);
  }
}

/** Ids are keyed hashes, so their own bytes spread evenly and no one outside can aim them. */
export function firstWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

export function sameId(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): boolean {
  for (let byte = 0; byte < chunkIdBytes; byte++) {
    if (left[leftAt + byte] !== right[rightAt + byte]) return false;
  }
  return true;
}
