import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type PackId, packId, type SnapshotId } from '../../../../engine/base/index.ts';
import { keyOfPack, keyOfRefs } from '../../../../engine/format/index.ts';
import { allRecords, publishSnapshot, readRefs, type Vault } from '../../../../engine/repository/index.ts';
import { draftOf } from '../../../fault/sweeps/person.ts';
import { makeVault, objectsIn, type TestVault } from '../../../support/vault.ts';
import { dayMs, forget, plan, sweep } from './support.ts';

const idOf = (number: number): PackId => packId(createHash('sha256').update(`pack ${number}`).digest('hex'));

/** So many packs that lists are written as what changed; what is in them is of no matter to a sweep. */
async function publish(
  vault: TestVault,
  from: number,
  change: (opened: Vault) => void = () => {},
): Promise<SnapshotId> {
  const opened = await vault.open({ mode: 'write' });
  change(opened);
  const packs = new Set(Array.from({ length: 300 }, (_, at) => idOf(from + at)));
  for (const pack of packs) {
    if ((await opened.store.stat(keyOfPack(pack))) === null) await opened.store.put(keyOfPack(pack), Uint8Array.of(1));
  }
  const draft = draftOf(new Uint8Array(32), 1);
  const { id } = await publishSnapshot(opened, vault.ports, draft, { packs, isDurable: () => true });
  await opened.close();
  return id;
}

async function refsOf(vault: TestVault): Promise<{ readonly hash: string; readonly base: string | null }[]> {
  const opened = await vault.open();
  const all: { hash: string; base: string | null }[] = [];
  for (const { entry } of allRecords(opened.logs)) {
    if (entry.action.kind !== 'snapshot') continue;
    const { refs: hash } = entry.action;
    const { base } = await readRefs(opened, hash).catch(() => ({ base: 'gone' }));
    all.push({ hash, base });
  }
  return all;
}

test('the lists that others build on stay, and go with the last of them', async () => {
  const vault = await makeVault();
  const first = await publish(vault, 0);
  const second = await publish(vault, 1);
  await publish(vault, 2);
  const [one, two, three] = await refsOf(vault);
  expect([one?.base, two?.base, three?.base]).toEqual([null, one?.hash, two?.hash]);
  await forget(vault, first, second);
  await sweep(vault);
  vault.clock.advance(31 * dayMs);
  expect(await sweep(vault)).toMatchObject({ deleted: { packs: 2 }, snapshots: 2 });
  expect(objectsIn(vault.store, 'refs/')).toHaveLength(3);
  expect((await plan(vault)).survey.doubts).toEqual([]);

  // One that builds on a list which is not that of its device's last snapshot could lose it at any moment.
  const opened = await vault.open();
  const stale = opened.local.read('refs') ?? new Uint8Array(0);
  const fourth = await publish(vault, 3);
  await publish(vault, 4, ({ local }) => local.write('refs', stale));
  expect((await refsOf(vault)).map(({ base }) => base).slice(3)).toEqual([three?.hash, null]);

  const third = (await vault.open()).snapshots[0]?.id;
  await forget(vault, fourth, ...(third === undefined ? [] : [third]));
  await sweep(vault);
  vault.clock.advance(31 * dayMs);
  await sweep(vault);
  const last = (await refsOf(vault)).at(-1);
  expect(objectsIn(vault.store, 'refs/')).toEqual([keyOfRefs(last?.hash ?? '')]);
});
