import { describe, expect, test } from 'vitest';
import { exposureOf } from '../../../engine/agent/exposure.ts';
import { promisedSeconds } from '../../../engine/agent/promise.ts';

const early = { oldestMs: 1_000, newestMs: 4_000, files: 2, bytes: 200 };
const late = { oldestMs: 6_000, newestMs: 7_000, files: 1, bytes: 10 };
const nothing = { files: 0, bytes: 0, seconds: 0 };
const began = (beganMs: number) => ({ beganMs });

describe('exposure', () => {
  test('is nothing where nothing has changed', () => {
    expect(exposureOf([], [], 9_000)).toEqual(nothing);
    expect(exposureOf([], [began(1)], 9_000)).toEqual(nothing);
  });

  test('is everything that changed where no run was confirmed', () => {
    expect(exposureOf([early, late], [null], 9_000)).toEqual({ files: 3, bytes: 210, seconds: 8 });
    expect(exposureOf([early, late], [], 9_000)).toEqual({ files: 3, bytes: 210, seconds: 8 });
  });

  test('is what changed since the last confirmed run began', () => {
    expect(exposureOf([early, late], [began(5_000)], 9_000)).toEqual({ files: 1, bytes: 10, seconds: 3 });
    expect(exposureOf([early, late], [began(8_000)], 9_000)).toEqual(nothing);
  });

  test('counts a set that reaches into the run whole', () => {
    expect(exposureOf([late], [began(6_500)], 9_000)).toEqual({ files: 1, bytes: 10, seconds: 3 });
  });

  test('counts nothing that one place has', () => {
    expect(exposureOf([early, late], [null, began(8_000), began(2)], 9_000)).toEqual(nothing);
  });
});

test.each([
  ['a quarter of an hour', 900, { kind: 'continuous', quietSeconds: 5, exposureMinutes: 15 } as const],
  ['a day', 86_400, { kind: 'times', minutes: [600], days: [] } as const],
  ['the longest gap of a day', 16 * 3600, { kind: 'times', minutes: [18 * 60, 600], days: [] } as const],
  ['the longest gap of a week', 3 * 86_400, { kind: 'times', minutes: [600], days: [5, 4, 3, 2, 1] } as const],
  ['a week', 7 * 86_400, { kind: 'times', minutes: [600], days: [0] } as const],
  ['nothing', null, { kind: 'times', minutes: [], days: [] } as const],
])('the schedule promises %s', (_, expected, schedule) => {
  expect(promisedSeconds(schedule)).toBe(expected);
});
