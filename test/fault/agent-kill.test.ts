import { expect, test } from 'vitest';
import { agentKillRounds } from './agent-kill-rounds.ts';

/** The long form is in test/long. */
const kills = 5;
const seed = 7;

test('files that change without a pause are all saved, however often the daemon is killed', async () => {
  const { faults, ...figures } = await agentKillRounds({ seconds: 10, kills, seed });
  console.info(`seed ${seed}: ${JSON.stringify(figures)}`);
  expect(faults).toEqual([]);
  expect(figures.snapshots).toBeGreaterThan(1);
  expect(figures.orphans).toBeLessThanOrEqual(kills);
}, 180_000);
