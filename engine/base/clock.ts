export type Time = { readonly seconds: number; readonly nanoseconds: number };

/** Time as a parameter: the only way to it. Nothing about safety may depend on `now`. */
export type Clock = {
  /** Milliseconds since 1970, as the person's clock shows it. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
};

export function timeOfMs(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanoseconds: Math.round((ms - seconds * 1000) * 1e6) % 1e9 };
}

export function msOfTime(time: Time): number {
  return time.seconds * 1000 + time.nanoseconds / 1e6;
}

/** The real clock; this file is the one adapter that may touch the globals. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(done, delayMs);
      function done(): void {
        signal?.removeEventListener('abort', abort);
        resolve();
      }
      function abort(): void {
        clearTimeout(timer);
        reject(signal?.reason);
      }
      signal?.addEventListener('abort', abort, { once: true });
    }),
};

/** Minutes by which local time is ahead of UTC at a moment of the wall clock, in the zone of this process. */
export const localOffsetMinutes = (wallMs: number): number => -new Date(wallMs).getTimezoneOffset();
