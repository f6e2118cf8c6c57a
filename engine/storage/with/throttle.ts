import type { Clock } from '../../base/index.ts';
import type { Store } from '../port.ts';

export type ThrottleOptions = { readonly bytesPerSecond: number; readonly clock: Clock };

/** Tokens of a bucket at a moment; below zero is what has been taken in advance. */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** A second's worth may go at once after a rest. */
const burstSeconds = 1;

/**
 * The bucket after taking `bytes`, and how long to wait before using them. One object may be larger than the bucket: it goes
 * when the bucket is out of debt, and those after it wait for what it took.
 */
export function take(
  bucket: Bucket,
  bytes: number,
  nowMs: number,
  bytesPerSecond: number,
): { bucket: Bucket; waitMs: number } {
  const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * bytesPerSecond;
  const tokens = Math.min(burstSeconds * bytesPerSecond, bucket.tokens + earned);
  return { bucket: { tokens: tokens - bytes, atMs: nowMs }, waitMs: Math.max(0, (-tokens / bytesPerSecond) * 1000) };
}

/**
 * Keeps the average of all bytes that go in and out below a rate. Whole objects are counted, not what is on the wire: a pack
 * goes at full speed and the next one waits.
 */
export function withThrottle(store: Store, { bytesPerSecond, clock }: ThrottleOptions): Store {
  let bucket: Bucket = { tokens: burstSeconds * bytesPerSecond, atMs: clock.monotonic() };

  const charge = (bytes: number): number => {
    const taken = take(bucket, bytes, clock.monotonic(), bytesPerSecond);
    bucket = taken.bucket;
    return taken.waitMs;
  };
  const pay = async (bytes: number, signal: AbortSignal | undefined): Promise<void> => {
    const waitMs = charge(bytes);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  };

  return {
    ...store,
    async get(key, range, signal) {
      await pay(range?.length ?? 0, signal);
      const bytes = await store.get(key, range, signal);
      if (range === undefined) charge(bytes.length);
      return bytes;
    },
    async put(key, bytes, signal) {
      await pay(bytes.length, signal);
      await store.put(key, bytes, signal);
    },
    async adopt(key, path, signal) {
      await pay(0, signal);
      await store.adopt(key, path, signal);
      // How large the file was is known only now; those that come next wait for it.
      charge((await store.stat(key, signal))?.size ?? 0);
    },
  };
}
