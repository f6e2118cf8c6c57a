import { expect, test } from 'vitest';
import { createStandstill } from '../../../engine/agent/standstill.ts';
import type { Beat } from '../../../engine/filesystem/index.ts';
import { testClock } from '../../support/clock.ts';

function run() {
  const clock = testClock();
  let beat: Beat = { moves: 7, path: '/drive/a' };
  const standstill = createStandstill({ read: () => beat }, clock);
  return {
    /** Seconds for which nothing has moved, as a look after so many says. */
    after(seconds: number, now: Partial<Beat> = {}): number | null {
      beat = { ...beat, ...now };
      clock.advance(seconds * 1000);
      const stuck = standstill.look();
      return stuck === null ? null : stuck.forMs / 1000;
    },
  };
}

test('a call that does not return stands still from the look on that saw it first', () => {
  const { after } = run();
  expect([after(5), after(5), after(5), after(0.5)]).toEqual([null, 5, 10, 10.5]);
});

test('whatever else returns meanwhile is a move, and without a call under way nothing is waited for', () => {
  const { after } = run();
  expect([after(5), after(5), after(5, { moves: 8 }), after(5), after(5, { path: null })]).toEqual([
    null,
    5,
    null,
    5,
    null,
  ]);
});

test('a night for which the computer slept is no standstill', () => {
  const { after } = run();
  expect([after(5), after(28_800), after(5)]).toEqual([null, 10, 15]);
});
