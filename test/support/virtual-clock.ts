import type { Clock } from '../../engine/base/index.ts';
import { createTime } from '../simulation/time.ts';

/** A stretch of time after which it is seen whether the work is done. */
const stepMs = 250;

export type InTime<T> = { readonly result: T; readonly tookMs: number };

/**
 * Does work that sleeps on a clock of its own: time stands still while anything can be done, and then jumps. Not for work
 * that waits for the real world.
 */
export async function inVirtualTime<T>(work: (clock: Clock) => Promise<T>): Promise<InTime<T>> {
  const time = createTime(1_700_000_000_000);
  const startMs = time.monotonicMs;
  let end: { readonly tookMs: number } | null = null;
  const ended = (): void => {
    end = { tookMs: time.monotonicMs - startMs };
  };
  const working = work(time.clockOf({ isAlive: true })).finally(ended);
  working.catch(() => {}); // awaited below
  while (end === null) await time.advance(stepMs);
  return { result: await working, tookMs: (end as { readonly tookMs: number }).tookMs };
}
