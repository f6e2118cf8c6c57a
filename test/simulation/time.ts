import type { Clock } from '../../engine/base/index.ts';

/** Who sleeps: what is dead never wakes. */
export type Sleepers = { isAlive: boolean };

/** Time of a simulated world: it stands still while anything can be done, and then jumps to whoever wakes next. */
export type VirtualTime = {
  readonly monotonicMs: number;
  readonly wallMs: number;
  clockOf(life: Sleepers): Clock;
  /** Lets the world go on for so long. */
  advance(ms: number): Promise<void>;
  /** The person sets the clock, or the computer sleeps: the wall clock moves alone. */
  moveWall(ms: number): void;
};

type Sleeper = { readonly dueMs: number; readonly life: Sleepers; wake(): void };

/** No two readings of a real clock are the same. */
const readMs = 1e-6;

/** Promises of promises: what follows from one wake is over after this, for nothing waits for the real world. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

export function createTime(startWallMs: number): VirtualTime {
  let monotonicMs = 1_000_000;
  let aheadMs = startWallMs - monotonicMs;
  const sleepers = new Set<Sleeper>();

  const next = (endMs: number): Sleeper | null => {
    let first: Sleeper | null = null;
    for (const sleeper of sleepers) {
      if (!sleeper.life.isAlive) sleepers.delete(sleeper);
      else if (sleeper.dueMs <= endMs && (first === null || sleeper.dueMs < first.dueMs)) first = sleeper;
    }
    return first;
  };
  return {
    get monotonicMs() {
      return monotonicMs;
    },
    get wallMs() {
      return monotonicMs + aheadMs;
    },
    clockOf: (life) => ({
      now: () => monotonicMs + aheadMs,
      monotonic: () => (monotonicMs += readMs),
      sleep: (delayMs, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const sleeper = { dueMs: monotonicMs + Math.max(0, delayMs), life, wake: done };
          sleepers.add(sleeper);
          function done(): void {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abort);
            resolve();
          }
          function abort(): void {
            sleepers.delete(sleeper);
            reject(signal?.reason);
          }
          signal?.addEventListener('abort', abort, { once: true });
        }),
    }),
    async advance(ms) {
      const endMs = monotonicMs + ms;
      for (;;) {
        await settled();
        const sleeper = next(endMs);
        if (sleeper === null) break;
        monotonicMs = Math.max(monotonicMs, sleeper.dueMs);
        sleeper.wake();
      }
      monotonicMs = Math.max(monotonicMs, endMs);
    },
    moveWall(ms) {
      aheadMs += ms;
    },
  };
}
