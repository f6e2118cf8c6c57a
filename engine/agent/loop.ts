import type { Clock } from '../base/index.ts';

/**
 * The agent's pulse: looks at everything, sleeps until the next look is due or something happens, looks again.
 *
 *     step ─► sleep until what it answered, at most a tick ─► nudged, or time is up ─► has the computer slept? ─► step
 */
export type Loop = {
  /** Something happened: look soon. */
  nudge(): void;
  /** Resolves when no step runs any more. */
  close(): Promise<void>;
  /** Rejects when a step failed, which is a fault of ours; resolves when the loop was closed. */
  readonly ended: Promise<void>;
};

export type LoopOptions = {
  readonly clock: Clock;
  /** The longest sleep. */
  readonly tickMs: number;
  /** Answers the monotonic time of the next look, or null when only something that happens can bring news. */
  readonly step: (wake: { readonly woke: boolean }) => Promise<number | null>;
};

/**
 * A sleep that lasted so much longer than asked, or over which the two clocks parted by so much, means that the computer
 * (or this process) stood still. The monotonic clock stops while a computer sleeps, and goes on while a process is stopped.
 */
const standstillMs = 5_000;
/** Why a sleep was broken off: said, so that no error with a stack is made for each. */
const woken = 'woken';
/** Events come in crowds; each crowd is looked at once. */
const lookEveryMs = 20;

export function startLoop({ clock, tickMs, step }: LoopOptions): Loop {
  const stop = new AbortController();
  /** Of the sleep under way. A signal made of several would keep each loop that was never closed, and all it knows, alive. */
  let resting = new AbortController();
  let nudged = Promise.withResolvers<void>();

  const rest = async (untilMs: number | null): Promise<boolean> => {
    const before = { monotonic: clock.monotonic(), wall: clock.now() };
    const askedMs = Math.max(lookEveryMs, Math.min(tickMs, (untilMs ?? Number.POSITIVE_INFINITY) - before.monotonic));
    resting = new AbortController();
    if (stop.signal.aborted) resting.abort(woken);
    await Promise.race([nudged.promise, clock.sleep(askedMs, resting.signal).catch(() => {})]);
    resting.abort(woken);
    // Counted too: whoever stands still does so at any moment.
    if (!stop.signal.aborted) await clock.sleep(lookEveryMs, stop.signal).catch(() => {});
    const tookMs = clock.monotonic() - before.monotonic;
    const partedMs = Math.abs(clock.now() - before.wall - tookMs);
    return tookMs > askedMs + standstillMs || partedMs > standstillMs;
  };
  const run = async (): Promise<void> => {
    for (let woke = false; !stop.signal.aborted; ) {
      nudged = Promise.withResolvers();
      const untilMs = await step({ woke });
      woke = await rest(untilMs);
    }
  };
  const ended = run();
  return {
    nudge: () => nudged.resolve(),
    async close() {
      stop.abort();
      resting.abort(woken);
      nudged.resolve();
      await ended;
    },
    ended,
  };
}
