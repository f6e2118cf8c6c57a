import type { PackId } from '../../base/index.ts';

/** A pack at a place, with when it was last read whole, or first seen where it never was. */
export type UnreadPack = {
  readonly pack: PackId;
  readonly bytes: number;
  /** Counts readings: the order rests on it and not on the clock. */
  readonly turn: number;
  readonly sinceMs: number;
};

/** How much to read. `due`: as much a day as reads everything within the promised time. */
export type Reach =
  | { readonly kind: 'due' }
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'all' };

const dayMs = 24 * 3600 * 1000;
/** Every byte at a place is read within so many days: disks and places go bad in months, not in days. */
export const readWithinDays = 100;
/** What a run reads at most because it is due: after a year without one, ten days catch up, and no single one is spoilt. */
const dueShareMost = 0.1;

/** The packs to read now, those not read for longest first, until there are enough of them. At least one, if there is any. */
export function chooseToRead(packs: readonly UnreadPack[], reach: Reach, nowMs: number): UnreadPack[] {
  const inTurn = [...packs].sort((left, right) => left.turn - right.turn || (left.pack < right.pack ? -1 : 1));
  if (reach.kind === 'all') return inTurn;
  const wanted = bytesOf(inTurn, reach, nowMs);
  const chosen: UnreadPack[] = [];
  let bytes = 0;
  for (const pack of inTurn) {
    // Less than asked for, and never more: who names a number of bytes pays for them.
    if (reach.kind === 'bytes' && chosen.length > 0 && bytes + pack.bytes > wanted) break;
    if (chosen.length > 0 && bytes >= wanted) break;
    chosen.push(pack);
    bytes += pack.bytes;
  }
  return chosen;
}

function bytesOf(inTurn: readonly UnreadPack[], reach: Exclude<Reach, { kind: 'all' }>, nowMs: number): number {
  if (reach.kind === 'bytes') return reach.bytes;
  const total = totalBytes(inTurn);
  if (reach.kind === 'share') return total * reach.share;
  return Math.min(dueBytes(inTurn, nowMs), total * dueShareMost);
}

/**
 * What must be read each day from now on so that no pack waits beyond its day: whatever stands before it, and itself, spread
 * over the days that it has left. Days that were missed are caught up evenly by all that follow.
 */
function dueBytes(inTurn: readonly UnreadPack[], nowMs: number): number {
  let before = 0;
  let most = 0;
  for (const { bytes, sinceMs } of inTurn) {
    before += bytes;
    // A time ahead of the clock says nothing; as if it were due.
    const daysUnread = sinceMs > nowMs + dayMs ? readWithinDays : (nowMs - sinceMs) / dayMs;
    most = Math.max(most, before / Math.max(1, Math.floor(readWithinDays - daysUnread)));
  }
  return most;
}

/** How far everything has been read, for people. */
export type Coverage = {
  readonly packs: number;
  readonly bytes: number;
  /** Of `bytes`: read whole within the promised time, and found whole. */
  readonly readBytes: number;
  /** When that was read which was not read for longest; null where something never was. */
  readonly oldestMs: number | null;
};

export type ReadPack = UnreadPack & { readonly state: 'seen' | 'whole' | 'damaged' };

export function coverageOf(packs: readonly ReadPack[], nowMs: number): Coverage {
  let readBytes = 0;
  let oldestMs: number | null = packs.length === 0 ? null : Number.POSITIVE_INFINITY;
  for (const { state, sinceMs, bytes } of packs) {
    if (state === 'whole' && nowMs - sinceMs <= readWithinDays * dayMs) readBytes += bytes;
    oldestMs = state === 'seen' || oldestMs === null ? null : Math.min(oldestMs, sinceMs);
  }
  return { packs: packs.length, bytes: totalBytes(packs), readBytes, oldestMs };
}

function totalBytes(packs: readonly { readonly bytes: number }[]): number {
  let total = 0;
  for (const { bytes } of packs) total += bytes;
  return total;
}
