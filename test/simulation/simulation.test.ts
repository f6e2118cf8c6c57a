import { describe, expect, test } from 'vitest';
import { simulate, simulateMany } from './many.ts';
import { planted } from './planted.ts';

/** As many as take a minute and a half on two cores. */
const seeds = 300;
const timeoutMs = 10 * 60_000;

describe('the simulated agent', () => {
  test(`keeps its promises in ${seeds} worlds of faults`, { timeout: timeoutMs }, async () => {
    expect(await simulateMany(1, seeds)).toEqual([]);
  });

  test('lives the same life again for the same seed', { timeout: timeoutMs }, async () => {
    const [first, second] = await Promise.all([simulate('--seed', '17'), simulate('--seed', '17')]);
    expect(first.split('\n').length).toBeGreaterThan(50);
    expect(second).toBe(first);
  });

  test.each(Object.keys(planted))(
    'is caught when there is a fault of this kind: %s',
    { timeout: timeoutMs },
    async (plant) => {
      expect(await simulate('--plant', plant, '--count', `${seeds}`)).toMatch(/^seed \d+: /);
    },
  );
});
