import { linkSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../engine/base/index.ts';
import { noise, treeDifferences, writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';
import { inTarget, restore } from '../restore/support.ts';

/** 250 bytes, of which one letter takes two. */
const longName = (level: number): string => `${level}-ß`.padEnd(249, 'n');
const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => longName(from + at));

/** Half of a path that no call takes as a whole, to be moved below the other half. */
const lowerHalf = (vault: TestVault): string => join(vault.folder, longName(10));

function writeLowerHalf(vault: TestVault): void {
  const bottom = join(lowerHalf(vault), ...names(11, 9));
  writeTree(bottom, { 'a.txt': 'deep down', 'big.bin': noise(5_000_000), folder: { empty: '' }, gone: {} });
  linkSync(join(bottom, 'a.txt'), join(bottom, 'b.txt'));
  symlinkSync('a.txt', join(bottom, 'link'));
  for (const path of [join(bottom, 'a.txt'), join(bottom, 'folder')])
    vault.ports.fileSystem.setXattr(path, 'user.coffer', Buffer.from('kept'));
}

const placeOf = (root: string): string => join(root, ...names(0, 11));

function moveDown(vault: TestVault): void {
  mkdirSync(dirname(placeOf(vault.files)), { recursive: true });
  renameSync(lowerHalf(vault), placeOf(vault.files));
}

describe.each([
  ['on the same thread', false],
  ['on worker threads', true],
] as const)('paths longer than the system takes, %s', (_, threads) => {
  test('come back as they were', async () => {
    const vault = await makeVault({ threads });
    writeLowerHalf(vault);
    moveDown(vault);
    expect(await vault.backup()).toMatchObject({ files: 4, folders: 23, failed: 0, failures: [] });
    expect(await restore(vault)).toMatchObject({ files: 4, failed: 0, remarks: [] });
    const restored = join(vault.folder, 'restored');
    renameSync(placeOf(inTarget(vault)), restored);
    renameSync(placeOf(vault.files), lowerHalf(vault));
    expect(treeDifferences(lowerHalf(vault), restored)).toEqual([]);
  });

  test('are not read again when nothing has changed, and are when something has', async () => {
    const vault = await makeVault({ threads });
    writeLowerHalf(vault);
    moveDown(vault);
    await vault.backup();
    expect(await vault.backup()).toMatchObject({ readBytes: 0, newBytes: 0, failed: 0 });
    renameSync(placeOf(vault.files), lowerHalf(vault));
    writeTree(join(lowerHalf(vault), ...names(11, 9)), { 'more.txt': 'more' });
    moveDown(vault);
    expect(await vault.backup()).toMatchObject({ files: 5, readBytes: 4, failed: 0 });
    renameSync(placeOf(vault.files), lowerHalf(vault));
  });
});

/** Folders within each other, a thousand at a time put above those that are there: a chain of short names is soon too long. */
function makeChain(path: string, spare: string, depth: number): void {
  const most = 1000;
  const first = ((depth - 1) % most) + 1;
  mkdirSync(join(path, ...Array.from({ length: first }, () => 'd')), { recursive: true });
  for (let made = first; made < depth; made += most) {
    mkdirSync(join(spare, ...Array.from({ length: most }, () => 'd')), { recursive: true });
    renameSync(join(path, 'd'), join(spare, ...Array.from({ length: most }, () => 'd'), 'd'));
    renameSync(join(spare, 'd'), join(path, 'd'));
  }
}

describe('folders within folders', () => {
  test('are saved and restored down to the deepest that the format knows', async () => {
    const vault = await makeVault();
    makeChain(vault.files, join(vault.folder, 'spare'), limits.pathDepth);
    expect(await vault.backup()).toMatchObject({ folders: limits.pathDepth + 1, failed: 0 });
    expect(await restore(vault)).toMatchObject({ folders: limits.pathDepth + 1, failed: 0 });
  }, 60_000);

  test('are counted as failed below that, and named', async () => {
    const vault = await makeVault();
    makeChain(vault.files, join(vault.folder, 'spare'), limits.pathDepth + 3);
    const tooDeep = vault.files + '/d'.repeat(limits.pathDepth + 1);
    expect(await vault.backup()).toMatchObject({
      folders: limits.pathDepth + 1,
      failed: 1,
      failures: [{ path: tooDeep, code: 'too-deep' }],
    });
  }, 60_000);
});
