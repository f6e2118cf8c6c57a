import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, folderOf, makeEvil } from '../../fault/hostile-vault.ts';
import { computerAt } from '../../support/coffer.ts';
import { fastNoise } from '../../support/fast-noise.ts';
import { restoreWith } from '../../support/restored.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

/** Snapshots whose lists of holes name bytes that were read and are no zeros: the bytes count. */

const block = 8192;
const isData = (number: number): boolean => number % 4 === 1;
const blocks = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, number) => (isData(number) ? fastNoise(block, number) : new Uint8Array(block)));

async function vaultWithFalseHoles(chunks: readonly Uint8Array[], holes: readonly number[]): Promise<TestVault> {
  const vault = await makeVault();
  const evil = await makeEvil(vault);
  const ids = chunks.map((bytes) => evil.chunk(bytes));
  const size = Buffer.concat(chunks).length;
  const file = { ...fileOf('file', Buffer.concat(ids), size), holes };
  await evil.publish([{ path: '/data', entry: folderOf('data', evil.tree([file])) }]);
  return vault;
}

const tools = ['coffer', 'coffer-restore.mjs'] as const;
const files = {
  // A file of up to 64 chunks is one task of a worker; a longer one is shared out chunk by chunk.
  'of one chunk': [Buffer.concat(blocks(16))],
  'of a few chunks': blocks(16),
  'of many chunks': blocks(80),
};
const allOf = (bytes: Uint8Array): number[] => [0, bytes.length];
/** From one byte before each block to one byte after it: no chunk is a hole as a whole, or has only one. */
const askew = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / block / 2 - 1 }, (_, pair) => [(pair * 2 + 1) * block - 1, block + 2]).flat();

async function restoredBy(tool: (typeof tools)[number], vault: TestVault): Promise<string> {
  const target = join(vault.folder, 'target');
  const file = join(target, 'data/file');
  if (tool === 'coffer') {
    expect(await restoreWith(vault, { target })).toMatchObject({ failed: 0, remarks: [] });
    return file;
  }
  const { folder, store, recoveryPhrase: phrase } = vault;
  const computer = computerAt({ folder, home: join(folder, 'home'), store, phrase });
  expect((await computer.standAlone(['--target', target])).exit).toBe(0);
  return file;
}

for (const tool of tools) {
  test.each(Object.entries(files))(`bytes in a hole are restored by ${tool}, in a file %s`, async (_, chunks) => {
    const bytes = Buffer.concat(chunks);
    for (const holesOf of [allOf, askew]) {
      const vault = await vaultWithFalseHoles(chunks, holesOf(bytes));
      const file = await restoredBy(tool, vault);
      expect(readFileSync(file).equals(bytes), holesOf.name).toBe(true);
    }
  });
}

test('zeros beside them stay holes', async () => {
  const chunks = blocks(80);
  const bytes = Buffer.concat(chunks);
  const file = await restoredBy('coffer', await vaultWithFalseHoles(chunks, allOf(bytes)));
  expect(lstatSync(file).blocks * 512).toBeLessThan(bytes.length / 2);
});
