import { timeOfMs } from '../../base/index.ts';
import { countOf } from './figures.ts';
import { formatTime, formatTimeOfDay } from './times.ts';

/** "40 seconds", "4 minutes", "3 hours", "12 days": as exact as a person would say it. */
export function formatSpan(seconds: number): string {
  if (seconds < 90) return countOf(Math.max(1, Math.round(seconds)), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return countOf(minutes, 'minute');
  const hours = Math.round(seconds / 3600);
  if (hours < 48) return countOf(hours, 'hour');
  return countOf(Math.round(seconds / 86_400), 'day');
}

export function formatAgo(ms: number, nowMs: number): string {
  const seconds = (nowMs - ms) / 1000;
  return seconds < 5 ? 'just now' : `${formatSpan(seconds)} ago`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** "14:05", "tomorrow at 14:05", "Monday at 14:05", "2026-05-03 14:05": as near days are called. */
export function formatMoment(ms: number, nowMs: number): string {
  const days = daysBetween(nowMs, ms);
  const time = formatTimeOfDay(ms);
  if (days === 0) return time;
  if (days === 1) return `tomorrow at ${time}`;
  if (days > 1 && days < 7) return `${weekdays[new Date(ms).getDay()] ?? ''} at ${time}`;
  return formatTime(timeOfMs(ms));
}

/** The same where the sentence has no preposition before it: "at 14:05", "tomorrow at 14:05". */
export function formatAtMoment(ms: number, nowMs: number): string {
  return daysBetween(nowMs, ms) === 0 ? `at ${formatTimeOfDay(ms)}` : formatMoment(ms, nowMs);
}

/** Midnights from one moment to the other, in this computer's time. */
function daysBetween(fromMs: number, toMs: number): number {
  const dayOf = (ms: number): number => {
    const date = new Date(ms);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((dayOf(toMs) - dayOf(fromMs)) / 86_400_000);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Minutes since midnight as "06:00". */
export function formatMinuteOfDay(minute: number): string {
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
