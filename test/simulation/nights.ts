import { lastSlot } from '../../engine/agent/schedule/local-time.ts';
import type { Stage } from './events.ts';
import { demand } from './witness.ts';

/** What the agent takes at most to notice, to let the computer settle, to wait after a failure before and to run. */
const caughtUpWithinMs = 120_000;
/** More than one slot of a world whose schedule is by times. */
export const nightLeastMs = 11 * 60_000;
export const nightMostMs = 9 * 3_600_000;

/** The computer sleeps while nothing is wrong: each place is caught up with, once, however many slots passed. */
export async function sleepOneNight({ world, witness, life }: Stage, nightMs: number): Promise<void> {
  const { time, schedule } = world;
  const { runs } = life();
  const before = runs.length;
  world.say(`a night of ${nightMs} ms`);
  time.moveWall(nightMs);
  witness.wake();
  const wokeMs = time.wallMs;
  await time.advance(caughtUpWithinMs);
  if (witness.broken !== null) return;
  const slotMs = schedule.kind === 'times' ? lastSlot(schedule, wokeMs, () => 0) : null;
  for (const place of world.places.keys()) {
    const after = runs.slice(before).filter((run) => run.place === place && run.kind === 'done');
    const caughtUp = after.filter((run) => run.reason === 'run.caughtUp');
    // Changes that are due in the same moment take the look everywhere along. Of slots, a newer one may have come since.
    const isDone =
      slotMs === null ? after.length > 0 : after.some((run) => run.slotMs !== null && run.slotMs >= slotMs);
    demand(isDone, `place ${place} was not caught up with after a night`);
    demand(caughtUp.length <= 1 || slotMs !== null, `place ${place} was caught up with ${caughtUp.length} times`);
  }
  // The next slot may just have come, or a change wait for it; and what no events tell of is looked at again and again.
  const wellStanding = slotMs === null ? ['safe', 'working'] : ['safe', 'waiting', 'working'];
  const standing = witness.state?.standing ?? 'unknown';
  demand(wellStanding.includes(standing), `after a night it stands ${standing}`);
}
