import { expect, test } from 'vitest';
import { createStandstill, hungAt, type Still } from '../../../engine/agent/standstill.ts';
import type { Beat } from '../../../engine/filesystem/index.ts';
import { testClock } from '../../support/clock.ts';

function run() {
  const clock = testClock();
  let beat: Beat = { moves: 7, path: '/drive/a' };
  const standstill = createStandstill({ read: () => beat }, clock);
  return {
    /** Seconds for which nothing has moved, as a look after so many says. */
    after(seconds: number, now: Partial<Beat> = {}): number {
      beat = { ...beat, ...now };
      clock.advance(seconds * 1000);
      return standstill.look().forMs / 1000;
    },
  };
}

test('a call that does not return stands still from the look on that saw it first', () => {
  const { after } = run();
  expect([after(5), after(5), after(5), after(0.5)]).toEqual([0, 5, 10, 10.5]);
});

test('whatever else returns meanwhile is a move', () => {
  const { after } = run();
  expect([after(5), after(5), after(5, { moves: 8 }), after(5)]).toEqual([0, 5, 0, 5]);
});

test('a night for which the computer slept is no standstill', () => {
  const { after } = run();
  expect([after(5), after(28_800), after(5)]).toEqual([0, 10, 15]);
});

const minute = 60_000;
const place = { path: '/stick', forMs: 10 * minute };
const at = (forMs: number, path: string | null = '/stick/tmp/1'): Still => ({ path, forMs });

test('a place that says nothing for a minute hangs once nothing of the run has come back for as long', () => {
  expect(hungAt([place], at(minute), 3 * minute)).toBe('/stick');
  expect(hungAt([place], at(minute, null), 3 * minute)).toBe('/stick');
});

test('a slow stick behind whose syncs the question waits does not hang while one after another of them returns', () => {
  expect(hungAt([place], at(0), 3 * minute)).toBeNull();
  expect(hungAt([place], at(minute - 1), 3 * minute)).toBeNull();
});

test('a place that answers is believed for nine minutes in which a call does not come back', () => {
  const answers = { path: '/stick', forMs: 0 };
  expect(hungAt([answers], at(9 * minute - 1), 3 * minute)).toBeNull();
  expect(hungAt([answers], at(9 * minute), 3 * minute)).toBe('/stick/tmp/1');
  expect(hungAt([answers], at(60 * minute, null), 3 * minute)).toBeNull();
});
