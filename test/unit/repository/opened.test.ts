import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VaultId } from '../../../engine/base/index.ts';
import { deriveKeys } from '../../../engine/crypto/index.ts';
import { createOpenedObjects, openVault, type Vault } from '../../../engine/repository/index.ts';
import { flipByte, makeVault, objectsIn, type TestVault } from '../../support/vault.ts';

const ownerOf = (id: string, root: number) => ({
  id: id as VaultId, // any text will do
  keys: deriveKeys(new Uint8Array(32).fill(root), id as VaultId),
});

test('the same bytes at the same place of the same vault are opened once', () => {
  const opened = createOpenedObjects();
  let times = 0;
  const recall = (owner: ReturnType<typeof ownerOf>, path: string, hash: string): number =>
    opened.recall(owner, path, hash, () => ({ time: ++times })).time;
  expect(recall(ownerOf('v', 1), 'heads/a/1', 'h')).toBe(1);
  expect(recall(ownerOf('v', 1), 'heads/a/1', 'h')).toBe(1);
  expect(recall(ownerOf('v', 1), 'heads/a/1', 'other')).toBe(2);
  expect(recall(ownerOf('v', 1), 'heads/a/2', 'h')).toBe(3);
  expect(recall(ownerOf('v', 2), 'heads/a/1', 'h')).toBe(4);
  expect(recall(ownerOf('w', 1), 'heads/a/1', 'h')).toBe(5);
});

test('what could not be opened is tried again, and what was not asked for the longest is forgotten', () => {
  const opened = createOpenedObjects(2);
  const owner = ownerOf('v', 1);
  const fail = (): object => {
    throw new Error('damaged');
  };
  expect(() => opened.recall(owner, 'a', 'h', fail)).toThrow('damaged');
  const first = opened.recall(owner, 'a', 'h', () => ({}));
  opened.recall(owner, 'b', 'h', () => ({}));
  expect(opened.recall(owner, 'a', 'h', fail)).toBe(first);
  opened.recall(owner, 'c', 'h', () => ({}));
  expect(opened.recall(owner, 'a', 'h', fail)).toBe(first);
  expect(() => opened.recall(owner, 'b', 'h', fail)).toThrow('damaged');
});

/** A vault with three snapshots, and one who opens it again and again. */
async function openedAgain(): Promise<{ readonly vault: TestVault; readonly open: () => Promise<Vault> }> {
  const vault = await makeVault();
  mkdirSync(vault.files);
  for (const text of ['one', 'two', 'three']) {
    writeFileSync(join(vault.files, 'note'), text);
    await vault.backup();
  }
  const ports = { ...vault.ports, opened: createOpenedObjects() };
  const open = async (): Promise<Vault> => {
    const secret = async () => ({ kind: 'phrase', phrase: vault.recoveryPhrase }) as const;
    const opened = await openVault(ports, { store: vault.store, mode: 'read', secret });
    await opened.close();
    return opened;
  };
  expect((await open()).snapshots).toHaveLength(3);
  return { vault, open };
}

const headOf = ({ store }: TestVault, entry: number): string =>
  join(store, objectsIn(store, 'heads/').at(entry) ?? 'no such entry');

test('a log that changed at the place since it was opened is noticed', async () => {
  const { vault, open } = await openedAgain();
  flipByte(headOf(vault, 1), 40);
  await expect(open()).rejects.toMatchObject({ code: 'vault.rolledBack' });
  flipByte(headOf(vault, 1), 40);
  expect((await open()).snapshots).toHaveLength(3);
});

test('a log that became shorter since it was opened is noticed', async () => {
  const { vault, open } = await openedAgain();
  rmSync(headOf(vault, -1));
  await expect(open()).rejects.toMatchObject({ code: 'vault.rolledBack' });
});

test('a snapshot that changed since it was opened is told, and what was added meanwhile is seen', async () => {
  const { vault, open } = await openedAgain();
  flipByte(join(vault.store, objectsIn(vault.store, 'snapshots/').at(0) ?? ''), 60);
  const opened = await open();
  expect(opened.snapshots).toHaveLength(2);
  expect(opened.notices.join()).toContain('cannot be read');
  await vault.backup();
  expect((await open()).snapshots).toHaveLength(3);
});
