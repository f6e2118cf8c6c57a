import { expect, test } from 'vitest';
import { damageRounds } from '../fault/damage-rounds.ts';
import { countOf, record } from './results.ts';

const gigabytes = countOf('DAMAGE_GB', 10);
const rounds = countOf('DAMAGE_ROUNDS', 20);
const seed = countOf('SEED', Date.now() % 1_000_000);

test(`${rounds} times random damage to a vault of ${gigabytes} GB, seed ${seed}`, async () => {
  const began = performance.now();
  const done = await damageRounds({
    ...{ rounds, seed, bytes: gigabytes * 1_000_000_000 },
    onRound: ({ round, harmed, restored, lost, faults }) =>
      console.info(`${round}: ${restored} files back, ${lost} lost, ${faults.length} faults; ${harmed.join(', ')}`),
  });
  const faults = done.flatMap(({ round, faults: all }) => all.map((fault) => `round ${round}: ${fault}`));
  const sum = (figure: (round: (typeof done)[number]) => number): number =>
    done.reduce((all, one) => all + figure(one), 0);
  const counts = `${gigabytes} GB, ${rounds} rounds, seed ${seed}: ${sum(({ harmed }) => harmed.length)} objects harmed, ${sum(({ restored }) => restored)} files restored, ${sum(({ lost }) => lost)} lost and named`;
  record('random damage', counts, (performance.now() - began) / 1000, `${faults.length} faults`);
  expect(faults.slice(0, 100)).toEqual([]);
});
