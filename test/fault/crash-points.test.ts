import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashPoints } from '../../engine/base/crash-points.ts';
import { type CrashRounds, prepareCrashes } from './crash-rounds.ts';

/** Row 2 of the fault list: every crash point, the first time a process gets there and a later one. */
const timeoutMs = 180_000;
let rounds: CrashRounds;

beforeAll(async () => {
  rounds = await prepareCrashes();
}, timeoutMs);
afterAll(() => rounds.remove());

test('every crash point is reached more than once', () => {
  expect(crashPoints.filter((point) => (rounds.times.get(point) ?? 0) < 2)).toEqual([]);
});

test.each(crashPoints)('a process that is killed at %s loses nothing', { timeout: timeoutMs }, async (point) => {
  expect(await rounds.die({ point, time: 1 }, 'goes on')).toEqual([]);
  // In the middle: how many files are synced at once depends on the disk.
  const time = Math.floor((rounds.times.get(point) ?? 0) / 2) + 1;
  expect(await rounds.die({ point, time }, 'is undone')).toEqual([]);
});
