import type { Clock } from '../base/index.ts';

/** Null when it takes longer. */
export async function inTime<Answer>(clock: Clock, mostMs: number, work: Promise<Answer>): Promise<Answer | null> {
  const over = new AbortController();
  const late = clock.sleep(mostMs, over.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
