import { limits } from '../../../base/index.ts';
import type {
  BandwidthPolicy,
  Pace,
  Policies,
  Schedule,
  Settings,
  SpanOfDay,
  WifiPolicy,
} from '../../../contract/index.ts';
import { dayNames } from '../../text/agent-settings.ts';
import { parseBytes, parseSeconds, parseWhole } from '../quantities.ts';
import type { OptionsOf, ValuesOf } from '../table/index.ts';
import { usageError } from '../usage.ts';

type Options = ValuesOf<OptionsOf<'settings'>>;

/** What the options change; the rest of a schedule or of the policies stays as it is. */
export function settingsChange(options: Options, before: Settings): Partial<Settings> {
  const schedule = changedSchedule(options, before.schedule);
  const policies = changedPolicies(options, before.policies);
  const { pace } = options;
  return {
    ...(schedule === null ? {} : { schedule }),
    ...(policies === null ? {} : { policies }),
    // The table allows no other words.
    ...(pace === undefined ? {} : { pace: pace as Pace }),
  };
}

/** What a change of the kind begins with. */
const usual = { quietSeconds: 3, exposureMinutes: 15 };

function changedSchedule(options: Options, before: Schedule): Schedule | null {
  const { schedule, 'quiet-period': quiet, exposure, at, days } = options;
  const kind = schedule ?? before.kind;
  const [ofContinuous, ofTimes] = [
    quiet !== undefined || exposure !== undefined,
    at !== undefined || days !== undefined,
  ];
  if (schedule === undefined && !ofContinuous && !ofTimes) return null;
  if (kind === 'continuous') {
    if (ofTimes) throw usageError('--at and --days belong to --schedule times.', 'settings');
    const { quietSeconds, exposureMinutes } = before.kind === 'continuous' ? before : usual;
    return {
      kind: 'continuous',
      quietSeconds: quiet === undefined ? quietSeconds : parseQuiet(quiet),
      exposureMinutes: exposure === undefined ? exposureMinutes : parseMinutes(exposure),
    };
  }
  if (ofContinuous) throw usageError('--quiet-period and --exposure belong to --schedule continuous.', 'settings');
  if (at === undefined && before.kind !== 'times')
    throw usageError('--schedule times needs --at 12:30,19:00.', 'settings');
  const known = before.kind === 'times' ? before : { minutes: [], days: [] };
  return {
    kind: 'times',
    minutes: at === undefined ? known.minutes : parseTimes(at),
    days: days === undefined ? known.days : parseWeekdays(days),
  };
}

function parseQuiet(text: string): number {
  const seconds = parseSeconds(text, '--quiet-period', 'settings');
  if (seconds > 3600) throw usageError('--quiet-period takes one hour at most: 1h.', 'settings');
  return seconds;
}

function parseMinutes(text: string): number {
  const minutes = Math.round(parseSeconds(text, '--exposure', 'settings') / 60);
  if (minutes < 1 || minutes > 7 * 1440)
    throw usageError('--exposure takes one minute at least and seven days at most: 1m, 7d.', 'settings');
  return minutes;
}

function parseTimes(text: string): number[] {
  const minutes = text.split(',').map((time) => parseMinuteOfDay(time, '--at'));
  return [...new Set(minutes)].sort((left, right) => left - right);
}

function parseMinuteOfDay(text: string, option: string): number {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  if (hours === undefined || minutes === undefined)
    throw usageError(`${option} needs times of day such as 7:30 or 19:00, not "${text}".`, 'settings');
  return Number(hours) * 60 + Number(minutes);
}

function parseWeekdays(text: string): number[] {
  if (text === 'all') return [];
  const days = text.split(',').map((word) => {
    const day = dayNames.findIndex((name) => name.toLowerCase() === word.trim().toLowerCase());
    if (day < 0) throw usageError(`--days needs days such as mon,fri, or "all", not "${word}".`, 'settings');
    return day;
  });
  return [...new Set(days)].sort((left, right) => left - right);
}

function changedPolicies(options: Options, before: Policies): Policies | null {
  const { 'battery-min': batteryMin, 'on-battery': onBattery, 'on-metered': onMetered } = options;
  const { 'quiet-hours': quietHours } = options;
  const wifi = changedWifi(options, before.wifi);
  const bandwidth = changedBandwidth(options, before.bandwidth);
  const isSame = wifi === before.wifi && bandwidth === before.bandwidth;
  if (isSame && [batteryMin, onBattery, onMetered, quietHours].every((value) => value === undefined)) return null;
  return {
    batteryPercentMin: batteryMin === undefined ? before.batteryPercentMin : parsePercent(batteryMin),
    onBattery: onBattery === undefined ? before.onBattery : onBattery === 'yes',
    onMetered: onMetered === undefined ? before.onMetered : onMetered === 'yes',
    wifi,
    quietHours: quietHours === undefined ? before.quietHours : parseSpans(quietHours, '--quiet-hours'),
    bandwidth,
  };
}

/** Names may hold anything, so each is an option of its own. */
function changedWifi(options: Options, before: WifiPolicy | null): WifiPolicy | null {
  const { 'wifi-only': only, 'wifi-never': never, 'wifi-any': any } = options;
  const given = [only.length > 0, never.length > 0, any].filter((isGiven) => isGiven).length;
  if (given > 1) throw usageError('--wifi-only, --wifi-never and --wifi-any exclude each other.', 'settings');
  if (given === 0) return before;
  if (any) return null;
  const names = [...new Set([...only, ...never])];
  const tooLong = names.find((name) => name === '' || Buffer.byteLength(name) > wifiNameMost);
  if (tooLong !== undefined)
    throw usageError(`A Wi-Fi's name has 1 to ${wifiNameMost} letters; "${tooLong}" is none.`, 'settings');
  if (names.length > wifisMost) throw usageError(`${wifisMost} Wi-Fis can be named at most.`, 'settings');
  return { kind: only.length > 0 ? 'only' : 'never', names };
}

/** Bytes, by the standard. */
const wifiNameMost = 32;
const wifisMost = 100;

function parsePercent(text: string): number | null {
  return text === 'off' ? null : parseWhole(text, { from: 1, to: 100 }, '--battery-min', 'settings');
}

function parseSpans(text: string, option: string): SpanOfDay[] {
  if (text === 'off') return [];
  const spans = text.split(',').map((span) => parseSpan(span, option));
  const isAllDay = spans.some(({ fromMinute, toMinute }) => fromMinute === toMinute);
  if (isAllDay) throw usageError(`${option} needs two different times; to stop for good: coffer pause`, 'settings');
  return spans;
}

/** It may go over midnight: 22:00-06:00. */
function parseSpan(text: string, option: string): SpanOfDay {
  const [from, to, more] = text.split(/[-–]/);
  if (from === undefined || to === undefined || more !== undefined)
    throw usageError(`${option} needs spans such as 22:00-06:00, not "${text}".`, 'settings');
  return { fromMinute: parseMinuteOfDay(from, option), toMinute: parseMinuteOfDay(to, option) };
}

function changedBandwidth(options: Options, before: BandwidthPolicy): BandwidthPolicy {
  const { bandwidth, 'bandwidth-hours': hours } = options;
  if (bandwidth === undefined && hours === undefined) return before;
  return {
    limits: hours === undefined ? before.limits : parseHours(hours),
    otherwise: bandwidth === undefined ? before.otherwise : parseRate(bandwidth, '--bandwidth'),
  };
}

/** `08:00-18:00=500kB,22:00-06:00=off`. */
function parseHours(text: string): BandwidthPolicy['limits'] {
  if (text === 'off') return [];
  return text.split(',').map((part) => {
    const [span = '', rate, more] = part.split('=');
    if (rate === undefined || more !== undefined)
      throw usageError(`--bandwidth-hours needs spans with rates, 08:00-18:00=500kB, not "${part}".`, 'settings');
    const parsed = parseSpan(span, '--bandwidth-hours');
    if (parsed.fromMinute === parsed.toMinute)
      throw usageError('--bandwidth-hours needs two different times; for the whole day: --bandwidth', 'settings');
    return { ...parsed, bytesPerSecond: parseRate(rate, '--bandwidth-hours') };
  });
}

/** In a second; null is no limit. */
function parseRate(text: string, option: string): number | null {
  if (text === 'off') return null;
  const bytes = parseBytes(text.replace(/\/s$/, ''), option, 'settings');
  if (bytes >= limits.bandwidthLeast && bytes <= bandwidthMost) return bytes;
  throw usageError(`${option} takes 10kB at least, or "off" for no limit, not "${text}".`, 'settings');
}

const bandwidthMost = 1e12;
