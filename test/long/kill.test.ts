import { expect, test } from 'vitest';
import { killRounds } from '../fault/kill-rounds.ts';
import { countOf, record } from './results.ts';

const rounds = countOf('KILL_ROUNDS', 500);
const seed = countOf('SEED', Date.now() % 1_000_000);

test(`a backup killed at any of ${rounds} random moments leaves a whole vault, seed ${seed}`, async () => {
  const began = performance.now();
  const done = await killRounds({ rounds, seed, bytes: 120_000_000 });
  const faults = done.flatMap(({ round, faults: all }) => all.map((fault) => `round ${round}: ${fault}`));
  const killed = done.filter(({ wasKilled }) => wasKilled).length;
  const used = done.filter(({ wasKilled, storedBefore }) => wasKilled && storedBefore > 0).length;
  const counts = `${rounds} rounds, seed ${seed}: ${killed} killed in time, ${used} after packs were stored`;
  record('kill -9 of a backup', counts, (performance.now() - began) / 1000, `${faults.length} faults`);
  expect(faults).toEqual([]);
});
