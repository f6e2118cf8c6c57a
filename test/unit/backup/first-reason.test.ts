import { expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import type { BackupSource } from '../../../engine/snapshot/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { type FaultCall, withFaults } from '../../../engine/storage/with/index.ts';
import { noRules } from '../../support/sources.ts';
import { noise } from '../../support/trees.ts';
import { bulk, createWorld, homeFolder, runBackup, type World, write } from './world.ts';

const usual = { otherFileSystems: false, rules: noRules };
const data: BackupSource = { path: '/data', ...usual };
const drive: BackupSource = { path: '/drive', ...usual };
const unplugged: BackupSource = { ...drive, look: { kind: 'nowhere' } };

/** Some packs' worth of new files, and a drive that is away, whose folders are read from the place while packs arrive. */
async function busyWorld(files: number): Promise<World> {
  const world = await createWorld();
  for (let folder = 0; folder < 20; folder++) {
    write(world.disk, `/drive/${folder}/a`, noise(100, folder));
    // Its trees take more than one reading.
    for (let link = 0; link < 800; link++)
      world.disk.makeLink(`${folder * link}-${'x'.repeat(30)}`, `/drive/${folder}/${link}`);
  }
  await runBackup(world, { sources: [drive] });
  world.disk.rename('/drive', '/elsewhere');
  for (let file = 0; file < files; file++) write(world.disk, `/data/${file}`, bulk(4_000_000, file + 1));
  const [vault = ''] = world.disk.list(`${homeFolder}/vaults`);
  for (const name of world.disk.list(`${homeFolder}/vaults/${vault}`))
    if (name.startsWith('folders')) world.disk.removeFile(`${homeFolder}/vaults/${vault}/${name}`);
  world.clock.advance(3_600_000);
  return world;
}

async function codeOfRun(world: World, wrapStore: (store: Store) => Store): Promise<string> {
  return await runBackup(world, { sources: [data, unplugged], wrapStore }).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

/** Nobody stops this run; its place is full from the n-th call on. */
async function fullFrom(nth: number): Promise<{ readonly code: string; readonly calls: FaultCall[] }> {
  const calls: FaultCall[] = [];
  const plan = (call: FaultCall) => {
    calls.push(call);
    const isWrite = call.operation === 'adopt' || call.operation === 'put';
    return isWrite && call.number >= nth ? ({ kind: 'fail', code: 'store.full' } as const) : null;
  };
  const code = await codeOfRun(await busyWorld(6), (store) => withFaults(store, { plan }));
  return { code, calls };
}

test('a run that fails says of what, whichever call it is that fails', { timeout: 60_000 }, async () => {
  const { code, calls } = await fullFrom(Number.POSITIVE_INFINITY);
  expect(code).toBe('done');
  const writes = calls.filter(({ operation }) => operation === 'adopt' || operation === 'put');
  expect(writes.length).toBeGreaterThan(4);
  for (const { number, operation } of writes)
    expect([number, operation, (await fullFrom(number)).code]).toEqual([number, operation, 'store.full']);
});

test('a place that fills while it is read says so, and not that somebody stopped the run', async () => {
  const isRead = Promise.withResolvers<void>();
  const isFull = Promise.withResolvers<void>();
  let arrives = false;
  // So many that the first packs are full before all files are read.
  const code = await codeOfRun(await busyWorld(25), (store) => ({
    ...store,
    async get(key, range, signal) {
      if (arrives && key.startsWith('packs/')) {
        isRead.resolve();
        await isFull.promise;
      }
      return await store.get(key, range, signal);
    },
    async adopt() {
      arrives = true;
      await isRead.promise;
      setImmediate(isFull.resolve);
      throw new CofferError('store.full', { store: store.url });
    },
  }));
  expect(code).toBe('store.full');
});
