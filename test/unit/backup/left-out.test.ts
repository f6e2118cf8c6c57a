import { describe, expect, test } from 'vitest';
import { noise } from '../../support/trees.ts';
import { walkNewest } from './walker.ts';
import { createWorld, homeFolder, makeFolders, runBackup, storeFolder, type World, write } from './world.ts';

const noRules = { patterns: [], presets: [], cacheDirTag: false } as const;

async function worldOf(...paths: string[]): Promise<World> {
  const world = await createWorld();
  for (const path of paths) write(world.disk, path, noise(1000, path.length));
  return world;
}

const pathsIn = async (world: World): Promise<string[]> => [...(await walkNewest(world)).entries.keys()].sort();

describe('rules', () => {
  test('leave out what a pattern names, and count and list it', async () => {
    const world = await worldOf('/data/a.txt', '/data/a.tmp', '/data/cache/b.txt', '/data/deep/c.tmp');
    const result = await runBackup(world, { rules: { ...noRules, patterns: ['*.tmp', '/cache/'] } });
    expect(result).toMatchObject({ files: 1, folders: 2, excluded: { pattern: 3 } });
    expect(result.leftOut.map(({ path }) => path).sort()).toEqual(['/data/a.tmp', '/data/cache', '/data/deep/c.tmp']);
    expect(await pathsIn(world)).toEqual(['/data', '/data/a.txt', '/data/deep']);
  });

  test('that change bring back what they had left out', async () => {
    const world = await worldOf('/data/a.txt', '/data/a.tmp');
    await runBackup(world, { rules: { ...noRules, patterns: ['*.tmp'] } });
    world.clock.advance(60_000);
    await runBackup(world);
    expect(await pathsIn(world)).toEqual(['/data', '/data/a.tmp', '/data/a.txt']);
  });

  test('count by reason', async () => {
    const world = await worldOf('/data/small', '/data/CACHEDIR.TAG', '/data/node_modules/x');
    write(world.disk, '/data/large', noise(9000, 1));
    write(world.disk, '/data/tagged/CACHEDIR.TAG', 'Signature: 8a477f597d28d172789f06886806bc55');
    write(world.disk, '/data/tagged/thing', 'x');
    const result = await runBackup(world, {
      rules: { patterns: ['*_modules/'], presets: [], cacheDirTag: true, sizeMax: 5000 },
    });
    expect(result.excluded).toEqual({ 'cachedir-tag': 1, pattern: 1, size: 1 });
  });

  test('do not touch what stands beside: saved, excluded and failed make up what was seen', async () => {
    const world = await worldOf('/data/a.txt', '/data/a.tmp', '/data/unreadable', '/data/vanishing');
    world.disk.failAt(1, 'EIO', { calls: ['open'], path: (path) => path.endsWith('unreadable') });
    world.disk.failAt(1, 'ENOENT', { calls: ['open'], path: (path) => path.endsWith('vanishing') });
    await runBackup(world, { rules: { ...noRules, patterns: ['*.tmp'] } });
    const { counts } = (await walkNewest(world)).stored.snapshot;
    expect(counts).toEqual({ seen: 5, saved: 2, excluded: 2, failed: 1, files: 1, folders: 1, others: 0 });
  });
});

describe('boundaries', () => {
  test('the vault inside the source is never entered', async () => {
    const world = await worldOf('/data/a');
    const result = await runBackup(world, { paths: ['/'] });
    expect(result.excluded).toMatchObject({ vault: 1 });
    expect((await pathsIn(world)).filter((path) => path.startsWith(storeFolder))).toEqual([]);
  });

  test('another vault inside the source is not entered either', async () => {
    const world = await worldOf('/data/a');
    world.disk.makeFolder('/data/backup');
    for (const name of ['config', 'keys']) {
      if (name === 'keys') makeFolders(world.disk, '/data/backup/keys');
      else write(world.disk, '/data/backup/config', Buffer.from('434f464645520d0a00', 'hex'));
    }
    expect((await runBackup(world)).excluded).toEqual({ vault: 1 });
  });

  test('COFFER_HOME is never entered', async () => {
    const world = await worldOf('/data/a', '/home/me/b');
    await runBackup(world);
    const result = await runBackup(world, { paths: ['/home'] });
    expect(result.excluded).toEqual({ 'coffer-own': 1 });
    expect((await pathsIn(world)).filter((path) => path.startsWith(homeFolder))).toEqual([]);
  });

  test('COFFER_HOME is not entered on the very first run', async () => {
    const world = await worldOf('/home/me/b');
    await runBackup(world, { paths: ['/home'] });
    expect((await pathsIn(world)).filter((path) => path.startsWith(homeFolder))).toEqual([]);
  });

  test('another file system is left out unless it is wanted', async () => {
    const world = await worldOf('/data/a');
    world.disk.makeFolder('/data/mounted');
    world.disk.mount('/data/mounted', 'ext');
    write(world.disk, '/data/mounted/b', 'x');
    expect((await runBackup(world)).excluded).toEqual({ 'other-filesystem': 1 });
    expect(await runBackup(world, { otherFileSystems: true })).toMatchObject({ files: 2, excluded: {} });
  });

  test('a pseudo file system is left out even then', async () => {
    const world = await worldOf('/data/a');
    world.disk.makeFolder('/data/proc');
    world.disk.mount('/data/proc', 'proc');
    expect((await runBackup(world, { otherFileSystems: true })).excluded).toEqual({ 'pseudo-filesystem': 1 });
  });

  test('a cloud placeholder is not read', async () => {
    const world = await worldOf('/data/a');
    const fd = world.disk.open('/data/cloud', 'create');
    world.disk.truncate(fd, 5_000_000);
    world.disk.close(fd);
    world.disk.setXattr('/data/cloud', 'user.nextcloud.hydrate', Buffer.from('1'));
    expect((await runBackup(world)).excluded).toEqual({ 'cloud-placeholder': 1 });
  });
});
