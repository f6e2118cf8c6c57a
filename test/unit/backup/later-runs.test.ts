import { describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkAll, walkNewest } from './walker.ts';
import {
  createWorld,
  homeFolder,
  objectsIn,
  runBackup,
  sourceFolder,
  storeFolder,
  type World,
  write,
} from './world.ts';

const vaultFolder = `${homeFolder}/vaults`;

/** Three folders with two files each, backed up once. */
async function savedWorld(): Promise<World> {
  const world = await createWorld();
  for (const folder of ['a', 'b', 'b/c']) {
    for (const name of ['1', '2'])
      write(
        world.disk,
        `/data/${folder}/${name}`,
        noise(20_000, folder.charCodeAt(folder.length - 1) * 10 + Number(name)),
      );
  }
  await runBackup(world);
  world.clock.advance(3_600_000);
  return world;
}

async function expectSaved(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

function forgetLocalState(world: World): void {
  const { disk } = world;
  for (const vault of disk.list(vaultFolder)) {
    for (const name of disk.list(`${vaultFolder}/${vault}`)) disk.removeFile(`${vaultFolder}/${vault}/${name}`);
  }
}

describe('an unchanged source', () => {
  test('is not read again', async () => {
    const world = await savedWorld();
    expect(await runBackup(world)).toMatchObject({
      readBytes: 0,
      newBytes: 0,
      changedFiles: 0,
      files: 6,
      folders: 4,
      bytes: 120_000,
    });
  });

  test('opens no file of it', async () => {
    const world = await savedWorld();
    world.disk.failAt(1, 'EIO', { calls: ['open', 'read'], path: (path) => path.startsWith(sourceFolder), times: 999 });
    expect((await runBackup(world)).failed).toBe(0);
  });

  test('adds a snapshot, its refs and a log entry, and nothing else', async () => {
    const world = await savedWorld();
    const before = new Set(objectsIn(world.disk));
    await runBackup(world);
    const added = objectsIn(world.disk).filter((key) => !before.has(key));
    expect(added.map((key) => key.slice(0, key.indexOf('/'))).sort()).toEqual(['heads', 'refs', 'snapshots']);
  });

  test('makes a snapshot that shows the same', async () => {
    const world = await savedWorld();
    await runBackup(world);
    await expectSaved(world);
  });

  test('needs the packs that the first run needed', async () => {
    const world = await savedWorld();
    await runBackup(world);
    const [first, second] = await walkAll(world);
    expect(second?.refs).toEqual(first?.refs);
  });

  test('names the snapshot before as its parent and as its predecessor', async () => {
    const world = await savedWorld();
    await runBackup(world);
    const [first, second] = await walkAll(world);
    expect(second?.stored.snapshot).toMatchObject({ parent: first?.stored.id, previous: first?.stored.id, seq: 2 });
  });
});

describe('a changed source', () => {
  test('has only its changed file read', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/b/c/1', noise(30_000, 77));
    expect(await runBackup(world)).toMatchObject({
      readBytes: 30_000,
      newBytes: 30_000,
      changedFiles: 1,
      bytes: 130_000,
    });
    await expectSaved(world);
  });

  test('has a file of the same size and name but another time read', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/1', noise(20_000, 78));
    await runBackup(world);
    await expectSaved(world);
  });

  test('has a new file read', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/3', noise(10_000, 79));
    expect(await runBackup(world)).toMatchObject({ readBytes: 10_000, files: 7 });
    await expectSaved(world);
  });

  test('shows no removed file any more', async () => {
    const world = await savedWorld();
    world.disk.removeFile('/data/b/1');
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, files: 5, bytes: 100_000 });
    await expectSaved(world);
  });

  test('shows no removed folder any more', async () => {
    const world = await savedWorld();
    for (const path of ['/data/b/c/1', '/data/b/c/2']) world.disk.removeFile(path);
    world.disk.removeFolder('/data/b/c');
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, files: 4, folders: 3 });
    await expectSaved(world);
  });

  test('has a renamed file read again and nothing of it stored', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/a/1', '/data/b/moved');
    expect(await runBackup(world)).toMatchObject({ readBytes: 20_000, newBytes: 0 });
    await expectSaved(world);
  });

  test('has nothing of a renamed folder read again', async () => {
    const world = await savedWorld();
    world.disk.rename('/data/b', '/data/z');
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, newBytes: 0 });
    await expectSaved(world);
  });

  test('whose folder changed its mode only is not read', async () => {
    const world = await savedWorld();
    world.disk.setMode('/data/b/c', 0o700);
    expect(await runBackup(world)).toMatchObject({ readBytes: 0 });
    await expectSaved(world);
  });

  test('whose folder got an attribute is not read', async () => {
    const world = await savedWorld();
    world.disk.setXattr('/data/b', 'user.tag', Buffer.from('x'));
    expect(await runBackup(world)).toMatchObject({ readBytes: 0 });
    await expectSaved(world);
  });

  test('whose own folder got an attribute shows it', async () => {
    const world = await savedWorld();
    world.disk.setXattr(sourceFolder, 'user.tag', Buffer.from('x'));
    await runBackup(world);
    await expectSaved(world);
  });

  test('has a file that became a folder of the same name', async () => {
    const world = await savedWorld();
    world.disk.removeFile('/data/a/1');
    write(world.disk, '/data/a/1/inside', noise(100, 5));
    await runBackup(world);
    await expectSaved(world);
  });

  test('keeps what earlier snapshots show', async () => {
    const world = await savedWorld();
    const before = portraitOfSnapshot(await walkNewest(world));
    write(world.disk, '/data/b/c/1', noise(30_000, 77));
    world.disk.removeFile('/data/a/2');
    await runBackup(world);
    const [first] = await walkAll(world);
    expect(first && portraitOfSnapshot(first)).toEqual(before);
  });
});

describe('the local cache', () => {
  test('when lost, costs no read of an unchanged file', async () => {
    const world = await savedWorld();
    forgetLocalState(world);
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, newBytes: 0, files: 6 });
    await expectSaved(world);
  });

  test('when lost, costs no new pack', async () => {
    const world = await savedWorld();
    const packs = objectsIn(world.disk).filter((key) => key.startsWith('packs/'));
    forgetLocalState(world);
    await runBackup(world);
    expect(objectsIn(world.disk).filter((key) => key.startsWith('packs/'))).toEqual(packs);
  });

  test('that cannot be read counts as none', async () => {
    const world = await savedWorld();
    world.disk.failAt(1, 'EIO', { calls: ['read'], path: (path) => path.includes('/folders-'), times: 99 });
    expect(await runBackup(world)).toMatchObject({ readBytes: 0, files: 6 });
  });

  test('that cannot be written does not fail a backup that is published', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/a/3', 'new');
    world.disk.failAt(1, 'EIO', { calls: ['open'], path: (path) => path.includes('/folders-'), times: 99 });
    expect(await runBackup(world)).toMatchObject({ failed: 0 });
    world.disk.clearFaults();
    expect(await runBackup(world)).toMatchObject({ files: 7, notices: [] });
    await expectSaved(world);
  });

  test('is worth nothing for a folder whose pack is gone, and the files are read again', async () => {
    const world = await savedWorld();
    for (const key of objectsIn(world.disk).filter((name) => name.startsWith('packs/')))
      world.disk.removeFile(`${storeFolder}/${key}`);
    expect(await runBackup(world)).toMatchObject({ readBytes: 120_000, newBytes: 120_000 });
  });
});

describe('the cache of other sources', () => {
  test('is kept by a run over one of them', async () => {
    const world = await savedWorld();
    write(world.disk, '/other/1', noise(30_000, 60));
    for (const path of ['/other', sourceFolder, '/other', sourceFolder]) await runBackup(world, { paths: [path] });
    world.disk.failAt(1, 'EIO', { calls: ['read'], path: (path) => path.startsWith('/vault/packs'), times: 999 });
    expect(await runBackup(world, { paths: ['/other'] })).toMatchObject({ readBytes: 0, failed: 0 });
  });

  test('does not grow by runs that take turns', async () => {
    const world = await savedWorld();
    write(world.disk, '/other/1', noise(30_000, 60));
    const sizes: number[] = [];
    for (let run = 0; run < 12; run++) {
      await runBackup(world, { paths: [run % 2 === 0 ? '/other' : sourceFolder] });
      const [vault = ''] = world.disk.list(vaultFolder);
      const cache = world.disk.list(`${vaultFolder}/${vault}`).find((name) => name.startsWith('folders'));
      sizes.push(world.disk.lstat(`${vaultFolder}/${vault}/${cache}`).size);
    }
    expect(sizes.at(-1)).toBe(sizes[1]);
  });

  test('never shows an older state of a folder that was a source of its own meanwhile', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/b/c/1', noise(20_000, 61));
    await runBackup(world, { paths: ['/data/b'] });
    world.clock.advance(3_600_000);
    await runBackup(world);
    await expectSaved(world);
  });

  test('never shows an older state of a folder that another computer saved meanwhile', async () => {
    const world = await savedWorld();
    write(world.disk, '/data/b/c/1', noise(20_000, 61));
    await runBackup(world, { home: '/home/second' });
    world.clock.advance(3_600_000);
    await runBackup(world);
    await expectSaved(world);
  });
});

describe('a racy file', () => {
  /** Whether a file changed this long before a run is read by the next run although it looks the same. */
  async function readAgain(ageMs: number): Promise<number> {
    const world = await createWorld();
    write(world.disk, '/data/a/1', noise(20_000, 1));
    write(world.disk, '/data/b/2', noise(10_000, 2));
    const { ctimeSeconds, ctimeNanoseconds } = world.disk.lstat('/data/b/2');
    setClock(world, Math.ceil(ctimeSeconds * 1000 + ctimeNanoseconds / 1e6) + ageMs);
    await runBackup(world);
    world.clock.advance(60_000);
    return (await runBackup(world)).readBytes;
  }

  test('changed within two seconds before a run is read again by the next', async () => {
    expect(await readAgain(1500)).toBe(30_000);
  });

  test('changed well before a run is not', async () => {
    expect(await readAgain(4000)).toBe(0);
  });

  test('is read once more, not for ever', async () => {
    const world = await createWorld();
    write(world.disk, '/data/1', noise(20_000, 1));
    setClock(world, world.disk.lstat('/data/1').mtimeSeconds * 1000 + 500);
    const read: number[] = [];
    for (let run = 0; run < 4; run++) {
      read.push((await runBackup(world)).readBytes);
      world.clock.advance(60_000);
    }
    expect(read).toEqual([20_000, 20_000, 0, 0]);
  });

  test('is not one whose own date lies in the future, when it was set long ago', async () => {
    const world = await createWorld();
    write(world.disk, '/data/1', noise(20_000, 1));
    const { ctimeSeconds } = world.disk.lstat('/data/1');
    world.disk.setTime('/data/1', ctimeSeconds + 10 * 365 * 86_400, 0);
    setClock(world, ctimeSeconds * 1000 + 60_000);
    await runBackup(world);
    world.clock.advance(60_000);
    expect((await runBackup(world)).readBytes).toBe(0);
    write(world.disk, '/data/1', noise(20_000, 2));
    world.disk.setTime('/data/1', ctimeSeconds + 10 * 365 * 86_400, 0);
    expect((await runBackup(world)).readBytes).toBe(20_000);
    await expectSaved(world);
  });

  test('is one whose last change lies in the future of the clock: it may come again', async () => {
    const world = await createWorld();
    write(world.disk, '/data/1', noise(20_000, 1));
    setClock(world, world.disk.lstat('/data/1').ctimeSeconds * 1000 - 3_600_000);
    for (let run = 0; run < 3; run++) expect((await runBackup(world)).readBytes).toBe(20_000);
  });

  /** A disk that keeps whole seconds, and a file that was changed right after a run had read it: its stat is the same. */
  async function hiddenChange(): Promise<{ world: World; coarse: FileSystem; expectFound: () => Promise<void> }> {
    const world = await createWorld();
    const { disk } = world;
    write(disk, '/data/1', 'before');
    const { mtimeSeconds, ctimeSeconds } = disk.lstat('/data/1');
    setClock(world, ctimeSeconds * 1000 + 500);
    const coarse = {
      ...disk,
      lstat: (path: string) => wholeSeconds(disk.lstat(path)),
      fstat: (fd: number) => wholeSeconds(disk.fstat(fd)),
    };
    await runBackup(world, { fileSystem: coarse });
    write(disk, '/data/1', 'after!');
    expect(disk.lstat('/data/1')).toMatchObject({ mtimeSeconds, ctimeSeconds });
    world.clock.advance(60_000);
    const expectFound = async (): Promise<void> =>
      expect(Buffer.from((await walkNewest(world)).files.get('/data/1') ?? []).toString()).toBe('after!');
    return { world, coarse, expectFound };
  }

  test('that changed right after it was read, leaving the same times, is found', async () => {
    const { world, coarse, expectFound } = await hiddenChange();
    await runBackup(world, { fileSystem: coarse });
    await expectFound();
  });

  test('is found also when another computer has made a snapshot of the same path since', async () => {
    const { world, coarse, expectFound } = await hiddenChange();
    const elsewhere = await createWorld({ seed: 2 });
    write(elsewhere.disk, '/data/unrelated', 'x');
    const both = { ...world.disk, lstat: elsewhere.disk.lstat, list: elsewhere.disk.list };
    await runBackup(world, { home: '/home/second', fileSystem: onlyBelow('/data', both, world.disk) });
    world.clock.advance(60_000);
    await runBackup(world, { fileSystem: coarse });
    await expectFound();
  });
});

/** One disk for what lies below a folder, another for the rest. */
function onlyBelow(folder: string, inside: FileSystem, outside: FileSystem): FileSystem {
  const at = (path: string): FileSystem => (path.startsWith(folder) ? inside : outside);
  return { ...outside, lstat: (path) => at(path).lstat(path), list: (path) => at(path).list(path) };
}

const setClock = ({ clock }: World, nowMs: number): void => clock.advance(nowMs - clock.now());
const wholeSeconds = <Stat extends object>(stat: Stat): Stat => ({ ...stat, mtimeNanoseconds: 0, ctimeNanoseconds: 0 });
