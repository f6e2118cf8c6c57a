import { type Clock, limits } from '../../base/index.ts';

export type ReadingTime = {
  readonly readMs: number;
  /** Since reading began. */
  readonly passedMs: number;
  /** Of packs that are sealed and on their way to the place. */
  readonly waitingBytes: number;
  /** Of those that have arrived. */
  readonly storedBytes: number;
  /** Bytes per second at which packs arrived in runs before; null where nothing tells. */
  readonly usualRate: number | null;
};

/** Before so much of the time has passed, what has arrived says little of how fast the place is. */
const knownAfter = 0.25;

/**
 * Whether no more may be read in this run: the time is over, or it will be when what is sealed by now has reached the place.
 * A slow line would else go on for long after the last file was read.
 */
export function isTimeUp(time: ReadingTime): boolean {
  const { readMs, passedMs, waitingBytes } = time;
  if (passedMs >= readMs) return true;
  return waitingBytes > 0 && passedMs + (waitingBytes / rateOf(time)) * 1000 >= readMs;
}

/** Bytes per second, by this run once it can tell, else as they were before. */
function rateOf({ readMs, passedMs, storedBytes, usualRate }: ReadingTime): number {
  const usual = usualRate ?? Number.POSITIVE_INFINITY;
  if (passedMs < knownAfter * readMs) return usual;
  if (storedBytes > 0) return (storedBytes / passedMs) * 1000;
  // Not even one pack has arrived.
  return Math.min(usual, (limits.packBytes / passedMs) * 1000);
}

/** The time of one pass; it begins to count when it is first asked for. */
export function createReadingTime(
  clock: Pick<Clock, 'monotonic'>,
  readMs: number,
  arrivals: () => Pick<ReadingTime, 'waitingBytes' | 'storedBytes' | 'usualRate'>,
): () => boolean {
  let beganMs: number | null = null;
  return () => {
    beganMs ??= clock.monotonic();
    return isTimeUp({ readMs, passedMs: clock.monotonic() - beganMs, ...arrivals() });
  };
}
