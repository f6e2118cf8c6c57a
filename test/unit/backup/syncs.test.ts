import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bulk, createWorld, runBackup, write } from './world.ts';

test('two packs are synced at a time, however many are sealed, so that Node has threads left for questions', async () => {
  const world = await createWorld();
  for (let file = 0; file < 40; file++) write(world.disk, `/data/${file}`, bulk(100_000, file + 1));
  let synced = 0;
  let underway = 0;
  let most = 0;
  const fileSystem = {
    ...world.disk,
    syncLater: async (path: string) => {
      most = Math.max(most, ++underway);
      for (let turns = 0; turns < 50; turns++) await turn();
      await world.disk.syncLater(path);
      underway--;
      synced++;
    },
  };
  expect(await runBackup(world, { fileSystem })).toMatchObject({ files: 40, failed: 0 });
  expect(synced).toBeGreaterThan(2);
  expect(most).toBe(2);
});
