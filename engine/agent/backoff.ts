import { backoffCeilingMs } from '../storage/index.ts';
import type { LastRun } from './schedule/types.ts';

/** A drive that was just plugged in, a server that restarts: back within half a minute. */
const baseMs = 30_000;
/** Most trouble that lasts longer ends by something that happens; a try this often finds what does not tell. */
const capMs = 15 * 60_000;

/**
 * When to try again after runs that failed; null when the last one did not. Half of the wait is fixed, so that no draw makes
 * failures follow each other at once, and it is as long as the run took, so that what fails late does not run all the time.
 */
export function retryAtMs({ endedMs, tookMs, failedInARow, random }: LastRun): number | null {
  if (failedInARow === 0) return null;
  const ceilingMs = backoffCeilingMs(failedInARow, { baseMs, capMs });
  return endedMs + Math.max(ceilingMs * (0.5 + random / 2), Math.min(tookMs, capMs));
}
