import type { Schedule, Settings } from '../../contract/index.ts';
import { formatMinuteOfDay, formatSpan } from './moments.ts';

export const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Each setting and what it means now. */
export function settingsRows({ schedule, policies }: Settings): string[][] {
  const { batteryPercentMin, onBattery, onMetered, quietHours } = policies;
  const spans = quietHours.map(
    ({ fromMinute, toMinute }) => `${formatMinuteOfDay(fromMinute)}–${formatMinuteOfDay(toMinute)}`,
  );
  const battery = onBattery ? `yes${batteryPercentMin === null ? '' : `, down to ${batteryPercentMin} %`}` : 'no';
  return [
    ['Runs', scheduleWords(schedule)],
    ['On battery', battery],
    ['On metered', onMetered ? 'yes' : 'no'],
    ['Quiet hours', spans.length === 0 ? 'none' : spans.join(', ')],
  ];
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
