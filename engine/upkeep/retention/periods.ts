/** Rules that keep the newest of each period. */
export const periodRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type PeriodRule = (typeof periodRules)[number];

/** Minutes by which a person's time is ahead of UTC at a moment. */
export type OffsetMinutesAt = (timeMs: number) => number;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 1 January 1970 was a Thursday, and weeks begin on Mondays. */
const mondayOffset = 3;

/** A number for the period that a time lies in; it rises with time. Hours are those of UTC: none comes twice when clocks are set back. */
export function periodOf(rule: PeriodRule, timeMs: number, offsetAt: OffsetMinutesAt): number {
  const localMs = timeMs + offsetAt(timeMs) * 60_000;
  const local = new Date(localMs);
  switch (rule) {
    case 'hourly':
      return Math.floor(timeMs / hourMs);
    case 'daily':
      return Math.floor(localMs / dayMs);
    case 'weekly':
      return Math.floor((Math.floor(localMs / dayMs) + mondayOffset) / 7);
    case 'monthly':
      return local.getUTCFullYear() * 12 + local.getUTCMonth();
    case 'yearly':
      return local.getUTCFullYear();
  }
}
