import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { executeRestore } from '../../../engine/snapshot/restore/index.ts';
import { createLocalStore, type Store } from '../../../engine/storage/index.ts';
import { noise, treeDifferences, writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, removeObjects, type TestVault } from '../../support/vault.ts';
import { dyingInside, inTarget, plan, restore } from './support.ts';

/** The packs that a backup adds. */
async function packsOf(vault: TestVault): Promise<string[]> {
  const before = new Set(objectsIn(vault.store, 'packs/'));
  await vault.backup();
  return objectsIn(vault.store, 'packs/').filter((key) => !before.has(key));
}

const isHidden = (name: string): boolean => name.startsWith('.coffer-');

const sizeOf = (vault: TestVault, key: string): number => statSync(join(vault.store, key)).size;

/** Of the packs with files in them: those of trees are small. */
async function vaultWithBigFile(): Promise<{ vault: TestVault; pack: string }> {
  const vault = await makeVault();
  writeTree(vault.files, { big: noise(3_000_000), small: 'small' });
  const packs = await packsOf(vault);
  const [pack = ''] = packs.sort((left, right) => sizeOf(vault, right) - sizeOf(vault, left));
  return { vault, pack };
}

/** Another device that does not see these packs stores what is in them again, in packs of its own: the biggest first. */
async function storeAgain(vault: TestVault, packs: readonly string[]): Promise<string[]> {
  const kept = packs.map((key) => [join(vault.store, key), readFileSync(join(vault.store, key))] as const);
  for (const key of packs) removeObjects(vault.store, key);
  const made = await packsOf(vault.from('second'));
  for (const [path, bytes] of kept) writeFileSync(path, bytes);
  return made.sort((left, right) => sizeOf(vault, right) - sizeOf(vault, left));
}

describe('a damaged pack', () => {
  test('costs the files that need what is damaged, and nothing else', async () => {
    const { vault, pack } = await vaultWithBigFile();
    flipByte(join(vault.store, pack), 1_000_000);
    const result = await restore(vault);
    expect(result).toMatchObject({
      files: 1,
      failed: 1,
      failures: [{ path: join(vault.files, 'big'), code: 'object.damaged' }],
    });
    expect(readdirSync(inTarget(vault))).toEqual(['small']);
  });

  test('leaves nothing half made, wherever the damage is', async () => {
    const vault = await makeVault();
    writeTree(
      vault.files,
      Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name, at) => [name, noise(900_000, at + 1)])),
    );
    for (const pack of await packsOf(vault)) {
      for (let at = 200_000; at < sizeOf(vault, pack); at += 400_000) {
        flipByte(join(vault.store, pack), at);
        const target = join(vault.folder, `${pack.slice(-8)}-${at}`);
        const { files, failed } = await restore(vault, { target });
        expect([files + failed, failed > 0], `${pack} at ${at}`).toEqual([5, true]);
        const left = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((path) =>
          path.includes('.coffer-'),
        );
        expect(left, `${pack} at ${at}`).toEqual([]);
        flipByte(join(vault.store, pack), at);
      }
    }
  });

  test.each([0, 1])('is no loss where another pack has the same chunks (pack %i)', async (which) => {
    const { vault, pack } = await vaultWithBigFile();
    const [other = ''] = await storeAgain(vault, [pack]);
    // Whichever of the two is read first.
    const damaged = [pack, other][which] ?? '';
    flipByte(join(vault.store, damaged), Math.floor(sizeOf(vault, damaged) / 2));
    expect(await restore(vault)).toMatchObject({ files: 2, failed: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test.each([0, 1])(
    'leaves no hole in a file that a killed restore had begun, where another pack has its chunk (copy %i)',
    async (which) => {
      const vault = await makeVault();
      writeTree(vault.files, { big: noise(10_000_000) });
      const ofFile = (key: string): boolean => sizeOf(vault, key) > 1_000_000;
      const first = (await packsOf(vault)).filter(ofFile);
      const second = (await storeAgain(vault, first)).filter(ofFile);
      for (const key of [first, second][which] ?? []) flipByte(join(vault.store, key), 300_000);
      const batchBytes = 1024 * 1024;
      for (const chunks of [5, 9]) {
        const target = join(vault.folder, `killed-after-${chunks}`);
        await expect(restore(vault, { ports: dyingInside(vault, chunks), target }, { batchBytes })).rejects.toThrow(
          'dead',
        );
        expect(await restore(vault, { target }, { batchBytes })).toMatchObject({ files: 1, failed: 0 });
        expect(treeDifferences(vault.files, target + vault.files)).toEqual([]);
      }
    },
  );

  test('that is gone is told for each file that needs it', async () => {
    const { vault, pack } = await vaultWithBigFile();
    const { ports, opened, plan: planned } = await plan(vault);
    removeObjects(vault.store, pack);
    const result = await executeRestore(ports, opened, planned);
    expect(result.failures.find(({ path }) => path.endsWith('big'))?.code).toBe('store.objectMissing');
    expect(readdirSync(inTarget(vault)).some(isHidden)).toBe(false);
  });

  test('is tried again when the same restore is run again', async () => {
    const { vault, pack } = await vaultWithBigFile();
    flipByte(join(vault.store, pack), 1_000_000);
    await restore(vault);
    flipByte(join(vault.store, pack), 1_000_000);
    expect(await restore(vault)).toMatchObject({ files: 2, failed: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });
});

test('a listing that cannot be read costs its folder only', async () => {
  const vault = await makeVault();
  writeTree(vault.files, { early: { 'a.txt': 'a' } });
  const first = await packsOf(vault);
  writeTree(vault.files, { late: { 'b.txt': noise(3000, 5) } });
  await vault.backup();
  // The first backup's packs hold the listing of early and its one file.
  const storeFor = async (): Promise<Store> => refusing(vault, first);
  const result = await restore(vault, { ports: { ...vault.ports, storeFor }, opening: { ...vault.ports, storeFor } });
  expect(result.failures.map(({ path }) => path)).toEqual([join(vault.files, 'early')]);
  expect(readdirSync(inTarget(vault, 'late'))).toEqual(['b.txt']);
  expect(readdirSync(inTarget(vault, 'early'))).toEqual([]);
});

test('an input/output error of one object is damage of that object', async () => {
  const { vault, pack } = await vaultWithBigFile();
  const result = await restore(vault, { ports: { ...vault.ports, storeFor: async () => refusing(vault, [pack]) } });
  expect(result.failures.map(({ code }) => code)).toContain('store.failed');
  expect(result.failures.map(({ path }) => path)).toContain(join(vault.files, 'big'));
});

test('a store that is gone ends the restore', async () => {
  const { vault } = await vaultWithBigFile();
  const gone = async (): Promise<Store> => {
    const store = createLocalStore({ root: vault.store, fileSystem: vault.ports.fileSystem });
    return { ...store, get: async () => Promise.reject(new CofferError('store.missing', { store: vault.store })) };
  };
  await expect(restore(vault, { ports: { ...vault.ports, storeFor: gone } })).rejects.toMatchObject({
    code: 'store.missing',
  });
  expect(readdirSync(inTarget(vault))).toEqual([]);
});

function refusing(vault: TestVault, packs: readonly string[]): Store {
  const store = createLocalStore({ root: vault.store, fileSystem: vault.ports.fileSystem });
  return {
    ...store,
    get: async (key, range, signal) => {
      if (packs.includes(key)) throw new CofferError('store.failed', { store: vault.store, key, detail: 'EIO' });
      return await store.get(key, range, signal);
    },
  };
}
