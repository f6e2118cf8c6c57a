import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadIndex, type RepairResult, repairVault, vaultFigures } from '../../../engine/repository/index.ts';
import { noise, sampleTree, writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, removeObjects, type TestVault } from '../../support/vault.ts';

async function repair(vault: TestVault, dryRun = false): Promise<RepairResult> {
  const check = await vault.check();
  const opened = await vault.open({ mode: dryRun ? 'read' : 'write' });
  try {
    return await repairVault(opened, vault.ports, check, { dryRun });
  } finally {
    await opened.close();
  }
}

/** Every object with its bytes: repair must only ever add. */
function contentsOf(vault: TestVault): Map<string, string> {
  return new Map(objectsIn(vault.store).map((key) => [key, readFileSync(join(vault.store, key)).toString('hex')]));
}

async function vaultWithFiles(): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, sampleTree());
  await vault.backup();
  return vault;
}

describe('repair', () => {
  test('of a whole vault does nothing', async () => {
    const vault = await vaultWithFiles();
    const before = contentsOf(vault);
    expect(await repair(vault)).toEqual({ actions: [], written: 0 });
    expect(contentsOf(vault)).toEqual(before);
  });

  test('as a dry run says what it would do and writes nothing', async () => {
    const vault = await vaultWithFiles();
    removeObjects(vault.store, 'index/');
    const before = contentsOf(vault);
    const { actions, written } = await repair(vault, true);
    expect([actions.length, written]).toEqual([1, 1]);
    expect(actions[0]).toMatch(/^Would write an index of \d packs/);
    expect(contentsOf(vault)).toEqual(before);
  });

  test('writes a new index for packs that none names', async () => {
    const vault = await vaultWithFiles();
    removeObjects(vault.store, 'index/');
    await repair(vault);
    expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
    expect(await repair(vault)).toEqual({ actions: [], written: 0 });
  });

  test('replaces a damaged index without touching it', async () => {
    const vault = await vaultWithFiles();
    const [damaged = ''] = objectsIn(vault.store, 'index/');
    flipByte(join(vault.store, damaged), -1);
    const before = contentsOf(vault);
    await repair(vault);
    const after = contentsOf(vault);
    for (const [key, bytes] of before) expect(after.get(key)).toBe(bytes);
    expect(after.size).toBe(before.size + 1);
    expect((await vault.check()).findings).toMatchObject([{ kind: 'unused', key: damaged }]);
    expect(await repair(vault)).toEqual({ actions: [], written: 0 });
  });

  test('writes a missing list of packs again, the very same', async () => {
    const vault = await vaultWithFiles();
    const before = contentsOf(vault);
    removeObjects(vault.store, 'refs/');
    const { actions } = await repair(vault);
    expect(actions).toHaveLength(1);
    expect(contentsOf(vault)).toEqual(before);
    expect((await vault.check()).findings).toEqual([]);
  });

  test('never replaces a damaged list, and says what a person can do', async () => {
    const vault = await vaultWithFiles();
    const [refs = ''] = objectsIn(vault.store, 'refs/');
    flipByte(join(vault.store, refs), 90);
    const before = contentsOf(vault);
    const { actions, written } = await repair(vault);
    expect(written).toBe(0);
    expect(actions.join()).toContain(`Move ${refs} away by hand`);
    expect(contentsOf(vault)).toEqual(before);
    rmSync(join(vault.store, refs));
    await repair(vault);
    expect((await vault.check()).findings).toEqual([]);
  });

  test('says in words what it cannot make, and what can', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.raw': noise(200_000, 1) });
    await vault.backup();
    const opened = await vault.open();
    const index = await loadIndex(opened, { without: new Set() });
    const data = [...index.packs.values()].find(({ type }) => type === 'data');
    rmSync(join(vault.store, `packs/${data?.id.slice(0, 2)}/${data?.id}`));
    const before = contentsOf(vault);
    const { actions, written } = await repair(vault);
    expect(written).toBe(0);
    expect(actions.join()).toContain('1 files');
    expect(actions.join()).toContain('Back up again');
    expect(contentsOf(vault)).toEqual(before);
    await vault.backup();
    const after = await vault.check({ readData: 'all' });
    expect(after.affectedFiles).toBe(0);
    expect(after.findings.every(({ kind }) => kind === 'unused')).toBe(true);
  });
});

describe('figures of a vault', () => {
  test('are those of its objects', async () => {
    const vault = await vaultWithFiles();
    await vault.from('elsewhere').backup();
    const opened = await vault.open();
    const figures = await vaultFigures(opened, await loadIndex(opened, { without: new Set() }));
    const bytes = [...contentsOf(vault).values()].reduce((sum, hex) => sum + hex.length / 2, 0);
    expect(figures).toMatchObject({ snapshots: 2, devices: 2, storedBytes: bytes });
    expect(figures.packs).toBe(objectsIn(vault.store, 'packs/').length);
    expect(figures.chunkBytes).toBeGreaterThan(3_700_000);
    expect(figures.chunks).toBeGreaterThan(10);
  });
});
