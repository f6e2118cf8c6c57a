import { concatBytes, fromHex, type PackId, packId, toHex, viewOf } from '../base/index.ts';
import { hashBytes } from '../format/index.ts';
import type { LocalState } from './local-state.ts';

/** `seen`: there, and never read whole. */
export type ReadingState = 'seen' | 'whole' | 'damaged';

/** When this installation last read a pack whole at this place, or first saw it, and what it found. */
export type Reading = {
  readonly state: ReadingState;
  /** Counts checks: clocks are set, and what comes before what must not depend on them. */
  readonly turn: number;
  /** By the wall clock, for people and for the pace of reading. */
  readonly atMs: number;
};

/** Local knowledge only; losing it means that everything is read again in turn. */
export type Readings = {
  of(pack: PackId): Reading | null;
  /** A pack that is new here takes its place behind all others. */
  see(pack: PackId, atMs: number): void;
  note(pack: PackId, state: 'whole' | 'damaged', atMs: number): void;
  /** Packs that are gone are forgotten. */
  save(present: ReadonlySet<PackId>): void;
};

const file = 'verified';
const version = 1;
const states: readonly ReadingState[] = ['seen', 'whole', 'damaged'];
/** Hash, state, turn, time. */
const recordBytes = hashBytes + 1 + 4 + 8;

export function createReadings(local: LocalState): Readings {
  const last = decode(local.read(file));
  let newest = 0;
  for (const { turn } of last.values()) newest = Math.max(newest, turn);
  return {
    of: (pack) => last.get(pack) ?? null,
    see(pack, atMs) {
      if (!last.has(pack)) last.set(pack, { state: 'seen', turn: newest + 1, atMs });
    },
    // Behind what was seen in the same turn: that is still to be read.
    note: (pack, state, atMs) => void last.set(pack, { state, turn: newest + 2, atMs }),
    save: (present) => local.write(file, encode([...last].filter(([pack]) => present.has(pack)))),
  };
}

/** Packs that were not read whole for longest, until they hold `share` of all bytes; those never read come first. */
export function longestUnread<Pack extends { readonly id: PackId; readonly length: number }>(
  packs: readonly Pack[],
  readings: Readings,
  share: number,
): Pack[] {
  const turnOf = ({ id }: Pack): number => {
    const reading = readings.of(id);
    return reading === null || reading.state === 'seen' ? 0 : reading.turn;
  };
  const inTurn = [...packs].sort((left, right) => turnOf(left) - turnOf(right) || (left.id < right.id ? -1 : 1));
  let total = 0;
  for (const { length } of packs) total += length;
  const chosen: Pack[] = [];
  let bytes = 0;
  for (const pack of inTurn) {
    if (bytes >= total * share) break;
    chosen.push(pack);
    bytes += pack.length;
  }
  return chosen;
}

function encode(readings: readonly (readonly [PackId, Reading])[]): Uint8Array {
  const bytes = new Uint8Array(readings.length * recordBytes);
  const view = viewOf(bytes);
  for (const [index, [pack, { state, turn, atMs }]] of readings.entries()) {
    const at = index * recordBytes;
    bytes.set(fromHex(pack), at);
    view.setUint8(at + hashBytes, states.indexOf(state));
    view.setUint32(at + hashBytes + 1, turn, true);
    view.setFloat64(at + hashBytes + 5, atMs, true);
  }
  return concatBytes([Uint8Array.of(version), bytes]);
}

function decode(file: Uint8Array | null): Map<PackId, Reading> {
  const readings = new Map<PackId, Reading>();
  if (file === null || file[0] !== version || (file.length - 1) % recordBytes !== 0) return readings;
  const bytes = file.subarray(1);
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += recordBytes) {
    const state = states[view.getUint8(at + hashBytes)] ?? 'seen';
    const turn = view.getUint32(at + hashBytes + 1, true);
    const atMs = view.getFloat64(at + hashBytes + 5, true);
    readings.set(packId(toHex(bytes.subarray(at, at + hashBytes))), { state, turn, atMs });
  }
  return readings;
}
