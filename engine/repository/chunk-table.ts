import { assert, type ChunkId, chunkIdBytes } from '../base/index.ts';

/**
 * Which chunks the vault has, shared by all threads without messages.
 *
 * A table is a list of segments in shared memory; only the last one takes new ids, so it grows without moving anything.
 * A slot holds all 32 bytes of an id and a state. A worker *claims* an id that nobody has by compare-and-swap and must
 * then store it; everybody else counts on it. [Note: pending] A claim is pending until its pack is durable: the
 * coordinator publishes nothing before all packs are, and voids the claims of a pack that failed.
 *
 * states:  0 empty · 1 being written · 2 void (claimed, but its pack failed) · 3 pending, pack not chosen · 4 + n: in pack n
 */
const empty = 0;
const writing = 1;
const voided = 2;
const pending = 3;
const firstPack = 4;

/** The first segment serves a small vault; no later one is larger than 40 MB, so that growing is never felt. */
const slotsMin = 1 << 16;
const slotsMax = 1 << 20;
/** Above this share of full slots the probe chains grow long. */
const fullShare = 0.6;
/** For chunks whose number is known before: they need no room for more, and their chains are mostly walked to a hit. */
const knownShare = 0.75;

export type TableSegment = { readonly states: Int32Array; readonly ids: Uint8Array; readonly count: Int32Array };
/** A slot's address: segment number × 2²⁰ + slot. */
export type SlotRef = number;

export type ChunkTable = {
  /** For other threads: `shareChunkTable` there makes the same table of it. */
  readonly segments: TableSegment[];
  /** -1 where the id is unknown. */
  find(id: Uint8Array, at?: number): SlotRef;
  has(id: Uint8Array, at?: number): boolean;
  /** True when the caller now owes this chunk to the vault; false when somebody has it or owes it. */
  claim(id: Uint8Array, at?: number): boolean;
  /** Records a chunk that is in a pack already. */
  add(id: Uint8Array, at: number, pack: number): void;
  placeIn(id: Uint8Array, at: number, pack: number): void;
  void(id: Uint8Array, at: number): void;
  /** The pack's number, or -1 while pending or void. */
  packOf(ref: SlotRef): number;
  /** A new segment when the last one fills up; the caller tells the other threads. Called by the owner only. */
  growIfNeeded(): TableSegment | null;
  /** The same while the table is filled with what is known, of which so much is left. */
  growFor(chunks: number): void;
};

function createSegment(slots: number): TableSegment {
  const states = new Int32Array(new SharedArrayBuffer(slots * 4));
  const ids = new Uint8Array(new SharedArrayBuffer(slots * chunkIdBytes));
  return { states, ids, count: new Int32Array(new SharedArrayBuffer(4)) };
}

function slotsFor(chunks: number): number {
  let slots = slotsMin;
  while (slots * fullShare < chunks && slots < slotsMax) slots *= 2;
  return slots;
}

export function createChunkTable(expectedChunks = 0): ChunkTable {
  return shareChunkTable([createSegment(slotsFor(expectedChunks))]);
}

export function shareChunkTable(segments: TableSegment[]): ChunkTable {
  const words = segments.map((segment) => new Int32Array(segment.ids.buffer));
  const wordsOf = (number: number): Int32Array =>
    (words[number] ??= new Int32Array(segmentAt(segments, number).ids.buffer));

  /** Walks the probe chain: the slot with this id, or ~slot of the first empty one, or `none` when the segment is full. */
  const probe = (number: number, id: Uint8Array, at: number): number => {
    const { states } = segmentAt(segments, number);
    const idWords = wordsOf(number);
    const mask = states.length - 1;
    const first = word(id, at);
    let slot = first & mask;
    for (let step = 0; step <= mask; step++) {
      let state = Atomics.load(states, slot);
      if (state === empty) return ~slot;
      while (state === writing) state = Atomics.load(states, slot); // a few stores long
      if (idWords[slot * 8] === first && sameId(idWords, slot * 8, id, at)) return slot;
      slot = (slot + 1) & mask;
    }
    return none;
  };
  const find = (id: Uint8Array, at = 0): SlotRef => {
    for (let number = segments.length - 1; number >= 0; number--) {
      const slot = probe(number, id, at);
      if (slot >= 0 && slot !== none) return number * slotsMax + slot;
    }
    return -1;
  };
  const stateOf = (ref: SlotRef): number =>
    Atomics.load(segmentAt(segments, Math.floor(ref / slotsMax)).states, ref % slotsMax);
  const setState = (ref: SlotRef, state: number): void => {
    Atomics.store(segmentAt(segments, Math.floor(ref / slotsMax)).states, ref % slotsMax, state);
  };
  /** Takes a void slot over, or writes a new one; false when another thread was faster. */
  const insert = (id: Uint8Array, at: number, state: number): boolean => {
    const last = segments.length - 1;
    const { states, ids, count } = segmentAt(segments, last);
    for (;;) {
      const slot = probe(last, id, at);
      if (slot === none) return true; // full: storing a chunk twice is only waste
      if (slot >= 0) return Atomics.compareExchange(states, slot, voided, state) === voided;
      if (Atomics.compareExchange(states, ~slot, empty, writing) !== empty) continue;
      ids.set(at === 0 && id.length === chunkIdBytes ? id : id.subarray(at, at + chunkIdBytes), ~slot * chunkIdBytes);
      Atomics.store(states, ~slot, state);
      Atomics.add(count, 0, 1);
      return true;
    }
  };
  const known = (id: Uint8Array, at: number): SlotRef => {
    const ref = find(id, at);
    assert(ref >= 0, 'a chunk that was never claimed');
    return ref;
  };
  return {
    segments,
    find,
    has: (id, at = 0) => {
      const ref = find(id, at);
      return ref >= 0 && stateOf(ref) !== voided;
    },
    claim: (id, at = 0) => {
      const ref = find(id, at);
      if (ref < 0) return insert(id, at, pending);
      const { states } = segmentAt(segments, Math.floor(ref / slotsMax));
      return Atomics.compareExchange(states, ref % slotsMax, voided, pending) === voided;
    },
    add: (id, at, pack) => {
      const ref = find(id, at);
      if (ref < 0) insert(id, at, firstPack + pack);
      else if (stateOf(ref) < firstPack) setState(ref, firstPack + pack);
    },
    placeIn: (id, at, pack) => setState(known(id, at), firstPack + pack),
    void: (id, at) => setState(known(id, at), voided),
    packOf: (ref) => Math.max(stateOf(ref) - firstPack, -1),
    growIfNeeded: () => {
      const last = segmentAt(segments, segments.length - 1);
      if (Atomics.load(last.count, 0) < last.states.length * fullShare) return null;
      const grown = createSegment(Math.min(last.states.length * 2, slotsMax));
      segments.push(grown);
      return grown;
    },
    growFor: (chunks) => {
      const last = segmentAt(segments, segments.length - 1);
      if (Atomics.load(last.count, 0) >= last.states.length * knownShare)
        segments.push(createSegment(slotsFor(chunks)));
    },
  };
}

const none = 0x7fffffff;

function segmentAt(segments: readonly TableSegment[], number: number): TableSegment {
  const segment = segments[number];
  assert(segment !== undefined, 'no such segment');
  return segment;
}

/** Ids are keyed hashes, so their own bytes spread evenly and no one outside can aim them. */
function word(id: Uint8Array, at: number): number {
  return (id[at] ?? 0) | ((id[at + 1] ?? 0) << 8) | ((id[at + 2] ?? 0) << 16) | ((id[at + 3] ?? 0) << 24);
}

function sameId(words: Int32Array, slotWord: number, id: Uint8Array, at: number): boolean {
  for (let index = 1; index < 8; index++) {
    if (words[slotWord + index] !== word(id, at + index * 4)) return false;
  }
  return true;
}

/** Type only: an id inside a larger run of ids. */
export function idAt(ids: Uint8Array, number: number): ChunkId {
  return ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes) as ChunkId; // length is right by construction
}
