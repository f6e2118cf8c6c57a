import type { Exposure } from '../contract/index.ts';

/** What was noticed to change between the beginnings of two runs. Times are monotonic. */
export type ChangeSet = {
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly files: number;
  readonly bytes: number;
};

/** The beginning of the last run that was confirmed at a place, monotonic; null when there is none in this process. */
export type ConfirmedRun = { readonly beganMs: number } | null;

/**
 * What would be lost if the computer were lost now: the changes that no place has. A run has what changed before it began; a
 * set that reaches past its beginning counts whole, because nobody knows which of its files were read in time.
 *
 * A place that is behind the others loses nothing by itself, and says so in its own state.
 */
export function exposureOf(
  sets: readonly ChangeSet[],
  confirmed: readonly ConfirmedRun[],
  monotonicMs: number,
): Exposure {
  const savedUntilMs = Math.max(...confirmed.map((run) => run?.beganMs ?? Number.NEGATIVE_INFINITY));
  const exposed = sets.filter(({ newestMs }) => newestMs >= savedUntilMs);
  const oldestMs = Math.min(monotonicMs, ...exposed.map((set) => set.oldestMs));
  return {
    files: exposed.reduce((sum, { files }) => sum + files, 0),
    bytes: exposed.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: (monotonicMs - oldestMs) / 1000,
  };
}
