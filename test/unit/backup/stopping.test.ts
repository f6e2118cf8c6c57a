import { afterEach, describe, expect, test } from 'vitest';
import { openVault } from '../../../engine/repository/index.ts';
import { backup } from '../../../engine/snapshot/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { sourcesOf } from '../../support/sources.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkAll, walkNewest } from './walker.ts';
import { createWorld, portsOn, runBackup, sourceFolder, storeFolder, type World, write } from './world.ts';

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([]);
});

async function someFiles(): Promise<World> {
  const world = await createWorld();
  for (let file = 0; file < 20; file++) write(world.disk, `/data/${file % 4}/${file}`, noise(30_000, file));
  return world;
}

async function expectUntouched(world: World): Promise<void> {
  const spool = `${storeFolder}/tmp`;
  expect(world.disk.lstatIfThere(spool) === null ? [] : world.disk.list(spool)).toEqual([]);
  expect(await walkAll(world)).toEqual([]);
  await runBackup(world);
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
}

/** Runs, and stops when the store is asked to do a thing for the n-th time. */
function stopAt(
  world: World,
  operation: 'list' | 'listKeys' | 'prepareSpool' | 'adopt' | 'settle' | 'put' | 'flush',
  nth = 1,
) {
  const controller = new AbortController();
  let left = nth;
  const seen = <Result>(done: Result): Result => {
    if (--left === 0) controller.abort();
    return done;
  };
  const wrapStore = (store: Store): Store => {
    const real = store[operation] as (...values: unknown[]) => unknown; // each passes on what it was given
    return { ...store, [operation]: (...values: unknown[]) => seen(real.apply(store, values)) };
  };
  return runBackup(world, { wrapStore, signal: controller.signal });
}

describe('a run that is stopped', () => {
  test('before it begins does nothing', async () => {
    const world = await someFiles();
    await expect(runBackup(world, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    await expectUntouched(world);
  });

  test.each([
    ['list', 1],
    ['prepareSpool', 1],
    ['adopt', 1],
    ['adopt', 2],
    ['settle', 1],
    ['put', 1],
  ] as const)(
    'at %s number %i publishes nothing, says so, and leaves the vault to the next',
    async (operation, nth) => {
      const world = await someFiles();
      await expect(stopAt(world, operation, nth)).rejects.toMatchObject({ code: 'cancelled' });
      await expectUntouched(world);
    },
  );

  test('while the vault is being unlocked touches nothing afterwards, and the next run is not disturbed', async () => {
    const world = await someFiles();
    const controller = new AbortController();
    const unlocking = Promise.withResolvers<void>();
    const ports = portsOn(world.disk, { seed: 77 });
    const opening = openVault(ports, {
      store: storeFolder,
      mode: 'write',
      secret: async () => {
        controller.abort();
        await unlocking.promise;
        return { kind: 'phrase', phrase: world.phrase };
      },
    });
    const stopped = backup(ports, opening, {
      sources: sourcesOf({ paths: [sourceFolder] }),
      ...{ tags: [], app: '', host: '', user: '', userHome: '', platform: 'linux', signal: controller.signal },
    });
    unlocking.resolve();
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    await expectUntouched(world);
  });

  test('and begun again at once is not disturbed by what was under way', async () => {
    const world = await someFiles();
    await stopAt(world, 'adopt').catch(() => runBackup(world));
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('after its snapshot was published is done', async () => {
    const world = await someFiles();
    const controller = new AbortController();
    let heads = 0;
    const wrapStore = (store: Store): Store => ({
      ...store,
      async put(key, bytes, signal) {
        await store.put(key, bytes, signal);
        if (key.startsWith('heads/')) {
          heads++;
          controller.abort();
        }
      },
    });
    await runBackup(world, { wrapStore, signal: controller.signal });
    expect(heads).toBe(1);
    expect(await walkAll(world)).toHaveLength(1);
  });
});

describe('a store whose every answer takes its time', () => {
  /** Stops at the n-th call; returns what was asked of the store, or still under way, after it was closed. */
  async function lateCalls(nth: number): Promise<{ late: string[]; calls: number }> {
    const world = await someFiles();
    const controller = new AbortController();
    const late: string[] = [];
    let [calls, underway, isClosed] = [0, 0, false];
    const slowly = <Result>(name: string, call: () => Promise<Result>): Promise<Result> => {
      if (isClosed) late.push(name);
      if (++calls === nth) controller.abort();
      underway++;
      return new Promise<void>((resolve) => setImmediate(resolve)).then(call).finally(() => underway--);
    };
    const wrapStore = (store: Store): Store => ({
      ...store,
      get: (key, range, signal) => slowly('get', () => store.get(key, range, signal)),
      put: (key, bytes, signal) => slowly('put', () => store.put(key, bytes, signal)),
      adopt: (key, path, signal) => slowly('adopt', () => store.adopt(key, path, signal)),
      flush: (signal) => slowly('flush', () => store.flush(signal)),
      settle: (signal) => slowly('settle', () => store.settle(signal)),
      prepareSpool: (owner, staleMs) => slowly('prepareSpool', () => store.prepareSpool(owner, staleMs)),
      async close() {
        isClosed = true;
        if (underway > 0) late.push(`${underway} still under way`);
      },
    });
    await runBackup(world, { wrapStore, signal: controller.signal }).catch(() => {});
    return { late, calls };
  }

  test('is not asked any more once the run is over, wherever it was stopped', async () => {
    const { calls } = await lateCalls(0);
    for (let nth = 1; nth <= calls; nth++) expect([nth, (await lateCalls(nth)).late]).toEqual([nth, []]);
  });
});

describe('a vault that does not open', () => {
  test('ends the run with its reason, while the scan is under way', async () => {
    const world = await someFiles();
    const ports = portsOn(world.disk);
    const opening = openVault(ports, {
      store: storeFolder,
      mode: 'write',
      secret: async () => ({ kind: 'passphrase', passphrase: 'no' }),
    });
    const run = backup(ports, opening, {
      sources: sourcesOf({ paths: [sourceFolder] }),
      ...{ tags: [], app: '', host: '', user: '', userHome: '', platform: 'linux' },
    });
    await expect(run).rejects.toMatchObject({ code: 'secret.wrong' });
  });

  test('because it is not there', async () => {
    const world = await someFiles();
    world.disk.rename(storeFolder, '/gone');
    await expect(runBackup(world)).rejects.toMatchObject({ code: 'store.missing' });
  });

  test('because COFFER_HOME cannot be used', async () => {
    const world = await someFiles();
    world.disk.failAt(1, 'EACCES', { path: (path) => path.startsWith('/home'), times: 1000 });
    await expect(runBackup(world)).rejects.toMatchObject({ code: 'home.unusable' });
  });
});
