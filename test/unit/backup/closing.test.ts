import { expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { createVault, openVault } from '../../../engine/repository/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { expectCode } from '../../contract/store.ts';
import { inVirtualTime } from '../../support/virtual-clock.ts';
import { walkNewest } from './walker.ts';
import { createWorld, portsOn, runBackup, type World, write } from './world.ts';

const refuses = (store: Store): Store => ({
  ...store,
  close: () => Promise.reject(new CofferError('store.failed', { store: store.url, detail: 'it does not let go' })),
});

async function worldWithLetter(): Promise<World> {
  const world = await createWorld();
  write(world.disk, '/data/letter', 'dear');
  return world;
}

test('a run that was published is done, whatever the place says when it is closed', async () => {
  const world = await worldWithLetter();
  const warned: string[] = [];
  const { snapshot } = await runBackup(world, { wrapStore: refuses, onWarning: (text) => void warned.push(text) });
  expect((await walkNewest(world)).stored.id).toBe(snapshot);
  expect(warned).toEqual(['a place was not closed well']);
});

test('a far place that never answers to that is waited for no longer than to any question', async () => {
  const world = await worldWithLetter();
  const never = (store: Store): Store => ({ ...store, spool: null, close: () => new Promise(() => {}) });
  const { result, tookMs } = await inVirtualTime((clock) => runBackup(world, { clock, wrapStore: never }));
  expect((await walkNewest(world)).stored.id).toBe(result.snapshot);
  expect(tookMs).toBeLessThan(40_000);
});

test('a run that failed says its own reason, and the next one may begin', async () => {
  const world = await worldWithLetter();
  const full = (store: Store): Store => ({
    ...refuses(store),
    adopt: () => Promise.reject(new CofferError('store.full', { store: store.url })),
  });
  await expectCode(runBackup(world, { wrapStore: full }), 'store.full');
  expect((await runBackup(world, { wrapStore: refuses })).files).toBe(1);
});

test('the recovery phrase of a new vault is not lost by it, nor why one does not open', async () => {
  const { disk } = await createWorld();
  const ports = portsOn(disk, { wrapStore: refuses });
  disk.makeFolder('/other', 0o755);
  const { recoveryPhrase } = await createVault(ports, { store: '/other', passphrase: 'right' });
  expect(recoveryPhrase.split(' ').length).toBeGreaterThan(11);
  const secret = async () => ({ kind: 'passphrase', passphrase: 'wrong' }) as const;
  await expectCode(openVault(ports, { store: '/other', secret, mode: 'read' }), 'secret.wrong');
});
