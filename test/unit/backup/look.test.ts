import { describe, expect, test } from 'vitest';
import type { BackupResult, BackupSource, Look } from '../../../engine/snapshot/index.ts';
import { noRules } from '../../support/sources.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { readAllPacks, walkAll, walkNewest, walkSnapshot } from './walker.ts';
import {
  createWorld,
  homeFolder,
  objectsIn,
  openAfresh,
  type RunOptions,
  runBackup,
  sourceFolder,
  storeFolder,
  type World,
  write,
} from './world.ts';

const here = (look?: Look, rules = noRules): BackupSource => ({
  ...{ path: sourceFolder, rules, otherFileSystems: false },
  ...(look === undefined ? {} : { look }),
});
const only = (...folders: string[]): Look => ({ kind: 'folders', folders: new Set(folders) });

/** `/data` with the folders a, a/b, a/b/c and d, three files each, one of them left out; saved once. */
async function savedWorld(): Promise<World> {
  const world = await createWorld();
  for (const [number, folder] of ['', '/a', '/a/b', '/a/b/c', '/d'].entries()) {
    for (const name of ['1', '2', 'x.tmp'])
      write(world.disk, `/data${folder}/${name}`, noise(2000 + number, number + 1));
  }
  await runBackup(world, { sources: [here(undefined, noTemporary)] });
  world.clock.advance(3_600_000);
  return world;
}

const noTemporary = { ...noRules, patterns: ['*.tmp'] };

/** Runs with this look; tells which folders were listed. */
async function look(
  world: World,
  where: Look,
  options: RunOptions = {},
): Promise<BackupResult & { readonly listed: readonly string[] }> {
  const listed: string[] = [];
  const fileSystem = {
    ...world.disk,
    list(path: string): string[] {
      if (path.startsWith(sourceFolder)) listed.push(path.slice(sourceFolder.length));
      return world.disk.list(path);
    },
  };
  world.clock.advance(60_000);
  const result = await runBackup(world, { sources: [here(where, noTemporary)], fileSystem, ...options });
  return { ...result, listed: listed.sort() };
}

const all = { files: 10, folders: 5, others: 0, failed: 0, excluded: { pattern: 5 } };

async function expectSaved(world: World): Promise<void> {
  const kept = Object.entries(portraitOfDisk(world.disk, sourceFolder)).filter(([path]) => !path.endsWith('.tmp'));
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(Object.fromEntries(kept));
}

describe('a run that looks only where something may have changed', () => {
  test('lists nothing when nothing may have', async () => {
    const world = await savedWorld();
    expect(await look(world, only())).toMatchObject({ listed: [], readBytes: 0, bytes: 20_020, ...all });
    await expectSaved(world);
  });

  test('lists the named folder and those on the way to it', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/b/1', noise(3000, 50));
    expect(await look(world, only('/data/a/b'))).toMatchObject({ listed: ['', '/a', '/a/b'], changedFiles: 1, ...all });
    await expectSaved(world);
  });

  test('looks everywhere when what the last run knew could not be written down', async () => {
    const world = await savedWorld();
    const folder = `${homeFolder}/vaults/${world.disk.list(`${homeFolder}/vaults`)[0]}`;
    const name = world.disk.list(folder).find((found) => found.startsWith('folders')) ?? '';
    // In place: the folder's own times stay as they were, and only the cache of that run knows of it.
    const fd = world.disk.open('/data/a/b/1', 'write');
    world.disk.write(fd, noise(2000, 70), 0);
    world.disk.close(fd);
    const fileSystem = {
      ...world.disk,
      rename(from: string, to: string): void {
        if (to === `${folder}/${name}`) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        world.disk.rename(from, to);
      },
    };
    expect(await look(world, only('/data/a/b'), { fileSystem })).toMatchObject({ changedFiles: 1 });
    await expectSaved(world);
    expect((await look(world, only('/data/d'))).listed).toEqual(['', '/a', '/a/b', '/a/b/c', '/d']);
    await expectSaved(world);
    expect((await look(world, only('/data/d'))).listed).toEqual(['', '/d']);
  });

  test('shows what it was not told of as it was before', async () => {
    const world = await savedWorld();
    const before = portraitOfSnapshot(await walkNewest(world));
    write(world.disk, '/data/a/b/c/1', noise(3000, 50));
    await look(world, only('/data/d'));
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(before);
    expect(await look(world, only('/data/a/b/c'))).toMatchObject({ changedFiles: 1 });
    await expectSaved(world);
  });

  test('looks everywhere below a folder of which more is not known', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/b/c/1', noise(3000, 50));
    const below: Look = { kind: 'folders', folders: new Set(), below: new Set(['/data/a/b']) };
    expect((await look(world, below)).listed).toEqual(['', '/a', '/a/b', '/a/b/c']);
    await expectSaved(world);
  });

  test('looks everywhere when more is not known of the folder above the source', async () => {
    const world = await savedWorld();
    const below: Look = { kind: 'folders', folders: new Set(), below: new Set(['/']) };
    expect((await look(world, below)).listed).toHaveLength(5);
  });

  test('looks at the whole of a folder that is new', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/d/new/deep/1', noise(3000, 50));
    expect((await look(world, only('/data/d'))).listed).toEqual(['', '/d', '/d/new', '/d/new/deep']);
    await expectSaved(world);
  });

  test('looks at the whole of a folder that took the place of another, also where times are coarse', async () => {
    const world = await savedWorld();
    const { disk } = world;
    const coarse = (path: string) => ({ ...disk.lstat(path), mtimeNanoseconds: 0, ctimeNanoseconds: 0 });
    const fileSystem = {
      ...disk,
      lstat: coarse,
      lstatIfThere: (path: string) => disk.lstatIfThere(path) && coarse(path),
    };
    await look(world, only(), { fileSystem });
    disk.rename('/data/d', '/data/old');
    disk.rename('/data/a/b', '/data/d');
    expect(await look(world, only('/data', '/data/a'), { fileSystem })).toMatchObject(all);
    expect([...(await walkNewest(world)).files.keys()].filter((path) => path.startsWith('/data/d/'))).toEqual([
      ...['/data/d/1', '/data/d/2', '/data/d/c/1', '/data/d/c/2'],
    ]);
  });

  test('shows no removed folder any more, whether it or the one above it is named', async () => {
    for (const named of ['/data/a/b/c', '/data/a/b']) {
      const world = await savedWorld();
      for (const name of ['1', '2', 'x.tmp']) world.disk.removeFile(`/data/a/b/c/${name}`);
      world.disk.removeFolder('/data/a/b/c');
      expect(await look(world, only(named))).toMatchObject({ files: 8, folders: 4, excluded: { pattern: 4 } });
      await expectSaved(world);
    }
  });

  test('looks at a folder whose mode was changed, when it lists the one above it', async () => {
    const world = await savedWorld();
    world.disk.setMode('/data/a/b', 0o700);
    expect((await look(world, only('/data/a'))).listed).toEqual(['', '/a', '/a/b']);
    await expectSaved(world);
  });

  test('names all paths that are left out, also where it did not look', async () => {
    const world = await savedWorld();
    const paths = ['/data/a/b/c/x.tmp', '/data/a/b/x.tmp', '/data/a/x.tmp', '/data/d/x.tmp', '/data/x.tmp'];
    for (const where of [only('/data/a'), only(), only('/data/d')]) {
      expect((await look(world, where)).leftOut.map(({ path }) => path).sort()).toEqual(paths);
    }
  });

  test('needs the packs of what it did not look at', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/d/1', noise(3000, 50));
    await look(world, only('/data/d'));
    const { holders, refs } = await walkNewest(world);
    for (const packs of holders.values()) expect(packs.some((pack) => refs.includes(pack))).toBe(true);
  });

  test('adds at most six objects when one file was changed', async () => {
    const world = await savedWorld();
    const before = new Set(objectsIn(world.disk));
    write(world.disk, '/data/a/b/1', noise(3000, 50));
    await look(world, only('/data/a/b'));
    const added = objectsIn(world.disk).filter((key) => !before.has(key));
    expect(added.map((key) => key.slice(0, key.indexOf('/'))).sort()).toEqual([
      ...['heads', 'index', 'packs', 'packs', 'refs', 'snapshots'],
    ]);
  });
});

describe('looks again although nobody named it', () => {
  test('at a file that could not be read', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/b/1', noise(3000, 50));
    world.disk.failAt(1, 'EACCES', { calls: ['open'], path: (path) => path === '/data/a/b/1', times: 99 });
    for (const where of [only('/data/a/b'), only()]) {
      expect(await look(world, where)).toMatchObject({ ...all, files: 9, failed: 1 });
    }
    world.disk.clearFaults();
    expect(await look(world, only())).toMatchObject({ listed: ['', '/a', '/a/b'], ...all });
    await expectSaved(world);
  });

  test('at a file that changed while the run before was under way', async () => {
    const world = await createWorld();
    write(world.disk, '/data/a/1', noise(3000, 1));
    world.clock.advance(world.disk.lstat('/data/a/1').ctimeSeconds * 1000 + 500 - world.clock.now());
    await runBackup(world);
    world.clock.advance(60_000);
    const again = { sources: [here(only())] };
    expect(await look(world, only(), again)).toMatchObject({ listed: ['', '/a'], readBytes: 3000 });
    expect(await look(world, only(), again)).toMatchObject({ listed: [], readBytes: 0 });
  });

  test('at everything when the cache is lost', async () => {
    const world = await savedWorld();
    const [vault = ''] = world.disk.list(`${homeFolder}/vaults`);
    for (const name of world.disk.list(`${homeFolder}/vaults/${vault}`))
      if (name.startsWith('folders')) world.disk.removeFile(`${homeFolder}/vaults/${vault}/${name}`);
    expect(await look(world, only())).toMatchObject({
      listed: ['', '/a', '/a/b', '/a/b/c', '/d'],
      readBytes: 0,
      ...all,
    });
  });

  test('at everything when the rules are others', async () => {
    const world = await savedWorld();
    const sources = [here(only(), { ...noRules, patterns: ['1'] })];
    expect(await look(world, only(), { sources })).toMatchObject({ files: 10, excluded: { pattern: 5 } });
    expect((await look(world, only(), { sources })).listed).toEqual([]);
    expect((await look(world, only())).listed).toHaveLength(5);
  });

  test('once a day at files that grow too old by themselves', async () => {
    const world = await savedWorld();
    const sources = [here(only(), { ...noRules, ageMaxDays: 30 })];
    await look(world, only(), { sources });
    expect(await look(world, only(), { sources })).toMatchObject({ listed: [], files: 15 });
    world.clock.advance(40 * 86_400_000);
    expect(await look(world, only(), { sources })).toMatchObject({ files: 0, excluded: { age: 15 } });
  });

  test('at folders whose packs are gone from the vault', async () => {
    const world = await savedWorld();
    for (const key of objectsIn(world.disk).filter((name) => name.startsWith('packs/')))
      world.disk.removeFile(`${storeFolder}/${key}`);
    expect(await look(world, only())).toMatchObject({ readBytes: 20_020, ...all });
    await expectSaved(world);
  });

  test('at what was deferred, also when the last run could not write down what it saw', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/1', noise(world.disk.lstat('/data/a/1').size, 90));
    world.disk.failAt(1, 'ENOSPC', { calls: ['open'], path: (path) => path.includes('/folders-'), times: 99 });
    const bound = { readMs: 0, begun: new Map() };
    expect((await look(world, only('/data/a'), { bound })).deferred.files).toBe(1);
    world.disk.clearFaults();
    await look(world, only());
    await expectSaved(world);
  });

  test('at folders of which a pack is gone: what the vault still has of them stays, also when there is no time', async () => {
    const world = await createWorld();
    write(world.disk, '/data/a/old', noise(2000, 1));
    await runBackup(world);
    const known = new Set(objectsIn(world.disk));
    world.clock.advance(3_600_000);
    write(world.disk, '/data/a/new', noise(2000, 2));
    await runBackup(world);
    const sizeOf = (key: string): number => world.disk.lstat(`${storeFolder}/${key}`).size;
    const [pack = ''] = objectsIn(world.disk)
      .filter((key) => key.startsWith('packs/') && !known.has(key))
      .sort((left, right) => sizeOf(right) - sizeOf(left));
    world.disk.removeFile(`${storeFolder}/${pack}`);
    world.clock.advance(60_000);
    const bound = { readMs: 0, begun: new Map() };
    expect((await runBackup(world, { bound })).deferred.listed.map(({ path }) => path)).toEqual(['/data/a/new']);
    const vault = await openAfresh(world);
    const newest = vault.snapshots.at(-1);
    if (newest === undefined) throw new Error('no snapshot');
    expect([...(await walkSnapshot(await readAllPacks(vault), newest)).files.keys()]).toEqual(['/data/a/old']);
    await vault.close();
  });

  test('in a second pass at what a pack took with it that could not be stored', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/b/1', noise(3000, 50));
    world.disk.failAt(1, 'EIO', { calls: ['syncLater'], path: (path) => path.startsWith(storeFolder) });
    expect(await look(world, only('/data/a/b'))).toMatchObject(all);
    await expectSaved(world);
  });
});

describe('several sources, each with rules of its own', () => {
  const files = { '/data/1': 100, '/data/2': 200, '/more/1': 300, '/more/2': 400 };

  test('leave out each what theirs say', async () => {
    const world = await createWorld();
    for (const [path, bytes] of Object.entries(files)) write(world.disk, path, noise(bytes, bytes));
    const sources = ['/data', '/more'].map((path, number) => ({
      ...{ path, otherFileSystems: false, rules: { ...noRules, patterns: [String(number + 1)] } },
    }));
    expect(await runBackup(world, { sources })).toMatchObject({ bytes: 200 + 300, excluded: { pattern: 2 } });
    const [walked] = await walkAll(world);
    expect([...(walked?.files.keys() ?? [])].sort()).toEqual(['/data/2', '/more/1']);
  });
});
