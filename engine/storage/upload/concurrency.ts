/**
 * How many objects are sent at once, as far as the place tells: one more while that makes it quicker, half as many when it
 * fails or slows down.
 */
export type Concurrency = {
  readonly limit: number;
  /** Bytes per second of the last full window; null before the first. */
  readonly rate: number | null;
  /** The rate before the last step up, while it is being tried; null when none is. */
  readonly rateBefore: number | null;
  /** Windows until the next step up is tried. */
  readonly restWindows: number;
  readonly window: { readonly sinceMs: number; readonly bytes: number; readonly objects: number } | null;
  /** What was begun before this failed together with what was heard of then. */
  readonly halvedMs: number;
};

/** One for big objects and one for small ones, which big ones never block. */
export const sendersLeast = 2;
/** More gain nothing on any line that was measured, and each holds a pack's worth of memory and risk. */
export const sendersMost = 8;

/** A step up that brings less is taken back. */
const worthIt = 1.1;
/** Below this share of the rate before it is a slow-down, and no chance. */
const slowDown = 0.5;
const restWindows = 8;

export const firstConcurrency: Concurrency = {
  limit: sendersLeast,
  rate: null,
  rateBefore: null,
  restWindows: 0,
  window: null,
  halvedMs: Number.NEGATIVE_INFINITY,
};

/** The place has confirmed an object. Where nothing more waits, the time that passes says nothing about the line. */
export function afterSuccess(
  now: Concurrency,
  { bytes, nowMs, isBusy }: { readonly bytes: number; readonly nowMs: number; readonly isBusy: boolean },
): Concurrency {
  if (!isBusy) return { ...now, window: null };
  if (now.window === null) return { ...now, window: { sinceMs: nowMs, bytes: 0, objects: 0 } };
  const window = { ...now.window, bytes: now.window.bytes + bytes, objects: now.window.objects + 1 };
  const tookMs = nowMs - window.sinceMs;
  if (window.objects < 2 * now.limit || tookMs <= 0) return { ...now, window };
  return judged(now, (window.bytes / tookMs) * 1000, nowMs);
}

/** `beganMs`: when the call that failed was begun. */
export function afterFailure(
  now: Concurrency,
  { beganMs, nowMs }: { readonly beganMs: number; readonly nowMs: number },
): Concurrency {
  if (beganMs < now.halvedMs) return now;
  return { ...halved(now), halvedMs: nowMs };
}

function judged(now: Concurrency, rate: number, nowMs: number): Concurrency {
  const next = { ...now, rate, window: { sinceMs: nowMs, bytes: 0, objects: 0 } };
  if (now.rate !== null && rate < now.rate * slowDown) return { ...halved(next), rate };
  if (now.rateBefore !== null && rate < now.rateBefore * worthIt) {
    return { ...next, limit: Math.max(sendersLeast, now.limit - 1), rateBefore: null, restWindows };
  }
  if (now.rateBefore === null && now.restWindows > 0) return { ...next, restWindows: now.restWindows - 1 };
  if (now.limit === sendersMost) return { ...next, rateBefore: null, restWindows };
  return { ...next, limit: now.limit + 1, rateBefore: rate };
}

function halved(now: Concurrency): Concurrency {
  const limit = Math.max(sendersLeast, Math.floor(now.limit / 2));
  return { ...now, limit, rateBefore: null, restWindows, window: null };
}
