import { describe, expect, test } from 'vitest';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import { createWorld, runBackup, sourceFolder, type World, write } from './world.ts';

/** `/data/photos` with folders in it and `/data/other`; saved once. */
async function savedWorld(): Promise<World> {
  const world = await createWorld();
  for (const [number, folder] of ['photos', 'photos/2025', 'photos/2025/june', 'other'].entries()) {
    for (const name of ['1', '2', '3'])
      write(world.disk, `${sourceFolder}/${folder}/${name}`, noise(3000 + number, number + 1));
  }
  await runBackup(world);
  world.clock.advance(3_600_000);
  return world;
}

async function expectSaved(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

describe('a folder that was moved', () => {
  test('is known by its inode, and nothing below it is read again', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/photos', '/data/pictures');
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, changedFiles: 0, files: 12 });
    await expectSaved(world);
  });

  test('is whole in the snapshot of a run that has no time to read', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/photos', '/data/pictures');
    write(world.disk, '/data/other/4', noise(900, 80));
    const result = await runBackup(world, { bound: { readMs: 0, begun: new Map() } });
    expect(result).toMatchObject({ readBytes: 0, files: 12, deferred: { files: 1, bytes: 900 } });
  });

  test('into another one is known too, with what has changed in it meanwhile', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/photos/2025', '/data/other/2025');
    write(world.disk, '/data/other/2025/june/2', noise(700, 90));
    expect(await runBackup(world)).toMatchObject({ readBytes: 700, changedFiles: 1, files: 12 });
    await expectSaved(world);
  });

  test('to the place of another that is gone is known by its inode and its listing', async () => {
    const world = await savedWorld();
    for (const name of ['1', '2', '3']) world.disk.removeFile(`/data/other/${name}`);
    world.disk.removeFolder('/data/other');
    world.disk.rename('/data/photos', '/data/other');
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, changedFiles: 0, files: 9 });
    await expectSaved(world);
  });

  test('and another made under its name are each compared with what they were', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/photos', '/data/kept');
    write(world.disk, '/data/photos/1', noise(3000, 70));
    expect(await runBackup(world)).toMatchObject({ readBytes: 3000, changedFiles: 1, files: 13 });
    await expectSaved(world);
  });

  test('has its files read where only the number of its inode is that of an earlier folder', async () => {
    const world = await savedWorld();
    const { disk } = world;
    const { inode } = disk.lstat('/data/photos');
    for (const folder of ['photos/2025/june', 'photos/2025', 'photos']) {
      for (const name of ['1', '2', '3']) disk.removeFile(`/data/${folder}/${name}`);
      disk.removeFolder(`/data/${folder}`);
    }
    write(disk, '/data/new/1', noise(3000, 70));
    const reusing = (path: string) => ({ ...disk.lstat(path), ...(path === '/data/new' ? { inode } : {}) });
    const fileSystem = {
      ...disk,
      lstat: reusing,
      lstatIfThere: (path: string) => disk.lstatIfThere(path) && reusing(path),
    };
    expect(await runBackup(world, { fileSystem })).toMatchObject({ readBytes: 3000, changedFiles: 1, files: 4 });
    await expectSaved(world);
  });

  test('is not taken for an earlier version where only the number of its inode is that of another', async () => {
    const world = await savedWorld();
    const { disk } = world;
    const { inode } = disk.lstat('/data/other');
    for (const name of ['1', '2', '3']) disk.removeFile(`/data/other/${name}`);
    disk.removeFolder('/data/other');
    write(disk, '/data/new/1', noise(4000, 70));
    const reusing = (path: string) => ({ ...disk.lstat(path), ...(path === '/data/new' ? { inode } : {}) });
    const lstatIfThere = (path: string) => disk.lstatIfThere(path) && reusing(path);
    const fileSystem = { ...disk, lstat: reusing, lstatIfThere };
    const result = await runBackup(world, { fileSystem, bound: { readMs: 0, begun: new Map() } });
    expect(result).toMatchObject({ readBytes: 0, deferred: { files: 1 } });
    expect([...(await walkNewest(world)).files.keys()]).not.toContain('/data/new/1');
  });
});

test('a file of another computer with the same path is no earlier version of one that is here', async () => {
  const world = await createWorld();
  write(world.disk, '/data/notes', noise(3000, 5));
  await runBackup(world, { home: '/home/other', host: 'other' });
  world.clock.advance(3_600_000);
  write(world.disk, '/data/notes', noise(4000, 6));
  const result = await runBackup(world, { bound: { readMs: 0, begun: new Map() } });
  expect(result.deferred.files).toBe(1);
  expect([...(await walkNewest(world)).files.keys()]).not.toContain('/data/notes');
});
