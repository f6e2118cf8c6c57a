import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { merkleRoot, sha256 } from '../../../engine/crypto/index.ts';
import { isUnreadable, loadIndex, type Vault } from '../../../engine/repository/index.ts';
import { listEntries, readFile } from '../../../engine/snapshot/index.ts';
import { noise, writeTree } from '../../support/trees.ts';
import { makeVault, objectsIn, removeObjects, type TestVault } from '../../support/vault.ts';

async function smallVault(): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, { 'a.txt': 'some text', 'b.bin': noise(300), below: { 'c.txt': 'more text' } });
  await vault.backup();
  return vault;
}

/** Everything the newest snapshot says, contents and all; what cannot be read is left out, what is wrong would show. */
async function readEverything(vault: Vault): Promise<Map<string, string>> {
  const read = new Map<string, string>();
  const index = await loadIndex(vault, { without: new Set(), salvage: true });
  const newest = vault.snapshots.at(-1);
  if (newest === undefined) return read;
  try {
    for await (const { path, kind } of listEntries(index, newest, { recursive: true })) {
      if (kind !== 'file') continue;
      const parts: Uint8Array[] = [];
      try {
        await readFile(index, newest, path, async (bytes) => void parts.push(bytes.slice()));
        read.set(path, Buffer.concat(parts).toString('hex'));
      } catch (error) {
        if (!(error instanceof CofferError)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
  }
  return read;
}

describe('a small vault', () => {
  test('with a byte flipped anywhere never gives wrong bytes, and a full check notices', async () => {
    const vault = await smallVault();
    const whole = await readEverything(await vault.open());
    expect(whole.size).toBe(3);
    for (const key of objectsIn(vault.store)) {
      const path = join(vault.store, key);
      const bytes = readFileSync(path);
      // Sparse, so that the test stays quick: the first and the last bytes, and steps between them.
      for (let at = 0; at < bytes.length; at += at < 8 || at > bytes.length - 4 ? 1 : 61) {
        const harmed = Buffer.from(bytes);
        harmed[at] = (harmed[at] ?? 0) ^ 0x20;
        writeFileSync(path, harmed);
        let noticed = false;
        // A home of its own each time, so that nothing remembered from another flip counts.
        const stranger = vault.from(`home-${key.slice(0, 12).replaceAll('/', '-')}-${at}`);
        try {
          for (const [file, hex] of await readEverything(await stranger.open())) expect(hex).toBe(whole.get(file));
          noticed = (await stranger.check({ readData: 'all' })).findings.length > 0;
        } catch (error) {
          if (!(error instanceof CofferError)) throw error;
          noticed = true;
        }
        if (!noticed) expect.fail(`byte ${at} of ${key}`);
      }
      writeFileSync(path, bytes);
    }
  }, 120_000);

  test('reads the same without its indexes, and without any local state', async () => {
    const vault = await smallVault();
    const whole = await readEverything(await vault.open());
    removeObjects(vault.store, 'index/');
    expect(await readEverything(await vault.open())).toEqual(whole);
    expect(await readEverything(await vault.from('elsewhere').open())).toEqual(whole);
  });

  test('writes on without its indexes, storing nothing twice', async () => {
    const vault = await smallVault();
    removeObjects(vault.store, 'index/');
    const { newBytes } = await vault.from('elsewhere').backup();
    expect(newBytes).toBe(0);
    expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test('is one object’s matter only when the error names the object', () => {
    expect(isUnreadable(new CofferError('object.damaged', { key: 'a' }))).toBe(true);
    expect(isUnreadable(new CofferError('store.failed', { key: 'a', detail: 'EIO' }))).toBe(true);
    expect(isUnreadable(new CofferError('store.failed', { detail: 'EIO' }))).toBe(false);
    expect(isUnreadable(new CofferError('store.missing', { store: '/v' }))).toBe(false);
  });
});

describe('the Merkle root', () => {
  const hashes = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => noise(32, at + 1));

  test('of no packs is zeros, and each pack and its place matter', () => {
    expect(merkleRoot(new Uint8Array(0))).toEqual(new Uint8Array(32));
    const roots = new Set<string>();
    for (let count = 1; count <= 9; count++) {
      const all = hashes(count);
      roots.add(Buffer.from(merkleRoot(Buffer.concat(all))).toString('hex'));
      roots.add(Buffer.from(merkleRoot(Buffer.concat([...all].reverse()))).toString('hex'));
    }
    // One pack alone reads the same both ways.
    expect(roots.size).toBe(17);
  });

  test('is built as the format says', () => {
    const leaf = (hash: Uint8Array): Uint8Array => sha256(Buffer.concat([Buffer.of(0), hash]));
    const node = (left: Uint8Array, right: Uint8Array): Uint8Array =>
      sha256(Buffer.concat([Buffer.of(1), left, right]));
    const [a, b, c, d, e] = hashes(5).map(leaf) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]; // five of them
    expect(merkleRoot(Buffer.concat(hashes(5)))).toEqual(node(node(node(a, b), node(c, d)), e));
  });
});
