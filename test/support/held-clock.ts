import type { Clock } from '../../engine/base/index.ts';

/** A clock that stands still, and whose sleepers wake when it is moved past their time. */
export type HeldClock = Clock & { advance(ms: number): Promise<void> };

type Sleeper = { readonly dueMs: number; wake(): void };

export function heldClock(): HeldClock {
  let nowMs = 1_000_000;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { dueMs: nowMs + delayMs, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const [next] = [...sleepers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        nowMs = next.dueMs;
        sleepers.delete(next);
        next.wake();
      }
      nowMs = endMs;
    },
  };
}

/** What promises had to do is done. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
