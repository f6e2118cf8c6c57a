import type { Schedule } from '../contract/index.ts';

const dayMinutes = 24 * 60;
const everyDay = [0, 1, 2, 3, 4, 5, 6];

/** How old an unsaved change may get at most by the schedule; null when it says nothing. */
export function promisedSeconds(schedule: Schedule): number | null {
  switch (schedule.kind) {
    case 'continuous':
      return schedule.exposureMinutes * 60;
    case 'times':
      return gapOf(schedule) * 60 || null;
  }
}

const gaps = new WeakMap<Schedule, number>();

/** Asked with every picture of the state; a schedule never changes but is replaced. */
function gapOf(schedule: Extract<Schedule, { kind: 'times' }>): number {
  const known = gaps.get(schedule);
  if (known !== undefined) return known;
  const gap = longestGapMinutes(schedule.days.length === 0 ? everyDay : schedule.days, schedule.minutes);
  gaps.set(schedule, gap);
  return gap;
}

/** Between two slots of a week that follow each other, and from its last to its first; 0 when there is none. */
function longestGapMinutes(days: readonly number[], minutes: readonly number[]): number {
  const slots = days.flatMap((day) => minutes.map((minute) => day * dayMinutes + minute)).sort((a, b) => a - b);
  const [first = 0] = slots;
  const following = [...slots.slice(1), first + 7 * dayMinutes];
  return Math.max(0, ...slots.map((slot, index) => (following[index] ?? slot) - slot));
}
