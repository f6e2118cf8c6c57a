import type { Clock } from '../../engine/base/index.ts';

/** A clock that stands still until somebody sleeps or moves it. */
export type TestClock = Clock & { advance(ms: number): void };

/** Starts a minute ahead, so that files which a test has just written do not count as still changing. */
export function testClock(startMs = Date.now() + 60_000): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    async sleep(delayMs, signal) {
      signal?.throwIfAborted();
      nowMs += delayMs;
    },
  };
}
