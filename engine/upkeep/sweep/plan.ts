import { hashBytes } from '../../format/index.ts';
import type { PackBits } from './pack-bits.ts';
import type { PackList } from './pack-list.ts';

/** Nothing is deleted sooner after its mark: so long can a person, or a computer that was asleep, object. */
export const graceDaysLeast = 30;

/** Of all bytes at the place, what one sweep deletes unless a person asks for all: a mistake of ours must not be quick. */
export const shareMost = 0.05;

/** What is known of the packs that a place lists. */
export type SweepFacts = {
  readonly list: PackList;
  /** By snapshots that are shown. */
  readonly needed: PackBits;
  /** Also by forgotten ones that may still come back. */
  readonly kept: PackBits;
  /** By any snapshot at all: these are not of a run that is still under way. */
  readonly named: PackBits;
  readonly marks: readonly { readonly packs: Uint8Array; readonly ageMs: number }[];
  /** How long this installation has known a pack that no snapshot names. */
  readonly unnamedAgeMs: (pack: number) => number;
};

export type SweepRules = {
  readonly graceMs: number;
  /** Deletes no more than this; one pack always goes, or a small vault would never get ahead. */
  readonly mostBytes: number;
};

export type Amount = { readonly packs: number; readonly bytes: number };

export type SweepPlan = {
  /** Numbers of packs to mark now. */
  readonly mark: Uint32Array;
  /** Numbers of packs to delete now. */
  readonly remove: Uint32Array;
  readonly amounts: {
    readonly marking: Amount;
    readonly removing: Amount;
    /** Marked, in their grace. */
    readonly waiting: Amount;
    /** Their grace is over, and this run has deleted enough. */
    readonly later: Amount;
    /** Marked, and needed after all. */
    readonly spared: Amount;
    /** In no snapshot, but so young that a run may still be writing them. */
    readonly young: Amount;
  };
  /** Until the next of those that wait may go; null: none waits. */
  readonly nextInMs: number | null;
};

/**
 * What a sweep does with each pack. Pure.
 *
 *     needed by a snapshot that is shown             stays
 *     not marked, named by a forgotten snapshot      mark
 *     not marked, named by none                      mark once it is known for longer than a run should take
 *     marked for less than the grace                 stays
 *     needed by one that may still come back         stays
 *     else                                           delete, up to a share of the place
 */
export function planSweep(facts: SweepFacts, { graceMs, mostBytes }: SweepRules): SweepPlan {
  const { list, needed, kept, named, unnamedAgeMs } = facts;
  const markedFor = agesOfMarks(facts);
  const mark = createPick(list);
  const remove = createPick(list);
  const waiting = createPick(list);
  const later = createPick(list);
  const spared = createPick(list);
  const young = createPick(list);
  let nextInMs: number | null = null;
  for (let pack = 0; pack < list.count; pack++) {
    const age = markedFor[pack] ?? notMarked;
    if (needed.has(pack)) {
      if (age !== notMarked) spared.add(pack);
    } else if (age === notMarked) {
      if (named.has(pack) || unnamedAgeMs(pack) >= graceMs) mark.add(pack);
      else young.add(pack);
    } else if (age < graceMs || kept.has(pack)) {
      waiting.add(pack);
      if (age < graceMs) nextInMs = Math.min(nextInMs ?? Number.POSITIVE_INFINITY, graceMs - age);
    } else if (remove.amount.packs === 0 || remove.amount.bytes + (list.sizes[pack] ?? 0) <= mostBytes) {
      remove.add(pack);
    } else {
      later.add(pack);
    }
  }
  return {
    mark: mark.numbers(),
    remove: remove.numbers(),
    amounts: {
      marking: mark.amount,
      removing: remove.amount,
      waiting: waiting.amount,
      later: later.amount,
      spared: spared.amount,
      young: young.amount,
    },
    nextInMs,
  };
}

const notMarked = -1;

/** For how long each pack is marked; the longest mark counts. */
function agesOfMarks({ list, marks }: SweepFacts): Float64Array {
  const ages = new Float64Array(list.count).fill(notMarked);
  for (const { packs, ageMs } of marks) {
    for (let at = 0; at < packs.length; at += hashBytes) {
      const pack = list.find(packs, at);
      if (pack >= 0) ages[pack] = Math.max(ages[pack] ?? notMarked, ageMs);
    }
  }
  return ages;
}

function createPick({ sizes }: PackList) {
  let chosen = new Uint32Array(64);
  const amount = { packs: 0, bytes: 0 };
  return {
    amount,
    add(pack: number): void {
      if (amount.packs === chosen.length) {
        const more = new Uint32Array(chosen.length * 2);
        more.set(chosen);
        chosen = more;
      }
      chosen[amount.packs++] = pack;
      amount.bytes += sizes[pack] ?? 0;
    },
    numbers: () => chosen.slice(0, amount.packs),
  };
}
