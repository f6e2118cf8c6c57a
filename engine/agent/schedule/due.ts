import type { Reason } from '../../contract/index.ts';

/** What the schedule alone wants, before anything that may hold a run back is asked. */
export type Due =
  | { readonly kind: 'now'; readonly reason: Reason; readonly whole: boolean }
  /** Something is to be saved, and it is better to wait a little. */
  | { readonly kind: 'soon'; readonly atMs: number; readonly waits: Reason }
  /** Nothing is wanted before then. `waits` when something changed meanwhile. */
  | { readonly kind: 'later'; readonly atMs: number | null; readonly waits: Reason | null };

/** The wall time that a monotonic time will be, unless a clock is set or the computer sleeps. */
export function wallOf(atMs: number, now: { readonly nowMs: number; readonly monotonicMs: number }): number {
  return Math.round(now.nowMs + (atMs - now.monotonicMs));
}
