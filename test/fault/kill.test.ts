import { expect, test } from 'vitest';
import { killRounds } from './kill-rounds.ts';

/** The long form is in test/long. */
const rounds = 15;
const seed = 42;

test(`a backup killed at any of ${rounds} random moments leaves a whole vault, and the next one goes on from there`, async () => {
  const done = await killRounds({ rounds, seed, bytes: 40_000_000 });
  const killed = done.filter(({ wasKilled }) => wasKilled).length;
  const used = done.filter(({ wasKilled, storedBefore }) => wasKilled && storedBefore > 0).length;
  console.info(`seed ${seed}: ${killed} of ${rounds} killed in time, ${used} of them after packs were stored`);
  expect(done.flatMap(({ round, faults }) => faults.map((fault) => `round ${round}: ${fault}`))).toEqual([]);
  // Runs are not all equally quick: some are done before their moment comes.
  expect(killed).toBeGreaterThan(rounds / 3);
  expect(used).toBeGreaterThan(0);
}, 240_000);
