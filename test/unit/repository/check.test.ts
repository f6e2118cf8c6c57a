import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseKey } from '../../../engine/format/index.ts';
import { loadIndex } from '../../../engine/repository/index.ts';
import { noise, sampleTree, writeTree } from '../../support/trees.ts';
import { cutShort, flipByte, makeVault, objectsIn, removeObjects, type TestVault } from '../../support/vault.ts';

/** The key of the pack that holds a file's or a folder's first chunk. */
async function packOf(vault: TestVault, type: 'data' | 'tree', nth = 0): Promise<string> {
  const opened = await vault.open();
  const index = await loadIndex(opened, { without: new Set() });
  const packs = [...index.packs.values()].filter((pack) => pack.type === type);
  const id = packs[nth]?.id ?? '';
  return `packs/${id.slice(0, 2)}/${id}`;
}

const paths = (files: readonly { path: string }[], vault: TestVault): string[] =>
  [...new Set(files.map(({ path }) => path.slice(vault.files.length)))].sort();

describe('a whole vault', () => {
  test('has no findings, with its data read or not', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const quick = await vault.check();
    expect(quick.findings).toEqual([]);
    expect(quick.bytesRead).toBe(0);
    const full = await vault.check({ readData: 'all' });
    expect(full.findings).toEqual([]);
    const bytes = objectsIn(vault.store, 'packs/').map((key) => statSync(join(vault.store, key)).size);
    expect(full.bytesRead).toBe(bytes.reduce((sum, size) => sum + size, 0));
    expect(full).toMatchObject({ snapshots: 1, packs: bytes.length, affectedFiles: 0 });
  });

  test('checks clean on worker threads too', async () => {
    const vault = await makeVault({ threads: true });
    writeTree(vault.files, { big: noise(1_000_000) });
    await vault.backup();
    expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
  });

  test('without any snapshot is whole', async () => {
    const vault = await makeVault();
    expect(await vault.check({ readData: 'all' })).toMatchObject({ findings: [], snapshots: 0, packs: 0 });
  });

  test('tells its progress up to the end', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const seen: { done: number; total: number }[] = [];
    await vault.check({ readData: 'all', onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);
  });
});

describe('a pack that is missing', () => {
  test('is named with exactly the files that need it, in every snapshot', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { kept: { 'old.raw': noise(400_000, 1) } });
    await vault.backup();
    writeTree(vault.files, { kept: { 'new.raw': noise(400_000, 2) } });
    await vault.backup();
    const before = await packOf(vault, 'data');
    rmSync(join(vault.store, before));
    const { findings, affectedFiles } = await vault.check();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'missing', key: before });
    const lost = paths(findings[0]?.files ?? [], vault);
    expect(lost).toHaveLength(1);
    // The older file is in both snapshots, the newer one in the second only.
    expect(affectedFiles).toBe(lost[0] === '/kept/old.raw' ? 2 : 1);
    expect(findings[0]?.fileCount).toBe(affectedFiles);
  });

  test('is told too when the indexes are gone with it', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.raw': noise(400_000, 1) });
    await vault.backup();
    const pack = await packOf(vault, 'data');
    rmSync(join(vault.store, pack));
    removeObjects(vault.store, 'index/');
    const { findings, affectedFiles } = await vault.check();
    expect(
      findings
        .filter(({ kind }) => kind === 'missing')
        .map(({ key }) => key)
        .sort(),
    ).toEqual(['chunks', pack]);
    expect(findings.find(({ key }) => key === 'chunks')?.files.map(({ path }) => path)).toEqual([
      join(vault.files, 'one.raw'),
    ]);
    expect(affectedFiles).toBe(1);
  });

  test('with the listings of folders counts what was below them', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const pack = await packOf(vault, 'tree');
    rmSync(join(vault.store, pack));
    const { findings, affectedFiles } = await vault.check();
    expect(findings[0]).toMatchObject({ kind: 'missing', key: pack, files: [{ path: vault.files }] });
    // The source itself and the 14 entries below it.
    expect(affectedFiles).toBe(15);
  });
});

describe('a pack that is damaged', () => {
  test('in one piece costs the files of that piece only, and is found by reading data', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.raw': noise(200_000, 1), 'two.raw': noise(200_000, 2) });
    await vault.backup();
    const pack = await packOf(vault, 'data');
    flipByte(join(vault.store, pack), 64 + 5);
    expect((await vault.check()).findings).toEqual([]);
    const { findings, affectedFiles } = await vault.check({ readData: 'all' });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'damaged', key: pack, fileCount: 1 });
    expect(affectedFiles).toBe(1);
  });

  test('is remembered, so that a quick check does not forget it', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.raw': noise(200_000, 1) });
    await vault.backup();
    const pack = await packOf(vault, 'data');
    const path = join(vault.store, pack);
    flipByte(path, 64 + 5);
    await vault.check({ readData: 'all' });
    expect((await vault.check()).findings).toMatchObject([{ kind: 'damaged', key: pack }]);
    flipByte(path, 64 + 5);
    expect((await vault.check()).findings).toEqual([]);
  });

  test('and cut short costs only what lay behind the cut', async () => {
    const vault = await makeVault();
    // More files than packs are open at once, so that some pack has several.
    for (let file = 1; file <= 9; file++) writeTree(vault.files, { [`${file}.raw`]: noise(200_000, file) });
    await vault.backup();
    const sizes = objectsIn(vault.store, 'packs/').map((key) => ({ key, size: statSync(join(vault.store, key)).size }));
    const pack = sizes.sort((left, right) => right.size - left.size)[0]?.key ?? '';
    cutShort(join(vault.store, pack), 64 + 200_016 + 1000);
    const { findings, affectedFiles } = await vault.check();
    const known = findings.find(({ key }) => key === pack);
    expect(known?.kind).toBe('damaged');
    const held = await filesIn(vault, pack);
    expect(known?.fileCount).toBe(held - 1);
    expect(affectedFiles).toBe(held - 1);
  });

  test('is healed for old snapshots too by a backup of files that still exist', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.raw': noise(200_000, 1) });
    await vault.backup();
    const pack = await packOf(vault, 'data');
    flipByte(join(vault.store, pack), 64 + 5);
    expect((await vault.check({ readData: 'all' })).affectedFiles).toBe(1);
    const { newBytes } = await vault.backup();
    expect(newBytes).toBeGreaterThanOrEqual(200_000);
    const after = await vault.check({ readData: 'all' });
    expect(after.affectedFiles).toBe(0);
    expect(after.findings).toMatchObject([{ kind: 'unused', key: pack }]);
  });
});

/** How many files of a test lie in a pack, where each is one chunk. */
async function filesIn(vault: TestVault, key: string): Promise<number> {
  const opened = await vault.open();
  const index = await loadIndex(opened, { without: new Set(), salvage: true });
  const parsed = parseKey(key);
  const number = parsed?.kind === 'pack' ? index.numberOf(parsed.pack) : undefined;
  return index.packs.get(number ?? -1)?.directory().chunkCount ?? 0;
}

describe('a share of the data', () => {
  test('reads everything in turn, each pack once before any a second time', async () => {
    const vault = await makeVault();
    for (let run = 1; run <= 6; run++) {
      writeTree(vault.files, { [`${run}.raw`]: noise(100_000, run) });
      await vault.backup();
    }
    const total = (await vault.check({ readData: 'all' })).bytesRead;
    // All were read just now, so they share a turn; a new pack comes first.
    writeTree(vault.files, { 'last.raw': noise(100_000, 99) });
    await vault.backup();
    const pack = (await newestPacks(vault))[0] ?? '';
    flipByte(join(vault.store, pack), 64 + 5);
    const first = await vault.check({ readData: 'share', sharePercent: 10 });
    expect(first.findings).toMatchObject([{ kind: 'damaged', key: pack }]);
    flipByte(join(vault.store, pack), 64 + 5);
    let bytes = 0;
    for (let run = 0; run < 5; run++) bytes += (await vault.check({ readData: 'share', sharePercent: 25 })).bytesRead;
    expect(bytes).toBeGreaterThan(total);
  });

  test('of a fifth finds damage anywhere within a few runs', async () => {
    const vault = await makeVault();
    for (let run = 1; run <= 5; run++) {
      writeTree(vault.files, { [`${run}.raw`]: noise(100_000, run) });
      await vault.backup();
    }
    const packs = objectsIn(vault.store, 'packs/');
    for (const victim of packs) {
      flipByte(join(vault.store, victim), 64 + 5);
      const found: string[] = [];
      for (let run = 0; run < 6; run++) {
        const { findings } = await vault.check({ readData: 'share', sharePercent: 20 });
        found.push(...findings.map(({ key }) => key));
      }
      flipByte(join(vault.store, victim), 64 + 5);
      expect(found).toContain(victim);
    }
  });
});

async function newestPacks(vault: TestVault): Promise<string[]> {
  const times = objectsIn(vault.store, 'packs/').map((key) => ({ key, at: statSync(join(vault.store, key)).mtimeMs }));
  const opened = await vault.open();
  const index = await loadIndex(opened, { without: new Set() });
  const data = new Set([...index.packs.values()].filter(({ type }) => type === 'data').map(({ id }) => id as string));
  return times
    .sort((left, right) => right.at - left.at)
    .map(({ key }) => key)
    .filter((key) => data.has(key.slice(9)));
}

describe('other objects', () => {
  test('an index that is damaged is told, and no file suffers', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const [index = ''] = objectsIn(vault.store, 'index/');
    flipByte(join(vault.store, index), -1);
    const { findings, affectedFiles } = await vault.check({ readData: 'all' });
    expect(findings.map(({ kind, key }) => `${kind} ${key}`)).toEqual([`damaged ${index}`, 'unused index']);
    expect(affectedFiles).toBe(0);
  });

  test('indexes that are missing are no damage', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    removeObjects(vault.store, 'index/');
    expect((await vault.check({ readData: 'all' })).findings.map(({ kind }) => kind)).toEqual(['unused']);
  });

  test('a list of packs that is damaged or missing is told', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const [refs = ''] = objectsIn(vault.store, 'refs/');
    flipByte(join(vault.store, refs), 90);
    expect((await vault.check()).findings).toMatchObject([{ kind: 'damaged', key: refs }]);
    rmSync(join(vault.store, refs));
    expect((await vault.check()).findings).toMatchObject([{ kind: 'missing', key: refs }]);
  });

  test('a snapshot that is damaged or missing is told, and the others stay', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    await vault.backup();
    const [first = ''] = objectsIn(vault.store, 'snapshots/');
    flipByte(join(vault.store, first), 70);
    const damaged = await vault.check();
    expect(damaged.findings[0]).toMatchObject({ kind: 'damaged', key: first });
    rmSync(join(vault.store, first));
    const missing = await vault.check();
    expect(missing).toMatchObject({ snapshots: 1, affectedFiles: 0 });
    expect(missing.findings[0]).toMatchObject({ kind: 'missing', key: first });
  });

  test('a key slot that is damaged is told', async () => {
    const vault = await makeVault();
    for (const slot of objectsIn(vault.store, 'keys/')) {
      const bytes = readFileSync(join(vault.store, slot));
      if (bytes[5] === 1) flipByte(join(vault.store, slot), 100);
    }
    expect((await vault.check()).findings).toMatchObject([{ kind: 'damaged', files: [] }]);
  });

  test('a log that was changed is told with the entry where it breaks', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    await vault.backup();
    const heads = objectsIn(vault.store, 'heads/');
    flipByte(join(vault.store, heads[1] ?? ''), 70);
    // Another computer, which has not seen the log before: to the first one this is a rollback.
    const { findings, snapshots } = await vault.from('elsewhere').check();
    expect(findings[0]).toMatchObject({ kind: 'log', key: heads[1] });
    expect(snapshots).toBe(1);
  });

  test('snapshots whose log is gone are told, device by device', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    await vault.from('other').backup();
    const [device] = objectsIn(vault.store, 'heads/').map((key) => key.split('/')[1]);
    removeObjects(vault.store, `heads/${device}/`);
    const fresh = vault.from('elsewhere');
    expect((await fresh.open()).notices).toEqual([]);
    const { findings, snapshots } = await fresh.check();
    expect(findings).toMatchObject([{ kind: 'log', key: `snapshots/${device}` }]);
    expect(findings[0]?.detail).toContain('coffer-restore.mjs --untrusted');
    expect(snapshots).toBe(1);
  });

  test('a vault that lost all its logs is neither whole nor new, and its packs are not unneeded', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    removeObjects(vault.store, 'heads/');
    const fresh = vault.from('elsewhere');
    expect((await fresh.open()).notices.join()).toContain('no log that names them');
    expect((await fresh.check()).findings.map(({ kind }) => kind)).toEqual(['log']);
  });

  test('a log that lost more than its last entry is told, also where nobody has seen it before', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    for (let run = 0; run < 4; run++) await vault.backup();
    const heads = objectsIn(vault.store, 'heads/');
    rmSync(join(vault.store, heads[3] ?? ''));
    // As a run that was broken off leaves it.
    expect((await vault.from('second').check()).findings.filter(({ kind }) => kind === 'log')).toEqual([]);
    rmSync(join(vault.store, heads[2] ?? ''));
    const [finding] = (await vault.from('third').check()).findings;
    expect(finding).toMatchObject({ kind: 'log', detail: expect.stringContaining('a snapshot is here') });
  });

  test('the first run of this computer, broken off before its log entry, is none of that', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    // A file in the place of the folder: the log entry cannot be written.
    writeFileSync(join(vault.store, 'heads'), '');
    await expect(vault.backup()).rejects.toMatchObject({ code: 'store.failed' });
    rmSync(join(vault.store, 'heads'));
    expect(objectsIn(vault.store, 'snapshots/')).toHaveLength(1);
    expect((await vault.open()).notices).toEqual([]);
    expect((await vault.check()).findings.map(({ kind }) => kind)).toEqual(['unused']);
    expect((await vault.from('elsewhere').check()).findings.map(({ kind }) => kind)).toEqual(['log']);
    await vault.backup();
    expect((await vault.from('elsewhere').check()).findings.map(({ kind }) => kind)).not.toContain('log');
  });

  test('packs of a run that was broken off are information', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    removeObjects(vault.store, 'heads/');
    removeObjects(vault.store, 'snapshots/');
    const { findings } = await vault.from('elsewhere').check();
    expect(findings.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['unused packs']);
  });

  test('files that are not of the format are ignored', async () => {
    const vault = await makeVault();
    writeFileSync(join(vault.store, 'README.txt'), 'hello');
    expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
  });
});
