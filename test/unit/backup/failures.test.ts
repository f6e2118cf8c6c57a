import { describe, expect, test } from 'vitest';
import type { CallName } from '../../../engine/filesystem/simulated/index.ts';
import type { SystemErrorCode } from '../../../engine/filesystem/system-error.ts';
import type { BackupResult } from '../../../engine/snapshot/index.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import { createWorld, runBackup, sourceFolder, type World, write } from './world.ts';

async function smallWorld(): Promise<World> {
  const world = await createWorld();
  for (const path of ['/data/a/1', '/data/a/2', '/data/b/c/3']) write(world.disk, path, noise(20_000, path.length));
  return world;
}

type Trouble = { readonly call: CallName; readonly path: string; readonly code: SystemErrorCode };

/** Every such call on this path fails during one run; then the trouble is over. */
async function runWith(world: World, { call, path, code }: Trouble): Promise<BackupResult> {
  world.disk.failAt(1, code, { calls: [call], path: (candidate) => candidate === path, times: 1000 });
  const result = await runBackup(world);
  world.disk.clearFaults();
  world.clock.advance(60_000);
  return result;
}

async function expectSaved(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

const troubles: readonly Trouble[] = [
  { call: 'open', path: '/data/a/1', code: 'EACCES' },
  { call: 'open', path: '/data/a/1', code: 'EIO' },
  { call: 'read', path: '/data/a/1', code: 'EIO' },
  { call: 'fstat', path: '/data/a/1', code: 'EIO' },
  { call: 'xattrs', path: '/data/a/1', code: 'EIO' },
  { call: 'lstat', path: '/data/a/1', code: 'EACCES' },
];

describe.each(troubles)('a file whose $call fails with $code', (trouble) => {
  test('is told by path and code, and the rest is saved', async () => {
    const result = await runWith(await smallWorld(), trouble);
    expect(result).toMatchObject({
      files: 2,
      folders: 4,
      failed: 1,
      failures: [{ path: trouble.path, code: trouble.code }],
    });
  });

  test('stands in the snapshot as not read, if at all', async () => {
    const world = await smallWorld();
    await runWith(world, trouble);
    const entry = (await walkNewest(world)).entries.get(trouble.path);
    expect(entry?.state).toBe(trouble.call === 'lstat' ? undefined : `unreadable:${trouble.code}`);
  });

  test('is counted and listed in the snapshot', async () => {
    const world = await smallWorld();
    await runWith(world, trouble);
    const { counts, failures } = (await walkNewest(world)).stored.snapshot;
    expect(counts).toMatchObject({ seen: 7, saved: 6, failed: 1, excluded: 0 });
    expect(failures.map(({ path, code }) => [Buffer.from(path).toString(), code])).toEqual([
      [trouble.path, trouble.code],
    ]);
  });

  test('is tried again by the next run, and only it', async () => {
    const world = await smallWorld();
    await runWith(world, trouble);
    expect(await runBackup(world)).toMatchObject({ failed: 0, readBytes: 20_000, files: 3 });
    await expectSaved(world);
  });
});

describe('a folder that cannot be read', () => {
  const trouble: Trouble = { call: 'list', path: '/data/b', code: 'EACCES' };

  test('is told, and the rest is saved', async () => {
    const result = await runWith(await smallWorld(), trouble);
    expect(result).toMatchObject({ files: 2, folders: 2, failed: 1, failures: [{ path: '/data/b', code: 'EACCES' }] });
  });

  test('stands in the snapshot as not read', async () => {
    const world = await smallWorld();
    await runWith(world, trouble);
    const entry = (await walkNewest(world)).entries.get('/data/b');
    expect(entry).toMatchObject({ kind: 'folder', content: null, state: 'unreadable:EACCES' });
  });

  test('is tried again by the next run', async () => {
    const world = await smallWorld();
    await runWith(world, trouble);
    expect(await runBackup(world)).toMatchObject({ failed: 0, files: 3, readBytes: 20_000 });
    await expectSaved(world);
  });

  test('that is the source itself is told', async () => {
    const result = await runWith(await smallWorld(), { call: 'list', path: sourceFolder, code: 'EIO' });
    expect(result).toMatchObject({ files: 0, folders: 0, failed: 1, failures: [{ path: sourceFolder, code: 'EIO' }] });
  });

  test('after it was saved once keeps nothing of the old state in the new snapshot', async () => {
    const world = await smallWorld();
    await runBackup(world);
    world.clock.advance(60_000);
    await runWith(world, trouble);
    expect((await walkNewest(world)).entries.has('/data/b/c/3')).toBe(false);
  });
});

describe('the attributes of a folder', () => {
  test.each(['/data/b', sourceFolder])('that cannot be read (%s) count it as failed and end nothing', async (path) => {
    const result = await runWith(await smallWorld(), { call: 'xattrs', path, code: 'EIO' });
    expect(result).toMatchObject({ files: 3, folders: 3, failed: 1, failures: [{ path, code: 'EIO' }] });
  });

  test.each(['/data/b', sourceFolder])('that is gone after it was read (%s) end nothing', async (path) => {
    expect(await runWith(await smallWorld(), { call: 'xattrs', path, code: 'ENOENT' })).toMatchObject({
      files: 3,
      failed: 0,
    });
  });
});

describe('what vanishes', () => {
  test.each([
    { call: 'lstat', path: '/data/a/1', what: 'a file between its name and its stat', files: 2, folders: 4 },
    { call: 'open', path: '/data/a/1', what: 'a file between scan and read', files: 2, folders: 4 },
    { call: 'xattrs', path: '/data/a/1', what: 'a file while it is read', files: 2, folders: 4 },
    { call: 'list', path: '/data/b/c', what: 'a folder before it is listed', files: 2, folders: 3 },
  ] as const)('$what is left out as vanished', async ({ call, path, files, folders }) => {
    const result = await runWith(await smallWorld(), { call, path, code: 'ENOENT' });
    expect(result).toMatchObject({ files, folders, failed: 0, excluded: { vanished: 1 } });
  });

  test('is saved when it is there again', async () => {
    const world = await smallWorld();
    await runWith(world, { call: 'open', path: '/data/a/1', code: 'ENOENT' });
    await runBackup(world);
    await expectSaved(world);
  });

  test('as a folder that was saved before is not shown with what it had', async () => {
    const world = await smallWorld();
    await runBackup(world);
    world.clock.advance(60_000);
    await runWith(world, { call: 'list', path: '/data/b/c', code: 'ENOENT' });
    expect((await walkNewest(world)).entries.has('/data/b/c')).toBe(false);
  });

  test('as a link is left out as vanished', async () => {
    const world = await smallWorld();
    world.disk.makeLink('1', '/data/a/link');
    const result = await runWith(world, { call: 'readLink', path: '/data/a/link', code: 'ENOENT' });
    expect(result).toMatchObject({ others: 0, failed: 0, excluded: { vanished: 1 } });
  });

  test('while a rule looks at it ends nothing', async () => {
    const world = await smallWorld();
    const fd = world.disk.open('/data/a/sparse', 'create');
    world.disk.truncate(fd, 10_000);
    world.disk.close(fd);
    const result = await runWith(world, { call: 'xattrs', path: '/data/a/sparse', code: 'ENOENT' });
    expect(result).toMatchObject({ files: 3, failed: 0, excluded: { vanished: 1 } });
  });
});
