import { expect, test } from 'vitest';
import { damageRounds } from './damage-rounds.ts';

/** The long form is in test/long. */
const rounds = 3;
const seed = 5;

test('a vault with damaged packs gives back all else, no wrong byte, and the check names what is lost', async () => {
  const done = await damageRounds({ rounds, seed, bytes: 60_000_000 });
  for (const { round, harmed } of done) console.info(`seed ${seed}, round ${round}: ${harmed.join(', ')}`);
  expect(done.flatMap(({ round, faults }) => faults.map((fault) => `round ${round}: ${fault}`))).toEqual([]);
  expect(done.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
}, 120_000);
