import type { Clock } from '../../base/index.ts';
import type { Store } from '../port.ts';

export type ThrottleOptions = {
  /** Null where nothing limits it now. Asked again and again: a change counts within a second. */
  readonly bytesPerSecond: () => number | null;
  readonly clock: Clock;
  /** Bytes of a file that is to be adopted. */
  readonly sizeOf: (path: string) => number;
};

/** Tokens of a bucket at a moment; below zero is what has been taken in advance. */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** A second's worth may go at once after a rest. */
const burstSeconds = 1;
/** Sleeps are no longer, so that another rate is heard of. */
const lookAgainMs = 1_000;

/** The bucket at a later moment. A clock that went back earns nothing and costs nothing. */
export function filled(bucket: Bucket, nowMs: number, bytesPerSecond: number): Bucket {
  const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * bytesPerSecond;
  return { tokens: Math.min(burstSeconds * bytesPerSecond, bucket.tokens + earned), atMs: nowMs };
}

/**
 * Keeps the average of the bytes that are sent below a rate. Whole objects are counted, not what is on the wire: one may be
 * larger than the bucket; it goes at full speed when the bucket is out of debt, and those after it wait for what it took.
 * What is fetched is not held back: people wait for it.
 */
export function withThrottle(store: Store, { bytesPerSecond, clock, sizeOf }: ThrottleOptions): Store {
  let bucket: Bucket = { tokens: 0, atMs: clock.monotonic() };

  const pay = async (bytes: number, signal: AbortSignal | undefined): Promise<void> => {
    for (;;) {
      const rate = bytesPerSecond();
      if (rate === null) {
        bucket = { tokens: 0, atMs: clock.monotonic() };
        return;
      }
      bucket = filled(bucket, clock.monotonic(), rate);
      if (bucket.tokens >= 0 && rate > 0) {
        bucket = { ...bucket, tokens: bucket.tokens - bytes };
        return;
      }
      const waitMs = rate === 0 ? lookAgainMs : Math.ceil((-bucket.tokens / rate) * 1000);
      await clock.sleep(Math.min(lookAgainMs, waitMs), signal);
    }
  };

  return {
    ...store,
    async put(key, bytes, signal) {
      await pay(bytes.length, signal);
      await store.put(key, bytes, signal);
    },
    async adopt(key, path, signal) {
      await pay(sizeOf(path), signal);
      await store.adopt(key, path, signal);
    },
  };
}
