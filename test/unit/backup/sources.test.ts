import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import { bulk, createWorld, homeFolder, objectsIn, runBackup, storeFolder, type World, write } from './world.ts';

async function worldOf(files: Readonly<Record<string, number>>): Promise<World> {
  const world = await createWorld();
  for (const [path, bytes] of Object.entries(files)) write(world.disk, path, bulk(bytes, bytes));
  return world;
}

const pathsIn = async (world: World): Promise<string[]> => [...(await walkNewest(world)).entries.keys()].sort();

describe('a file as source', () => {
  test('is kept as it is', async () => {
    const world = await worldOf({ '/data/one': 50_000, '/data/two': 60_000 });
    expect(await runBackup(world, { paths: ['/data/one'] })).toMatchObject({ files: 1, folders: 0, bytes: 50_000 });
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/data/one'));
  });

  test('is not read again when it has not changed', async () => {
    const world = await worldOf({ '/data/one': 50_000 });
    await runBackup(world, { paths: ['/data/one'] });
    world.clock.advance(60_000);
    expect(await runBackup(world, { paths: ['/data/one'] })).toMatchObject({ files: 1, readBytes: 0, bytes: 50_000 });
  });

  test('is read again when it has', async () => {
    const world = await worldOf({ '/data/one': 50_000 });
    await runBackup(world, { paths: ['/data/one'] });
    write(world.disk, '/data/one', noise(50_001, 9));
    await runBackup(world, { paths: ['/data/one'] });
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/data/one'));
  });

  test('of several segments is kept byte for byte', async () => {
    const world = await worldOf({ '/data/one': 9_000_000 });
    await runBackup(world, { paths: ['/data/one'] });
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/data/one'));
  });

  test('right below the root of the file system', async () => {
    const world = await worldOf({ '/one': 100 });
    await runBackup(world, { paths: ['/one'] });
    expect(await pathsIn(world)).toEqual(['/one']);
  });

  test('that cannot be read is counted as failed', async () => {
    const world = await worldOf({ '/data/one': 100 });
    world.disk.failAt(1, 'EACCES', { calls: ['open'], path: (path) => path === '/data/one' });
    const failures = [{ path: '/data/one', code: 'EACCES' }];
    expect(await runBackup(world, { paths: ['/data/one'] })).toMatchObject({ files: 0, failed: 1, failures });
  });

  test('that vanishes before it is read is not found', async () => {
    const world = await worldOf({ '/data/one': 100 });
    world.disk.failAt(1, 'ENOENT', { calls: ['open'], path: (path) => path === '/data/one' });
    await expect(runBackup(world, { paths: ['/data/one'] })).rejects.toMatchObject({ code: 'path.notFound' });
  });
});

test('a link as source is kept as a link', async () => {
  const world = await worldOf({ '/data/one': 100 });
  world.disk.makeLink('/data', '/link');
  expect(await runBackup(world, { paths: ['/link'] })).toMatchObject({ files: 0, others: 1, failed: 0 });
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/link'));
});

describe('several sources', () => {
  const files = { '/data/a/1': 10_000, '/data/b/2': 20_000, '/more/3': 30_000, '/more/4': 40_000 };

  test('stand in one snapshot, folders and files together', async () => {
    const world = await worldOf(files);
    expect(await runBackup(world, { paths: ['/more/4', '/data'] })).toMatchObject({
      files: 3,
      folders: 3,
      bytes: 70_000,
    });
    expect(await pathsIn(world)).toEqual(['/data', '/data/a', '/data/a/1', '/data/b', '/data/b/2', '/more/4']);
  });

  test('that overlap are kept once', async () => {
    const world = await worldOf(files);
    const paths = ['/data/a/1', '/data/', '/data/b', '/data'];
    expect(await runBackup(world, { paths })).toMatchObject({ files: 2, folders: 3, bytes: 30_000 });
  });

  test('of which one name begins like the other are not taken for one', async () => {
    const world = await worldOf({ '/data/a/1': 10, '/data/ab/2': 20 });
    expect(await runBackup(world, { paths: ['/data/a', '/data/ab'] })).toMatchObject({ files: 2, folders: 2 });
  });

  test('are each compared with the newest snapshot that has them', async () => {
    const world = await worldOf(files);
    await runBackup(world, { paths: ['/data'] });
    await runBackup(world, { paths: ['/more'] });
    world.clock.advance(60_000);
    expect(await runBackup(world, { paths: ['/data', '/more'], home: '/home/second' })).toMatchObject({ readBytes: 0 });
  });

  test('two files of one folder', async () => {
    const world = await worldOf(files);
    await runBackup(world, { paths: ['/more/3', '/more/4'] });
    world.clock.advance(60_000);
    expect(await runBackup(world, { paths: ['/more/3', '/more/4'] })).toMatchObject({
      files: 2,
      readBytes: 0,
      bytes: 70_000,
    });
  });
});

describe('a source that is not there', () => {
  test('is an error that names it', async () => {
    const world = await worldOf({ '/data/one': 100 });
    const error = await runBackup(world, { paths: ['/data', '/missing'] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CofferError);
    expect(error).toMatchObject({ code: 'path.notFound', context: { path: '/missing' } });
  });

  test('leaves the vault as it was', async () => {
    const world = await worldOf({ '/data/one': 100 });
    const before = objectsIn(world.disk);
    await runBackup(world, { paths: ['/data', '/missing'] }).catch(() => {});
    expect(objectsIn(world.disk)).toEqual(before);
  });

  test('leaves the vault free for the next run', async () => {
    const world = await worldOf({ '/data/one': 100 });
    await runBackup(world, { paths: ['/missing'] }).catch(() => {});
    expect(await runBackup(world)).toMatchObject({ files: 1 });
  });
});

describe('a source that is Coffer’s own', () => {
  test.each(['home', 'vault'])('is refused with nothing written: %s', async (which) => {
    const world = await worldOf({ '/data/one': 100 });
    await runBackup(world, { paths: ['/data'] });
    const before = objectsIn(world.disk);
    const path = which === 'home' ? homeFolder : storeFolder;
    await expect(runBackup(world, { paths: [path] })).rejects.toMatchObject({ code: 'path.own' });
    expect(objectsIn(world.disk)).toEqual(before);
  });
});
