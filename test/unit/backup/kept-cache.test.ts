import { expect, test } from 'vitest';
import { createKeptCache, type Look } from '../../../engine/snapshot/index.ts';
import { noRules } from '../../support/sources.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import { createWorld, homeFolder, type RunOptions, runBackup, sourceFolder, type World, write } from './world.ts';

const only = (...folders: string[]): Look => ({ kind: 'folders', folders: new Set(folders) });

async function savedWorld(options: RunOptions): Promise<World> {
  const world = await createWorld();
  for (const folder of ['a', 'b'])
    for (const name of ['1', '2']) write(world.disk, `/data/${folder}/${name}`, noise(2000));
  await runBackup(world, options);
  world.clock.advance(3_600_000);
  return world;
}

/** Changes one file, and looks only there. */
async function save(world: World, seed: number, options: RunOptions): Promise<readonly string[]> {
  write(world.disk, '/data/a/1', noise(1000, seed));
  const listed: string[] = [];
  const list = (path: string): string[] => {
    if (path.startsWith(sourceFolder)) listed.push(path.slice(sourceFolder.length));
    return world.disk.list(path);
  };
  world.clock.advance(60_000);
  const sources = [{ path: sourceFolder, rules: noRules, otherFileSystems: false, look: only('/data/a') }];
  await runBackup(world, { sources, fileSystem: { ...world.disk, list }, ...options });
  return listed.sort();
}

/** The file of the table: each time it is written it is another. */
function written(world: World): number {
  const folder = `${homeFolder}/vaults/${world.disk.list(`${homeFolder}/vaults`)[0]}`;
  return world.disk.lstat(`${folder}/${world.disk.list(folder).find((name) => name.startsWith('folders'))}`).inode;
}

async function expectSaved(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

test('small saves of one program write the table of folders at every sixteenth, and know it all the time', async () => {
  const kept = createKeptCache();
  const world = await savedWorld({ kept });
  const tables = [written(world)];
  for (let seed = 1; seed <= 33; seed++) {
    expect(await save(world, seed, { kept })).toEqual(['', '/a']);
    tables.push(written(world));
  }
  expect(new Set(tables.slice(0, 16)).size).toBe(1);
  expect(new Set(tables).size).toBe(3);
  await expectSaved(world);
});

test('a program that begins anew looks everywhere, because the table on the disk is older', async () => {
  const kept = createKeptCache();
  const world = await savedWorld({ kept });
  await save(world, 1, { kept });
  expect(await save(world, 2, { kept: createKeptCache() })).toEqual(['', '/a', '/b']);
  await expectSaved(world);
});

test('what another program of this computer has saved meanwhile is not taken back', async () => {
  const kept = createKeptCache();
  const world = await savedWorld({ kept });
  write(world.disk, '/data/b/1', noise(1500, 40));
  await runBackup(world);
  expect(await save(world, 1, { kept })).toEqual(['', '/a']);
  await expectSaved(world);
});

test('a run that fails leaves the table as it was', async () => {
  const kept = createKeptCache();
  const world = await savedWorld({ kept });
  const before = kept.cache;
  await expect(save(world, 1, { kept, signal: AbortSignal.abort() })).rejects.toThrow();
  expect(kept.cache).toBe(before);
});

test('nor is what the agent has saved, where another program saves something else with the older table', async () => {
  const kept = createKeptCache();
  const world = await savedWorld({ kept });
  write(world.disk, '/other/x', noise(500, 9));
  await save(world, 1, { kept });
  await runBackup(world, { paths: ['/other'] });
  write(world.disk, '/data/b/1', noise(1500, 40));
  const sources = [{ path: sourceFolder, rules: noRules, otherFileSystems: false, look: only('/data/b') }];
  world.clock.advance(60_000);
  await runBackup(world, { sources, kept });
  await expectSaved(world);
});
