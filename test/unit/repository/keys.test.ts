import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError, limits } from '../../../engine/base/index.ts';
import {
  addPassphrase,
  addRecoveryPhrase,
  allRecords,
  changePassphrase,
  listKeys,
  phraseSlot,
  removeKey,
  type Secret,
  type Vault,
} from '../../../engine/repository/index.ts';
import { flipByte, makeVault, objectsIn, passphrase, type TestVault } from '../../support/vault.ts';

const opens = async (vault: TestVault, secret: Secret): Promise<boolean> => {
  try {
    await vault.open({ secret: async () => secret });
    return true;
  } catch (error) {
    if (error instanceof CofferError && error.code === 'secret.wrong') return false;
    throw error;
  }
};
const words = (text: string): Secret => ({ kind: 'passphrase', passphrase: text });

async function changesIn(vault: Vault): Promise<string[]> {
  const changes: string[] = [];
  for (const { entry } of allRecords(await vault.readLogsAgain())) {
    if (entry.action.kind === 'slot-change') changes.push(entry.action.change);
  }
  return changes;
}

describe('keys of a vault', () => {
  test('are listed with the one in use', async () => {
    const vault = await makeVault();
    const keys = await listKeys(await vault.open());
    expect(keys.map(({ kind, label, usedNow }) => ({ kind, label, usedNow }))).toEqual(
      expect.arrayContaining([
        { kind: 'passphrase', label: 'passphrase', usedNow: false },
        { kind: 'phrase', label: 'recovery phrase', usedNow: true },
      ]),
    );
  });

  test('can be added, open the vault, and stand in the log', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write' });
    const added = await addPassphrase(opened, vault.ports, 'second', 'laptop');
    expect(added).toMatchObject({ kind: 'passphrase', label: 'laptop', usedNow: false, damaged: null });
    const { key, phrase } = await addRecoveryPhrase(opened, vault.ports, 'safe');
    expect(await opens(vault, words('second'))).toBe(true);
    expect(await opens(vault, { kind: 'phrase', phrase })).toBe(true);
    expect(await opens(vault, words(passphrase))).toBe(true);
    expect(await changesIn(opened)).toEqual([`added ${added.key}`, `added ${key.key}`]);
  });

  test('removed open the vault no more, and the log says so', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write' });
    const old = (await listKeys(opened)).find(({ kind }) => kind === 'passphrase')?.key ?? '';
    await removeKey(opened, vault.ports, old.slice('keys/'.length, 'keys/'.length + 8));
    expect(await opens(vault, words(passphrase))).toBe(false);
    expect(await changesIn(opened)).toEqual([`removed ${old}`]);
    await expect(removeKey(opened, vault.ports, old)).rejects.toMatchObject({ code: 'slot.unknown' });
  });

  test('by an empty or ambiguous name are not removed', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write' });
    for (const name of ['', 'keys/']) {
      await expect(removeKey(opened, vault.ports, name)).rejects.toMatchObject({ code: 'slot.unknown' });
    }
    expect(objectsIn(vault.store, 'keys/')).toHaveLength(2);
  });

  test('never all go: the last one that opens stays, even beside a damaged one', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write' });
    const [damaged = '', last = ''] = ['passphrase', 'phrase'].map((kind) =>
      objectsIn(vault.store, 'keys/').find(
        (key) => readFileSync(join(vault.store, key))[5] === (kind === 'phrase' ? 2 : 1),
      ),
    );
    flipByte(join(vault.store, damaged), 90);
    await expect(removeKey(opened, vault.ports, last)).rejects.toMatchObject({ code: 'slot.last' });
    expect((await listKeys(opened)).find(({ key }) => key === damaged)?.damaged).not.toBeNull();
    await removeKey(opened, vault.ports, damaged);
    expect(objectsIn(vault.store, 'keys/')).toEqual([last]);
  });

  test('have a limit', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write' });
    for (let count = 2; count < limits.slots; count++) {
      const input = {
        vault: opened.id,
        rootKey: opened.rootKey,
        label: `${count}`,
        created: { seconds: 0, nanoseconds: 0 },
      };
      const slot = await phraseSlot(input, vault.ports.random);
      await opened.store.put(slot.key, slot.bytes);
    }
    await expect(addRecoveryPhrase(opened, vault.ports, 'one too many')).rejects.toMatchObject({
      code: 'slot.tooMany',
    });
    expect(objectsIn(vault.store, 'keys/')).toHaveLength(limits.slots);
  });

  test('may have long labels, which are cut between characters', async () => {
    const vault = await makeVault();
    const { key } = await addRecoveryPhrase(await vault.open({ mode: 'write' }), vault.ports, '☂'.repeat(100));
    expect(key.label).toBe('☂'.repeat(66));
  });
});

describe('changing the passphrase', () => {
  test('replaces the one that opened the vault, and no other key', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write', secret: async () => words(passphrase) });
    const key = await changePassphrase(opened, vault.ports, 'new one');
    expect(key).toMatchObject({ kind: 'passphrase', oldKeyStays: null });
    expect(await opens(vault, words(passphrase))).toBe(false);
    expect(await opens(vault, words('new one'))).toBe(true);
    expect(await opens(vault, { kind: 'phrase', phrase: vault.recoveryPhrase })).toBe(true);
  });

  test('after opening with the recovery phrase keeps the phrase', async () => {
    const vault = await makeVault();
    await changePassphrase(await vault.open({ mode: 'write' }), vault.ports, 'new one');
    expect(await opens(vault, words('new one'))).toBe(true);
    expect(await opens(vault, { kind: 'phrase', phrase: vault.recoveryPhrase })).toBe(true);
  });

  test('to nothing is refused before anything is written', async () => {
    const vault = await makeVault();
    const before = objectsIn(vault.store);
    const opened = await vault.open({ mode: 'write', secret: async () => words(passphrase) });
    await expect(changePassphrase(opened, vault.ports, '')).rejects.toMatchObject({ code: 'secret.weak' });
    expect(objectsIn(vault.store)).toEqual(before);
  });

  test('where the place refuses to delete says that the old one still opens', async () => {
    const vault = await makeVault();
    const opened = await vault.open({ mode: 'write', secret: async () => words(passphrase) });
    const refusing: Vault = {
      ...opened,
      store: {
        ...opened.store,
        delete: async () => {
          throw new CofferError('store.denied', { store: vault.store, action: 'delete' });
        },
      },
    };
    const key = await changePassphrase(refusing, vault.ports, 'new one');
    expect(key.oldKeyStays).toBe(opened.slotKey);
    expect(await opens(vault, words(passphrase))).toBe(true);
    expect(await opens(vault, words('new one'))).toBe(true);
  });
});
