import { expect, test } from 'vitest';
import { type BackupCrew, startBackupCrew } from '../../../engine/snapshot/index.ts';
import { bulk, createWorld, homeFolder, portsOn, runBackup, type World, write } from './world.ts';

type Watched = { readonly crew: BackupCrew; readonly ended: () => boolean };

function earlyCrew(world: World): Watched {
  const crew = startBackupCrew(portsOn(world.disk));
  let ended = false;
  return {
    crew: {
      ...crew,
      async end() {
        await crew.end();
        ended = true;
      },
    },
    ended: () => ended,
  };
}

test('threads that were started early do the work, and end with the run', async () => {
  const world = await createWorld();
  write(world.disk, '/data/one', bulk(50_000, 1));
  const { crew, ended } = earlyCrew(world);
  expect(await runBackup(world, { crew: () => crew })).toMatchObject({ files: 1, bytes: 50_000 });
  expect(ended()).toBe(true);
});

test('a backup that is refused starts none', async () => {
  const world = await createWorld();
  const crew = (): BackupCrew => {
    throw new Error('started for nothing');
  };
  await expect(runBackup(world, { crew, paths: [homeFolder] })).rejects.toMatchObject({ code: 'path.own' });
});
