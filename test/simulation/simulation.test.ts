import { describe, expect, test } from 'vitest';
import { seedsInAll, timeoutMs } from './in-parts.ts';
import { simulate } from './many.ts';
import { planted } from './planted.ts';

describe('the simulated agent', () => {
  test('lives the same life again for the same seed', { timeout: timeoutMs }, async () => {
    const [first, second] = await Promise.all([simulate('--seed', '17'), simulate('--seed', '17')]);
    expect(first.split('\n').length).toBeGreaterThan(50);
    expect(second).toBe(first);
  });

  test('is caught up with once after each of twenty nights, by every kind of schedule', {
    timeout: timeoutMs,
  }, async () => {
    expect(await simulate('--nights', '20', '--count', '12')).toMatch(/^12 seeds from 1, 0 broken/);
  });

  test.each(Object.keys(planted))(
    'is caught when there is a fault of this kind: %s',
    { timeout: timeoutMs },
    async (plant) => {
      expect(await simulate('--plant', plant, '--count', `${seedsInAll}`)).toMatch(/^seed \d+: /);
    },
  );
});
