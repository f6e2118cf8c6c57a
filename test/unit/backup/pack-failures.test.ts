import { describe, expect, test } from 'vitest';
import { type PackId, packId } from '../../../engine/base/index.ts';
import type { CallName } from '../../../engine/filesystem/simulated/index.ts';
import { publishSnapshot, type SnapshotDraft } from '../../../engine/repository/index.ts';
import { type FaultPlan, faultPlans, withFaults } from '../../../engine/storage/with/index.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkAll, walkNewest } from './walker.ts';
import {
  bulk,
  createWorld,
  objectsIn,
  open,
  portsOn,
  runBackup,
  sourceFolder,
  storeFolder,
  type World,
  write,
} from './world.ts';

/** Forty files in four folders, some of them equal, so that files of one folder stand on chunks that another stored. */
async function manyFiles(options: { readonly seed?: number; readonly capacity?: number } = {}): Promise<World> {
  const world = await createWorld(options);
  for (let file = 0; file < 40; file++) {
    const content = file % 3 === 0 ? bulk(30_000, (file % 5) + 1) : bulk(10_000 + file * 700, 100 + file);
    write(world.disk, `/data/${file % 4}/${file}`, content);
  }
  return world;
}

/** A pack on its way, not one of the small objects that are written beside it. */
const isPack = (path: string): boolean => /\/tmp\/[0-9a-f]+-[0-9a-f]{24}$/.test(path);

async function expectSaved(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

const packCalls: readonly CallName[] = ['open', 'write', 'syncLater', 'renameNoReplace', 'close'];

describe.each(packCalls)('a pack whose %s fails once', (call) => {
  const failOnce = async (which: number): Promise<World> => {
    const world = await manyFiles();
    world.disk.failAt(which, 'EIO', { calls: [call], path: isPack });
    return world;
  };

  test('costs no file: what relied on it is stored by another pass', async () => {
    const world = await failOnce(1);
    expect(await runBackup(world)).toMatchObject({ files: 40, failed: 0 });
    await expectSaved(world);
  });

  test.each([2, 3, 4])('also when it is one of the next (number %i)', async (which) => {
    const world = await failOnce(which);
    await runBackup(world);
    await expectSaved(world);
  });

  test('is not counted twice', async () => {
    const world = await failOnce(1);
    const result = await runBackup(world);
    const calm = await manyFiles();
    const { newBytes, bytes, files, folders, changedFiles } = await runBackup(calm);
    expect(result).toMatchObject({ newBytes, bytes, files, folders, changedFiles, excluded: {}, failures: [] });
  });

  test('leaves nothing in the spool', async () => {
    const world = await failOnce(1);
    await runBackup(world);
    expect(world.disk.list(`${storeFolder}/tmp`)).toEqual([]);
  });
});

describe('a pack that the store refuses to take', () => {
  const refusing = (world: World, times: number) => {
    let left = times;
    const plan: FaultPlan = (call) => (call.operation === 'adopt' && left-- > 0 ? { kind: 'fail' } : null);
    return runBackup(world, { wrapStore: (store) => withFaults(store, { plan }) });
  };
  const packsOfOnePass = async (): Promise<number> => {
    const world = await manyFiles();
    await runBackup(world);
    return objectsIn(world.disk).filter((key) => key.startsWith('packs/')).length;
  };

  test('once, is stored again', async () => {
    const world = await manyFiles();
    await refusing(world, 1);
    await expectSaved(world);
  });

  test('in two passes, is stored by the third', async () => {
    const world = await manyFiles();
    await refusing(world, (await packsOfOnePass()) + 1);
    await expectSaved(world);
  });

  test('always, ends the run with store.failed', async () => {
    await expect(refusing(await manyFiles(), 9999)).rejects.toMatchObject({ code: 'store.failed' });
  });

  test('always, publishes nothing', async () => {
    const world = await manyFiles();
    await refusing(world, 9999).catch(() => {});
    expect(await walkAll(world)).toEqual([]);
  });
});

test('a pack whose arrival was reported as failed does no harm', async () => {
  const world = await manyFiles();
  const plan = faultPlans.nthCall(1, { kind: 'lostAnswer' }, 'adopt');
  await runBackup(world, { wrapStore: (store) => withFaults(store, { plan }) });
  await expectSaved(world);
});

test('a pack that is found in its place already counts as arrived', async () => {
  const world = await manyFiles();
  const result = await runBackup(world, {
    wrapStore: (store) => ({
      ...store,
      async adopt(key, path, signal) {
        await store.adopt(key, path, signal);
        await store.adopt(key, path, signal);
      },
    }),
  });
  expect(result.failed).toBe(0);
  await expectSaved(world);
});

describe('packs that always fail', () => {
  /** One good backup, then changes that no pack can take. */
  async function failing(code: 'EIO' | 'EROFS' | 'ENOSPC'): Promise<World> {
    const world = await manyFiles();
    await runBackup(world);
    world.clock.advance(60_000);
    write(world.disk, '/data/0/new', bulk(80_000, 7));
    world.disk.failAt(1, code, { calls: ['write'], path: isPack, times: 100_000 });
    return world;
  }

  test.each([
    ['EIO', 'store.failed'],
    ['EROFS', 'store.denied'],
    ['ENOSPC', 'store.full'],
  ] as const)('with %s end the run with %s', async (system, code) => {
    await expect(runBackup(await failing(system))).rejects.toMatchObject({ code });
  });

  test('publish nothing, and leave earlier snapshots whole', async () => {
    const world = await failing('EIO');
    await runBackup(world).catch(() => {});
    world.disk.clearFaults();
    expect(await walkAll(world)).toHaveLength(1);
  });

  test('are forgotten when the trouble is over', async () => {
    const world = await failing('EIO');
    await runBackup(world).catch(() => {});
    world.disk.clearFaults();
    expect(await runBackup(world)).toMatchObject({ failed: 0, readBytes: 80_000 });
    await expectSaved(world);
  });
});

describe('a full disk', () => {
  /** Some packs' worth of files, and no room for the last of them. */
  async function filled(): Promise<{ readonly world: World; readonly error: unknown }> {
    const world = await createWorld();
    for (let file = 0; file < 40; file++) write(world.disk, `/data/${file}`, bulk(2_000_000, file + 1));
    world.disk.setCapacity(world.disk.usedBytes + 70_000_000);
    return { world, error: await runBackup(world).catch((thrown: unknown) => thrown) };
  }
  let once: ReturnType<typeof filled> | null = null;
  const filledOnce = (): ReturnType<typeof filled> => (once ??= filled());
  const packsIn = ({ disk }: World): string[] => objectsIn(disk).filter((key) => key.startsWith('packs/'));

  test('ends the run with store.full', async () => {
    expect((await filledOnce()).error).toMatchObject({ code: 'store.full' });
  });

  test('is left with nothing but whole packs', async () => {
    const { world } = await filledOnce();
    expect(world.disk.list(`${storeFolder}/tmp`)).toEqual([]);
    expect(await walkAll(world)).toEqual([]);
  });

  test('keeps what was stored for the run after space returns', async () => {
    const { world } = await filledOnce();
    const stored = packsIn(world).length;
    expect(stored).toBeGreaterThan(0);
    world.disk.setCapacity(Number.POSITIVE_INFINITY);
    expect((await runBackup(world)).newBytes).toBeLessThan(80_000_000 - stored * 10_000_000);
    const { holders } = await walkNewest(world);
    expect([...holders.values()].filter((packs) => packs.length !== 1)).toEqual([]);
    await expectSaved(world);
  });

  test('found only when the last packs are sealed is still told as full', async () => {
    const world = await manyFiles();
    world.disk.failAt(1, 'ENOSPC', { calls: ['syncLater'], path: isPack, times: 1000 });
    await expect(runBackup(world)).rejects.toMatchObject({ code: 'store.full' });
  });
});

describe('a snapshot', () => {
  const draft: SnapshotDraft = {
    ...{ app: 'test', host: '', user: '', platform: 'linux', tags: [], sources: [], failures: [], excluded: new Map() },
    ...{ parent: null, home: new Uint8Array(0), bytes: { new: 0, read: 0, stored: 0, total: 0 } },
    counts: { excluded: 0, failed: 0, files: 0, folders: 0, others: 0, saved: 0, seen: 0 },
    ...{ started: { seconds: 1, nanoseconds: 0 }, finished: { seconds: 2, nanoseconds: 0 } },
  };

  test('is refused while one of its packs is not durable, and nothing is written', async () => {
    const world = await createWorld();
    const ports = portsOn(world.disk);
    const vault = await open(world, ports, 'write');
    const before = objectsIn(world.disk);
    const packs = new Set<PackId>([packId('ab'.repeat(32)), packId('cd'.repeat(32))]);
    const isDurable = (pack: PackId): boolean => pack.startsWith('ab');
    await expect(publishSnapshot(vault, ports, draft, { packs, isDurable })).rejects.toThrow('durable');
    expect(objectsIn(world.disk)).toEqual(before);
    await vault.close();
  });
});
