import { expect, test } from 'vitest';
import { retryAtMs } from '../../../engine/agent/backoff.ts';

const failed = (failedInARow: number, random: number, tookMs = 0) => ({ endedMs: 1_000, tookMs, failedInARow, random });

test('after success there is nothing to wait for', () => {
  expect(retryAtMs(failed(0, 0.9))).toBeNull();
});

test('waits double with each failure up to a quarter of an hour', () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 2000].map((count) => (retryAtMs(failed(count, 1)) ?? 0) - 1_000);
  expect(ceilings).toEqual([30, 60, 120, 240, 480, 900, 900, 900].map((seconds) => seconds * 1000));
});

test('chance shortens a wait to its half at most', () => {
  expect(retryAtMs(failed(3, 0))).toBe(1_000 + 60_000);
});

test('a failure is not repeated before as much time has passed as it took, up to the longest wait', () => {
  expect(retryAtMs(failed(1, 0, 60_000))).toBe(1_000 + 60_000);
  expect(retryAtMs(failed(1, 0, 36_000_000))).toBe(1_000 + 900_000);
});
