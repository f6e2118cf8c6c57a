import type { BandwidthPolicy, Pace, Schedule, Settings, SpanOfDay, WifiPolicy } from '../../contract/index.ts';
import { formatBytes } from './figures.ts';
import { formatMinuteOfDay, formatSpan } from './moments.ts';

export const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Each setting and what it means now. */
export function settingsRows({ schedule, policies, pace }: Settings): string[][] {
  const { batteryPercentMin, onBattery, onMetered, wifi, quietHours, bandwidth } = policies;
  const spans = quietHours.map(spanWords);
  const battery = onBattery ? `yes${batteryPercentMin === null ? '' : `, down to ${batteryPercentMin} %`}` : 'no';
  return [
    ['Runs', scheduleWords(schedule)],
    ['On battery', battery],
    ['On metered', onMetered ? 'yes' : 'no'],
    ['Wi-Fi', wifiWords(wifi)],
    ['Bandwidth', bandwidthWords(bandwidth)],
    ['Pace', paceWords[pace]],
    ['Quiet hours', spans.length === 0 ? 'none' : spans.join(', ')],
  ];
}

const paceWords: Readonly<Record<Pace, string>> = {
  gentle: 'gentle: little at a time, and everything else first',
  normal: 'normal: everything else first; gentle on battery',
  full: 'full: as fast as it can; normal on battery',
};

function bandwidthWords({ limits, otherwise }: BandwidthPolicy): string {
  const rate = (bytes: number | null): string => (bytes === null ? 'no limit' : `${formatBytes(bytes)}/s`);
  const spans = limits.map(({ bytesPerSecond, ...span }) => `${rate(bytesPerSecond)} ${spanWords(span)}`);
  return [...spans, spans.length === 0 ? rate(otherwise) : `else ${rate(otherwise)}`].join(', ');
}

const spanWords = ({ fromMinute, toMinute }: SpanOfDay): string =>
  `${formatMinuteOfDay(fromMinute)}–${formatMinuteOfDay(toMinute)}`;

function wifiWords(wifi: WifiPolicy | null): string {
  if (wifi === null) return 'any';
  const names = wifi.names.map((name) => `“${name}”`).join(', ');
  return wifi.kind === 'only' ? `only ${names}` : `any but ${names}`;
}

function scheduleWords(schedule: Schedule): string {
  if (schedule.kind === 'continuous') {
    const { quietSeconds, exposureMinutes } = schedule;
    return `after ${formatSpan(quietSeconds)} of quiet, within ${formatSpan(exposureMinutes * 60)} of a change`;
  }
  const { minutes, days } = schedule;
  const which = days.length === 0 ? 'every day' : days.map((day) => dayNames[day] ?? '').join(', ');
  return `${which} at ${minutes.map(formatMinuteOfDay).join(', ')}`;
}
