import type { Clock } from '../../base/index.ts';

export type ReadingTime = {
  readonly readMs: number;
  /** Since reading began. */
  readonly passedMs: number;
  /** Of packs that are sealed and on their way to the place. */
  readonly waitingBytes: number;
  /** Of those that have arrived. */
  readonly storedBytes: number;
};

/** Before so much of the time has passed, what has arrived says little of how fast the place is. */
const knownAfter = 0.25;

/**
 * Whether no more may be read in this run: the time is over, or it will be when what is sealed by now has reached the place.
 * A slow line would else go on for long after the last file was read.
 */
export function isTimeUp({ readMs, passedMs, waitingBytes, storedBytes }: ReadingTime): boolean {
  if (passedMs >= readMs) return true;
  if (passedMs < knownAfter * readMs || waitingBytes === 0) return false;
  // Where nothing has arrived yet, nothing is known: what is sealed is limited elsewhere.
  return storedBytes > 0 && passedMs + (waitingBytes / storedBytes) * passedMs >= readMs;
}

/** The time of one pass; it begins to count when it is first asked for. */
export function createReadingTime(
  clock: Pick<Clock, 'monotonic'>,
  readMs: number,
  arrivals: () => Pick<ReadingTime, 'waitingBytes' | 'storedBytes'>,
): () => boolean {
  let beganMs: number | null = null;
  return () => {
    beganMs ??= clock.monotonic();
    return isTimeUp({ readMs, passedMs: clock.monotonic() - beganMs, ...arrivals() });
  };
}
