import { expect, test } from 'vitest';
import { crashPoints } from '../../engine/base/crash-points.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { prepareCrashes } from '../fault/crash-rounds.ts';
import { countOf, record } from './results.ts';

const kills = countOf('POINT_KILLS', 1000);
const seed = countOf('SEED', Date.now() % 1_000_000);

test(`a process that is killed ${kills} times at crash points drawn by chance loses nothing, seed ${seed}`, async () => {
  const began = performance.now();
  const random = seededRandom(seed);
  const rounds = await prepareCrashes();
  const found: string[] = [];
  let killed = 0;
  try {
    for (let round = 0; round < kills; round++) {
      const point = crashPoints[random.integer(crashPoints.length)] ?? 'pack.sealed.before';
      const time = 1 + random.integer(rounds.times.get(point) ?? 1);
      const faults = await rounds.die({ point, time }, random.integer(2) === 0 ? 'goes on' : 'is undone');
      if (faults !== null) killed++;
      found.push(...(faults ?? []).map((fault) => `round ${round}, ${point} ${time}: ${fault}`));
    }
  } finally {
    rounds.remove();
  }
  const counts = `${kills} rounds, seed ${seed}: ${killed} killed in time`;
  record('kill -9 at crash points', counts, (performance.now() - began) / 1000, `${found.length} faults`);
  expect(found).toEqual([]);
});
