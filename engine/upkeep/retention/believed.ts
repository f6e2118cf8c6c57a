/** One entry of a device's log, and what the device's clock said. */
export type Timed = { readonly seq: number; readonly timeMs: number };

/**
 * Of the entries of one device's log, those whose times can be believed: the most that rise together. A clock that was ahead or
 * behind for a while disagrees with all that came before or after, and is outvoted. Taken from the whole log, also from
 * what is forgotten, so that letting snapshots go never changes whom to believe.
 */
export function believedSeqs(log: readonly Timed[]): Set<number> {
  /** At each length, the entry with the lowest time that a rising row of that length ends in. */
  const ends: number[] = [];
  const before = new Int32Array(log.length);
  for (const [at, { timeMs }] of log.entries()) {
    const length = firstAbove(ends, log, timeMs);
    before[at] = length === 0 ? -1 : (ends[length - 1] ?? -1);
    ends[length] = at;
  }
  const believed = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) believed.add(log[at]?.seq ?? 0);
  return believed;
}

function firstAbove(ends: readonly number[], log: readonly Timed[], timeMs: number): number {
  let from = 0;
  let to = ends.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((log[ends[middle] ?? 0]?.timeMs ?? 0) > timeMs) to = middle;
    else from = middle + 1;
  }
  return from;
}
