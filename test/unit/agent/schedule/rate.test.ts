import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateAt } from '../../../../engine/agent/schedule/index.ts';

const at = (hours: number, minutes = 0): number => hours * 60 + minutes;
const byDay = { fromMinute: at(8), toMinute: at(18), bytesPerSecond: 500_000 };
const byNight = { fromMinute: at(22), toMinute: at(6), bytesPerSecond: null };

test.each<[string, number, number | null]>([
  ['before the span', at(7, 59), 2e6],
  ['at its beginning', at(8), 500_000],
  ['just before its end', at(17, 59), 500_000],
  ['at its end', at(18), 2e6],
  ['late in the night', at(23), null],
  ['after midnight', at(0), null],
  ['in the morning', at(6), 2e6],
])('%s', (_, minute, expected) => {
  expect(rateAt({ limits: [byDay, byNight], otherwise: 2e6 }, minute)).toBe(expected);
});

test('of spans that overlap the first counts, and one without length never', () => {
  const never = { fromMinute: at(9), toMinute: at(9), bytesPerSecond: 1 };
  const all = { fromMinute: 0, toMinute: at(23, 59), bytesPerSecond: 7 };
  expect(rateAt({ limits: [never, byDay, all], otherwise: null }, at(9))).toBe(500_000);
  expect(rateAt({ limits: [all, byDay], otherwise: null }, at(9))).toBe(7);
  expect(rateAt({ limits: [all], otherwise: null }, at(23, 59))).toBeNull();
});

test('two spans that share the day leave no minute to the rest', () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(minute, minute, minute, (one, other, now) => {
      fc.pre(one !== other);
      const limits = [
        { fromMinute: one, toMinute: other, bytesPerSecond: 1 },
        { fromMinute: other, toMinute: one, bytesPerSecond: 2 },
      ];
      const rate = rateAt({ limits, otherwise: 3 }, now);
      const isInFirst = (now - one + 1440) % 1440 < (other - one + 1440) % 1440;
      expect(rate).toBe(isInFirst ? 1 : 2);
    }),
  );
});
