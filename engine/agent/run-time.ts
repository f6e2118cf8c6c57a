import type { Schedule } from '../contract/index.ts';
import { promisedSeconds } from './promise.ts';

/** A change that comes just after a run has passed it waits for the end of that one and of the next. */
const sharePerRun = 1 / 3;
/** Opening, looking and publishing cost some seconds of each run, whatever it reads. */
const leastMs = 30_000;
/** However much later was promised: what is in no snapshot is read once more after a crash. */
const mostMs = 30 * 60_000;
const dayMs = 24 * 60 * 60_000;

/**
 * How long a run may read. Runs that got no further with what comes last have twice the time of the one before: so a big file
 * comes to its end too, whatever small ones are written meanwhile.
 */
export function readMsOf(schedule: Schedule, stuckRuns: number): number {
  const promisedMs = (promisedSeconds(schedule) ?? 0) * 1000;
  const usualMs = Math.max(leastMs, Math.min(promisedMs * sharePerRun, mostMs));
  return Math.min(usualMs * 2 ** stuckRuns, Math.max(usualMs, dayMs));
}
