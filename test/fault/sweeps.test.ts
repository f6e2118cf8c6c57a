import { expect, test } from 'vitest';
import { type Lived, liveThrough } from './sweeps/live.ts';
import type { Sabotage } from './sweeps/person.ts';
import { planted } from './sweeps/planted.ts';

/** Row 18 of the fault list: several computers, sweeps and forgetting at once. */
const seeds = 300;
const timeoutMs = 300_000;

async function firstFault(upTo: number, sabotage?: Sabotage): Promise<Lived | null> {
  for (let seed = 1; seed <= upTo; seed++) {
    const lived = await liveThrough(seed, sabotage);
    if (lived.faults.length > 0) return lived;
  }
  return null;
}

test('no pack that a snapshot needs is ever deleted, by whatever computer', { timeout: timeoutMs }, async () => {
  expect(await firstFault(seeds)).toBeNull();
});

test.each(Object.entries(planted))(
  'a sweep with the fault %s is found out',
  { timeout: timeoutMs },
  async (_, fault) => {
    expect((await firstFault(seeds, fault))?.faults).not.toHaveLength(0);
  },
);

test('the same seed is the same history', async () => {
  expect(await liveThrough(5)).toEqual(await liveThrough(5));
});
