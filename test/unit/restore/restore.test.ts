import { expect, test } from 'vitest';
import { sampleTree, treeDifferences, writeTree } from '../../support/trees.ts';
import { makeVault } from '../../support/vault.ts';
import { inTarget, restore } from './support.ts';

test('brings everything back as it was', async () => {
  const vault = await makeVault();
  writeTree(vault.files, sampleTree());
  await vault.backup();
  const result = await restore(vault);
  expect(result).toMatchObject({ files: 8, failed: 0, skipped: 0, keptBoth: 0, replaced: 0, failures: [], remarks: [] });
  expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
});
