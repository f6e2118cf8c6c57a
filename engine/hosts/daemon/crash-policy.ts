/** What to do about an agent that has ended by itself: a decision without effects. */
export type AfterCrash =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'giveUp'; readonly crashes: number };

/** So many within the window are no accident: each start reads and writes, and somebody should look. Then an hour passes. */
const crashesMost = 10;
const windowMs = 10 * 60_000;
/** One crash is an accident, and protection is back at once; two are a pattern. */
const delayFirstMs = 200;
const delayMostMs = 60_000;

/** `crashesMs` are the monotonic times of all crashes so far, the last one being now. */
export function afterCrash(crashesMs: readonly number[]): AfterCrash {
  const now = crashesMs.at(-1) ?? 0;
  const recent = crashesMs.filter((atMs) => now - atMs < windowMs).length;
  if (recent >= crashesMost) return { kind: 'giveUp', crashes: recent };
  const delayMs = recent === 1 ? delayFirstMs : Math.min(delayMostMs, 1000 * 2 ** (recent - 2));
  return { kind: 'restart', delayMs };
}
