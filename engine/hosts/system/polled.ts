import type { Clock, Log } from '../../base/index.ts';
import type { Unsubscribe } from '../../contract/index.ts';

/** A figure of the system that has to be asked for again and again. */
export type Polled<Reading> = {
  read(): Reading;
  onChange(hear: () => void): Unsubscribe;
  /** No more is asked; what was read last stays. */
  stop(): void;
};

export type PolledOptions<Reading> = {
  readonly first: Reading;
  readonly everyMs: number;
  readonly ask: () => Promise<Reading> | Reading;
  readonly clock: Clock;
  readonly log: Log;
};

/** Asks at once and then every so often. What fails to answer leaves the last reading as it is. */
export function createPolled<Reading extends Readonly<Record<string, unknown>>>(
  options: PolledOptions<Reading>,
): Polled<Reading> {
  const { clock, log, ask, everyMs } = options;
  const hearers = new Set<() => void>();
  const stopping = new AbortController();
  let now = options.first;
  const askOnce = async (): Promise<void> => {
    try {
      const next = await ask();
      if (isSame(now, next)) return;
      now = next;
      for (const hear of hearers) hear();
    } catch (error) {
      log.warn('the system could not be asked', { error: String(error) });
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await askOnce();
      await clock.sleep(everyMs, stopping.signal).catch(() => {});
    }
  };
  void loop();
  return {
    read: () => now,
    onChange: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    stop: () => stopping.abort(),
  };
}

function isSame(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(left).every((key) => left[key] === right[key]);
}
