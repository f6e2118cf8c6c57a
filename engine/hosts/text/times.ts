import { msOfTime, type Time } from '../../base/index.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-05-03 10:04` in this computer's time: sorts as it reads and is as wide in every row. */
export function formatTime(time: Time): string {
  const date = new Date(msOfTime(time));
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `10:04` in this computer's time. */
export function formatTimeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** RFC 3339 in UTC with all nine digits, as `--json` gives times. */
export function isoTime(time: Time): string {
  const date = new Date(time.seconds * 1000);
  // A file may bear any time; Date ends at the year 275760.
  if (Number.isNaN(date.getTime())) return `@${time.seconds}.${String(time.nanoseconds).padStart(9, '0')}`;
  return date.toISOString().replace(/\.\d+Z$/, `.${String(time.nanoseconds).padStart(9, '0')}Z`);
}
