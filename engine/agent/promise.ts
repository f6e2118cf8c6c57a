import type { Schedule } from '../contract/index.ts';

const dayMinutes = 24 * 60;
const everyDay = [0, 1, 2, 3, 4, 5, 6];

/** How old an unsaved change may get at most by the schedule; null when it says nothing. */
export function promisedSeconds(schedule: Schedule): number | null {
  switch (schedule.kind) {
    case 'continuous':
      return schedule.exposureMinutes * 60;
    case 'times':
      return longestGapMinutes(schedule.days.length === 0 ? everyDay : schedule.days, schedule.minutes) * 60 || null;
  }
}

/** Between two slots of a week that follow each other, and from its last to its first; 0 when there is none. */
function longestGapMinutes(days: readonly number[], minutes: readonly number[]): number {
  const slots = days.flatMap((day) => minutes.map((minute) => day * dayMinutes + minute)).sort((a, b) => a - b);
  const [first = 0] = slots;
  const following = [...slots.slice(1), first + 7 * dayMinutes];
  return Math.max(0, ...slots.map((slot, index) => (following[index] ?? slot) - slot));
}
