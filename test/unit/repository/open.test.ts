import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError, type ErrorCode } from '../../../engine/base/index.ts';
import { sha256Hex } from '../../../engine/crypto/index.ts';
import { createVault, openVault, readVaultId, type Secret } from '../../../engine/repository/index.ts';
import { writeTree } from '../../support/trees.ts';
import {
  cutShort,
  flipByte,
  makeVault,
  objectsIn,
  passphrase,
  removeObjects,
  type TestVault,
} from '../../support/vault.ts';

const secretOf = (text: string) => async (): Promise<Secret> => ({ kind: 'passphrase', passphrase: text });

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'fine'> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    if (error instanceof CofferError) return error.code;
    throw error;
  }
}

function slotOfKind(vault: TestVault, kind: 1 | 2): string {
  return objectsIn(vault.store, 'keys/').find((key) => readFileSync(join(vault.store, key))[5] === kind) ?? '';
}

/** Changes a slot and gives it the name that fits its new bytes, as a store that means harm would. */
function rewriteSlot(vault: TestVault, key: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(join(vault.store, key));
  change(bytes);
  writeFileSync(join(vault.store, key), bytes);
  renameSync(join(vault.store, key), join(vault.store, 'keys', sha256Hex(bytes)));
}

describe('opening a vault', () => {
  test('works with the passphrase and with the recovery phrase, however it is typed', async () => {
    const vault = await makeVault();
    const byPassphrase = await vault.open({ secret: secretOf(passphrase) });
    const typed = `  ${vault.recoveryPhrase.toUpperCase().replaceAll(' ', '\n')} `;
    const byPhrase = await vault.open({ secret: async () => ({ kind: 'phrase', phrase: typed }) });
    expect(byPhrase.rootKey).toEqual(byPassphrase.rootKey);
    expect(byPhrase.slotKey).not.toBe(byPassphrase.slotKey);
  });

  test('asks for the secret by the id of the vault, which can also be read without one', async () => {
    const vault = await makeVault();
    const asked: string[] = [];
    const { id } = await vault.open({
      secret: async (of) => {
        asked.push(of);
        return { kind: 'passphrase', passphrase };
      },
    });
    expect(asked).toEqual([id]);
    expect(await readVaultId(vault.ports, vault.store)).toBe(id);
    expect(await codeOf(readVaultId(vault.ports, join(vault.folder, 'nothing here')))).toBe('store.missing');
    writeFileSync(join(vault.store, 'config'), 'no config');
    expect(await codeOf(readVaultId(vault.ports, vault.store))).toBe('vault.notAVault');
  });

  test('with a wrong passphrase says so', async () => {
    const vault = await makeVault();
    expect(await codeOf(vault.open({ secret: secretOf('wrong') }))).toBe('secret.wrong');
  });

  test('with words that are no recovery phrase says so, and with those of another vault that they are wrong', async () => {
    const vault = await makeVault();
    const open = (phrase: string) => codeOf(vault.open({ secret: async () => ({ kind: 'phrase', phrase }) }));
    expect(await open('abandon ability')).toBe('phrase.invalid');
    expect(await open(`${'abandon '.repeat(23)}art`)).toBe('secret.wrong');
  });

  test('names the damaged slot that may have been the right one', async () => {
    const vault = await makeVault();
    flipByte(join(vault.store, slotOfKind(vault, 1)), -1);
    expect(await codeOf(vault.open({ secret: secretOf(passphrase) }))).toBe('slot.damaged');
    expect(await codeOf(vault.open())).toBe('fine');
  });

  test.each([
    ['memory', 56, 1024 * 1024],
    ['passes', 60, 1_000_000],
    ['lanes', 64, 4],
    ['too little memory', 56, 8],
  ])('refuses a slot that asks for other work than is safe: %s', async (_, at, value) => {
    const vault = await makeVault();
    rewriteSlot(vault, slotOfKind(vault, 1), (bytes) => void bytes.writeUInt32LE(value, at));
    expect(await codeOf(vault.open({ secret: secretOf(passphrase) }))).toBe('slot.refused');
    expect(await codeOf(vault.open())).toBe('fine');
  });

  test('with a slot whose bytes were changed under a fitting name does not open by it', async () => {
    const vault = await makeVault();
    rewriteSlot(
      vault,
      slotOfKind(vault, 2),
      (bytes) => void bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1),
    );
    expect(await codeOf(vault.open())).toBe('slot.damaged');
  });

  test('without key slots is an error and never "nobody may"', async () => {
    const vault = await makeVault();
    removeObjects(vault.store, 'keys/');
    expect(await codeOf(vault.open())).toBe('vault.noKeys');
  });

  test('where there is none says so before it asks for a secret', async () => {
    const vault = await makeVault();
    let asked = false;
    const secret = async (): Promise<Secret> => {
      asked = true;
      return { kind: 'passphrase', passphrase };
    };
    expect(await codeOf(vault.open({ store: join(vault.folder, 'nowhere'), secret }))).toBe('store.missing');
    expect(await codeOf(vault.open({ store: vault.folder, secret }))).toBe('vault.notFound');
    expect(asked).toBe(false);
  });

  test('with packs and no config says that the config is lost, not that a vault may be made', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'text' });
    await vault.backup();
    rmSync(join(vault.store, 'config'));
    expect(await codeOf(vault.open())).toBe('vault.configMissing');
  });

  test('with a config of something else, or of a newer Coffer, or damaged, tells them apart', async () => {
    const vault = await makeVault();
    const config = join(vault.store, 'config');
    const bytes = readFileSync(config);
    writeFileSync(config, '{"version": 2}');
    expect(await codeOf(vault.open())).toBe('vault.notAVault');
    const newer = Buffer.from(bytes);
    newer.writeUInt16LE(2, 8);
    newer.writeUInt16LE(2, 10);
    writeFileSync(config, newer);
    expect(await codeOf(vault.open())).toBe('vault.newer');
    writeFileSync(config, bytes);
    for (const at of [12, 28, 30, 40, 70, -1]) {
      flipByte(config, at);
      expect([await codeOf(vault.open()), at]).not.toEqual(['fine', at]);
      flipByte(config, at);
    }
    cutShort(config, 20);
    expect(await codeOf(vault.open())).toBe('vault.configDamaged');
  });
});

describe('making a vault', () => {
  test('never goes into a place that holds anything', async () => {
    const vault = await makeVault();
    const make = (store: string) => codeOf(createVault(vault.ports, { store, passphrase: 'p' }));
    expect(await make(vault.store)).toBe('vault.exists');
    expect(await make(vault.folder)).toBe('vault.notEmpty');
    const file = join(vault.folder, 'file');
    writeFileSync(file, 'text');
    expect(await make(file)).toBe('store.notAFolder');
    expect(await make(join(file, 'vault'))).toBe('store.notAFolder');
    expect(readFileSync(file, 'utf8')).toBe('text');
  });

  test('needs a passphrase', async () => {
    const vault = await makeVault();
    const store = join(vault.folder, 'other');
    expect(await codeOf(createVault(vault.ports, { store, passphrase: '' }))).toBe('secret.weak');
  });

  test('works with the ids that need no native code', async () => {
    const vault = await makeVault();
    const store = join(vault.folder, 'other');
    const { recoveryPhrase } = await createVault(vault.ports, { store, passphrase: 'p', idAlgorithm: 'hmac-sha256' });
    const secret = async (): Promise<Secret> => ({ kind: 'phrase', phrase: recoveryPhrase });
    const opened = await openVault(vault.ports, { store, mode: 'read', secret });
    expect(opened.params.idAlgorithm).toBe('hmac-sha256');
    await opened.close();
    rmSync(store, { recursive: true });
  });
});
