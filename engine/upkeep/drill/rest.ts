import type { Clock } from '../../base/index.ts';

/** Lets others have their turn on this thread: a face that asks, a person who stops. */
export type Rest = { take(): Promise<void> | null };

/** As long as nobody notices. */
const workMs = 25;

/** Null while it is not yet time: to wait for nothing would cost more than most of the work between. */
export function createRest(clock: Clock, signal?: AbortSignal): Rest {
  let since = clock.monotonic();
  return {
    take() {
      if (clock.monotonic() - since < workMs) return null;
      return clock.sleep(0, signal).then(() => {
        since = clock.monotonic();
      });
    },
  };
}
