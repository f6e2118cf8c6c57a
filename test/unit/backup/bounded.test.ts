import { describe, expect, test } from 'vitest';
import type { BegunFile, BegunFiles } from '../../../engine/snapshot/backup/begun-files.ts';
import { isTimeUp } from '../../../engine/snapshot/backup/bound.ts';
import { type BackupResult, createKeptCache } from '../../../engine/snapshot/index.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { slowDisk } from './slow-disk.ts';
import { walkAll, walkNewest } from './walker.ts';
import { bulk, createWorld, objectsIn, type RunOptions, runBackup, storeFolder, type World, write } from './world.ts';

const MiB = 1024 * 1024;
const bytesPerSecond = 10 * MiB;

type Scene = {
  readonly world: World;
  readonly begun: BegunFiles;
  readonly readBytes: ReadonlyMap<string, number>;
  /** A run with so many seconds to read. */
  run(seconds: number, options?: RunOptions): Promise<BackupResult>;
};

/** A computer that reads ten megabytes a second. */
async function setScene(): Promise<Scene> {
  const world = await createWorld();
  const { fileSystem, readBytes } = slowDisk(world, { bytesPerSecond });
  const begun: BegunFiles = new Map();
  return {
    ...{ world, begun, readBytes },
    run(seconds, options = {}) {
      world.clock.advance(60_000);
      return runBackup(world, { fileSystem, bound: { readMs: seconds * 1000, begun }, ...options });
    },
  };
}

/** Quicker than comparing value by value. */
function expectSame(left: Uint8Array | undefined, right: Uint8Array): void {
  expect(left?.length).toBe(right.length);
  expect(Buffer.compare(left ?? right, right)).toBe(0);
}

async function expectAsOnDisk(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/data'));
}

describe('a run that is bounded in time', { timeout: 120_000 }, () => {
  test('publishes the small files, and leaves the big one for the next', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/a-huge', bulk(60 * MiB, 1));
    for (let file = 0; file < 20; file++) write(world.disk, `/data/small-${file}`, bulk(10_000, file + 2));
    const result = await run(2);
    const { files, stored } = await walkNewest(world);
    expect([...files.keys()].length).toBe(20);
    expect(result).toMatchObject({ files: 20, failed: 0, excluded: { deferred: 1 } });
    expect(result.deferred).toEqual({
      ...{ files: 1, bytes: 60 * MiB, isStuck: false },
      listed: [{ path: '/data/a-huge', bytes: 60 * MiB, turn: 1 }],
    });
    expect(stored.snapshot.excluded).toEqual(new Map([['deferred', 1]]));
    expect(stored.snapshot.counts).toMatchObject({ seen: 22, saved: 21, excluded: 1, failed: 0 });
  });

  test('goes on where the last one stopped, until all is there; nothing is read twice', async () => {
    const { world, run, readBytes, begun } = await setScene();
    write(world.disk, '/data/huge', bulk(60 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    let runs = 0;
    while ((await run(2)).deferred.files > 0) expect(++runs).toBeLessThan(10);
    expect(runs).toBeGreaterThan(1);
    await expectAsOnDisk(world);
    // Each slab ends in a part of a chunk that the next one begins with.
    expect(readBytes.get('/data/huge')).toBeLessThan(1.2 * 60 * MiB);
    expect(begun.size).toBe(0);
  });

  test('keeps the version that an earlier snapshot has, and says that it is one', async () => {
    const { world, run } = await setScene();
    const before = bulk(40 * MiB, 1);
    write(world.disk, '/data/huge', before);
    write(world.disk, '/data/small', bulk(100, 2));
    await run(60);
    write(world.disk, '/data/huge', bulk(50 * MiB, 3));
    write(world.disk, '/data/small', bulk(120, 4));
    const { deferred, files } = await run(1);
    expect([deferred.files, files]).toEqual([1, 1]);
    const { entries, files: kept } = await walkNewest(world);
    expect(entries.get('/data/huge')?.state).toBe('earlier-version');
    expectSame(kept.get('/data/huge'), before);
    expectSame(kept.get('/data/small'), bulk(120, 4));
    await run(60);
    await expectAsOnDisk(world);
  });

  test('finds what was deferred without being told where to look', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/deep/below/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    expect((await run(1)).deferred.files).toBe(1);
    const look = { kind: 'folders', folders: new Set<string>() } as const;
    const rules = { patterns: [], presets: [], cacheDirTag: false };
    const { deferred } = await run(60, { sources: [{ path: '/data', rules, otherFileSystems: false, look }] });
    expect(deferred.files).toBe(0);
    await expectAsOnDisk(world);
  });

  test('keeps what runs of a program before have saved that did not write down all they know', async () => {
    const { world, run, readBytes } = await setScene();
    for (let file = 0; file < 80; file++) write(world.disk, `/data/a/${file}`, bulk(MiB, file));
    const kept = createKeptCache();
    const look = { kind: 'folders', folders: new Set<string>() } as const;
    const sources = [
      { path: '/data', rules: { patterns: [], presets: [], cacheDirTag: false }, otherFileSystems: false },
    ];
    await run(1, { kept, sources });
    const first = (await walkNewest(world)).files.size;
    const goesOn = sources.map((source) => ({ ...source, look }));
    for (let more = 1; more <= 2; more++) await run(1, { kept, sources: goesOn });
    const saved = [...(await walkNewest(world)).files.keys()];
    expect(saved.length).toBeGreaterThan(first + 1);

    await run(1, { kept: createKeptCache(), sources });
    const { files } = await walkNewest(world);
    expect([...files.keys()]).toEqual(expect.arrayContaining(saved));
    expect(files.size).toBeGreaterThan(saved.length);
    for (const path of saved) expect([path, readBytes.get(path)]).toEqual([path, MiB]);
  });

  test('reads a file from its start that has changed between two runs', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    await run(2);
    write(world.disk, '/data/huge', bulk(40 * MiB, 3));
    expect(await run(60)).toMatchObject({ failed: 0, deferred: { files: 0 } });
    await expectAsOnDisk(world);
  });

  test('comes to an end with a file that changes all the time, and flags it', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/small', bulk(100, 2));
    let result: BackupResult | null = null;
    for (let round = 1; result?.deferred.files !== 0; round++) {
      expect(round).toBeLessThan(30);
      write(world.disk, '/data/huge', bulk(40 * MiB, round));
      result = await run(2);
    }
    expect(result).toMatchObject({ failed: 1, failures: [{ path: '/data/huge', code: 'changed-while-read' }] });
    expect((await walkNewest(world)).entries.get('/data/huge')?.state).toBe('changed-while-read');
    await run(60);
    await expectAsOnDisk(world);
  });

  test('goes on with nothing that the vault lost meanwhile', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    await run(2);
    const bytesOf = (key: string): number => world.disk.lstat(`${storeFolder}/${key}`).size;
    for (const key of objectsIn(world.disk))
      if (key.startsWith('packs/') && bytesOf(key) > MiB) world.disk.removeFile(`${storeFolder}/${key}`);
    expect((await run(60, { home: '/home/other' })).deferred.files).toBe(0);
    const { files } = await walkNewest(world);
    expectSame(files.get('/data/huge'), bulk(40 * MiB, 1));
  });

  test('defers all names of one file together, and keeps each as it was', async () => {
    const { world, run } = await setScene();
    const { disk } = world;
    write(disk, '/data/huge', bulk(40 * MiB, 1));
    disk.makeHardLink('/data/huge', '/data/other-name');
    write(disk, '/data/small', bulk(100, 2));
    await run(60);
    write(disk, '/data/huge', bulk(41 * MiB, 3));
    expect((await run(1)).deferred.files).toBe(2);
    const { entries, files } = await walkNewest(world);
    for (const path of ['/data/huge', '/data/other-name']) {
      expectSame(files.get(path), bulk(40 * MiB, 1));
      expect(entries.get(path)?.hardLink).toBeUndefined();
    }
    expect((await run(60)).deferred.files).toBe(0);
    await expectAsOnDisk(world);
  });

  test('reads all of it where it would publish nothing: a source that is one big file', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    expect((await run(1, { paths: ['/data/huge'] })).deferred.files).toBe(0);
    expectSame((await walkNewest(world)).files.get('/data/huge'), bulk(40 * MiB, 1));
  });

  test('leaves a source that is one big file out of a snapshot that has another', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    const paths = ['/data/huge', '/data/small'];
    expect((await run(1, { paths })).deferred.files).toBe(1);
    expect([...(await walkNewest(world)).files.keys()]).toEqual(['/data/small']);
    expect((await run(60, { paths })).deferred.files).toBe(0);
    expect([...(await walkNewest(world)).files.keys()]).toEqual(paths);
  });

  test('says that it got no further where the small files took all of the time', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    for (let file = 0; file < 6; file++) write(world.disk, `/data/${file}`, bulk(6 * MiB, file + 2));
    expect((await run(1)).deferred.isStuck).toBe(true);
    expect((await run(2)).deferred.isStuck).toBe(true);
    expect((await run(4)).deferred.isStuck).toBe(false);
  });

  test('is not told to go on with what an unplugged source has not got yet', async () => {
    const { world, run } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    write(world.disk, '/other/small', bulk(100, 3));
    const paths = ['/data', '/other'];
    await run(1, { paths });
    const rules = { patterns: [], presets: [], cacheDirTag: false };
    const away = { path: '/data', rules, otherFileSystems: false, look: { kind: 'nowhere' } as const };
    const result = await run(60, { sources: [away, { path: '/other', rules, otherFileSystems: false }] });
    expect(result.deferred.files).toBe(0);
    expect(result.excluded).toEqual({ deferred: 1 });
    expect((await walkAll(world)).every(({ files }) => files.has('/data/small'))).toBe(true);
  });

  test('begins again with a file whose clock was too coarse to tell whether it changed', async () => {
    const { world, run, begun } = await setScene();
    write(world.disk, '/data/huge', bulk(40 * MiB, 1));
    write(world.disk, '/data/small', bulk(100, 2));
    const changedMs = world.disk.lstat('/data/huge').ctimeSeconds * 1000;
    world.clock.advance(changedMs + 500 - 60_000 - world.clock.now());
    await run(2);
    expect(begun.get('/data/huge')).toMatchObject<Partial<BegunFile>>({ attempt: 1, segments: [] });
    expect((await run(60)).deferred.files).toBe(0);
    await expectAsOnDisk(world);
  });
});

describe('when the time is over', () => {
  const time = { readMs: 60_000, passedMs: 20_000, waitingBytes: 0, storedBytes: 100, usualRate: null };
  const packBytes = 16 * MiB;

  test('after so much reading', () => {
    expect(isTimeUp({ ...time, passedMs: 59_999 })).toBe(false);
    expect(isTimeUp({ ...time, passedMs: 60_000 })).toBe(true);
  });

  test('when what is sealed will take the rest of it to arrive', () => {
    expect(isTimeUp({ ...time, waitingBytes: 199 })).toBe(false);
    expect(isTimeUp({ ...time, waitingBytes: 200 })).toBe(true);
  });

  test('when not one pack has arrived, and several wait', () => {
    expect(isTimeUp({ ...time, storedBytes: 0, waitingBytes: 2 * packBytes - 1 })).toBe(false);
    expect(isTimeUp({ ...time, storedBytes: 0, waitingBytes: 2 * packBytes })).toBe(true);
  });

  test('not by what little has arrived in the first moments', () => {
    expect(isTimeUp({ ...time, passedMs: 1_000, waitingBytes: 10_000_000 })).toBe(false);
  });

  test('by what the line brought before, until this run can tell', () => {
    const slow = { ...time, usualRate: 1_000 };
    expect(isTimeUp({ ...slow, passedMs: 1_000, waitingBytes: 58_999 })).toBe(false);
    expect(isTimeUp({ ...slow, passedMs: 1_000, waitingBytes: 59_000 })).toBe(true);
    expect(isTimeUp({ ...slow, storedBytes: 1_000_000, waitingBytes: 100_000 })).toBe(false);
    expect(isTimeUp({ ...slow, storedBytes: 0, waitingBytes: 40_000 })).toBe(true);
  });

  test('never, where there is no end of it', () => {
    const endless = { ...time, readMs: Number.POSITIVE_INFINITY, usualRate: 1 };
    expect(isTimeUp({ ...endless, waitingBytes: 1e12 })).toBe(false);
  });
});
