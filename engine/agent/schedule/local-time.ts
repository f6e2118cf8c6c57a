import type { Schedule, SpanOfDay } from '../../contract/index.ts';

export type OffsetMinutes = (wallMs: number) => number;
type Times = Extract<Schedule, { kind: 'times' }>;

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const dayMs = dayMinutes * minuteMs;
/** Days in a week and one: whatever days are chosen, one of so many is among them. */
const weekAndDay = 8;

export function localMinuteOfDay(wallMs: number, offset: OffsetMinutes): number {
  return Math.floor((localOf(wallMs, offset) - localDay(wallMs, offset) * dayMs) / minuteMs);
}

/** The first span that holds this minute of the day. */
export function spanOf<Span extends SpanOfDay>(spans: readonly Span[], minute: number): Span | undefined {
  return spans.find(({ fromMinute, toMinute }) =>
    // From 22:00 to 6:00 passes midnight. A span without length is none: read as a whole day it would silence backups for good.
    fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute,
  );
}

/** The newest slot at or before this moment; null when no time was chosen. */
export function lastSlot(times: Times, nowMs: number, offset: OffsetMinutes): number | null {
  const today = localDay(nowMs, offset);
  for (let day = today; day > today - weekAndDay; day -= 1) {
    const passed = slotsOfDay(times, day, offset).filter((slotMs) => slotMs <= nowMs);
    if (passed.length > 0) return Math.max(...passed);
  }
  return null;
}

/** The first slot after this moment; null when no time was chosen. */
export function nextSlot(times: Times, nowMs: number, offset: OffsetMinutes): number | null {
  const today = localDay(nowMs, offset);
  for (let day = today; day <= today + weekAndDay; day += 1) {
    const ahead = slotsOfDay(times, day, offset).filter((slotMs) => slotMs > nowMs);
    if (ahead.length > 0) return Math.min(...ahead);
  }
  return null;
}

/** When local time next shows this minute of the day, from a moment at which it shows another one. */
export function nextLocalMinute(minute: number, nowMs: number, offset: OffsetMinutes): number {
  const left = (minute - localMinuteOfDay(nowMs, offset) + dayMinutes) % dayMinutes;
  const thisMinuteMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const naiveMs = thisMinuteMs + left * minuteMs;
  const shiftMs = (offset(naiveMs) - offset(nowMs)) * minuteMs;
  // A minute that is skipped has passed with the hour around it.
  return Math.max(naiveMs - shiftMs, thisMinuteMs + minuteMs);
}

function slotsOfDay({ minutes, days }: Times, day: number, offset: OffsetMinutes): number[] {
  // 1 January 1970 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (days.length > 0 && !days.includes(weekday)) return [];
  return minutes.map((minute) => wallOfLocal(day * dayMs + minute * minuteMs, offset));
}

/**
 * The one moment that stands for a local time. When clocks go back it comes twice: the first counts. When they go forward it
 * may not come at all: then it is taken as if they had not yet been moved, and so falls behind the hour that is skipped.
 */
function wallOfLocal(localMs: number, offset: OffsetMinutes): number {
  // No zone is further than 14 hours from UTC, so these moments lie on both sides, and no zone changes twice in between.
  const before = localMs - offset(localMs - dayMs) * minuteMs;
  const after = localMs - offset(localMs + dayMs) * minuteMs;
  const fitting = [before, after].filter((wallMs) => localOf(wallMs, offset) === localMs);
  return fitting.length > 0 ? Math.min(...fitting) : before;
}

function localOf(wallMs: number, offset: OffsetMinutes): number {
  return wallMs + offset(wallMs) * minuteMs;
}

/** Days since 1970 on the local calendar. */
function localDay(wallMs: number, offset: OffsetMinutes): number {
  return Math.floor(localOf(wallMs, offset) / dayMs);
}
