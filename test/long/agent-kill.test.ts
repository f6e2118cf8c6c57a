import { expect, test } from 'vitest';
import { agentKillRounds } from '../fault/agent-kill-rounds.ts';
import { countOf, record } from './results.ts';

const seconds = countOf('AGENT_SECONDS', 120);
const kills = countOf('AGENT_KILLS', 50);
const seed = countOf('SEED', Date.now() % 1_000_000);

test(`${seconds} s of changes with ${kills} kills of the daemon lose nothing, seed ${seed}`, async () => {
  const began = performance.now();
  const { faults, ...done } = await agentKillRounds({ seconds, kills, seed });
  const { deeds, duringRuns, snapshots, packs, orphans, slowestStart } = done;
  const counts = [
    `${seconds} s, ${kills} kills, seed ${seed}: ${deeds} changes, ${duringRuns} kills during a run, ${snapshots} snapshots,`,
    `${orphans} of ${packs} packs needed by none, slowest start ${slowestStart.toFixed(1)} s`,
  ].join(' ');
  record('kill -9 of the daemon', counts, (performance.now() - began) / 1000, `${faults.length} faults`);
  expect(faults).toEqual([]);
  // Of what a kill interrupts, one pack that is open and one on its way may have to be stored again.
  expect(orphans).toBeLessThanOrEqual(kills);
});
