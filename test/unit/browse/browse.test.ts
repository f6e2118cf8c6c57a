import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { loadIndex, type StoredSnapshot, type VaultIndex } from '../../../engine/repository/index.ts';
import { namePattern } from '../../../engine/snapshot/browse/find.ts';
import {
  diffSnapshots,
  type EntryInfo,
  findByName,
  findSnapshot,
  listEntries,
  readFile,
  snapshotInfo,
} from '../../../engine/snapshot/index.ts';
import { linkTo, noise, sampleTree, writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

type View = {
  readonly index: VaultIndex;
  readonly snapshots: readonly StoredSnapshot[];
  readonly newest: StoredSnapshot;
};

async function viewOf(vault: TestVault): Promise<View> {
  const opened = await vault.open();
  const newest = opened.snapshots.at(-1);
  if (newest === undefined) throw new Error('a vault with a snapshot');
  return { index: await loadIndex(opened, { without: new Set() }), snapshots: opened.snapshots, newest };
}

async function backedUp(tree = sampleTree()): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, tree);
  await vault.backup();
  return vault;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const pathsOf = (entries: readonly { readonly path: string }[], vault: TestVault): string[] =>
  entries.map(({ path }) => path.slice(vault.files.length));

describe('listing', () => {
  test('without a path shows the sources', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    expect((await all(listEntries(index, newest, {}))).map(({ path, kind }) => ({ path, kind }))).toEqual([
      { path: vault.files, kind: 'folder' },
    ]);
  });

  test('names the owner of a source as that of what is in it', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const [inside] = await all(listEntries(index, newest, { path: vault.files }));
    for (const recursive of [false, true]) {
      const [source] = await all(listEntries(index, newest, { recursive }));
      expect(source?.path).toBe(vault.files);
      expect([source?.owner, source?.group]).toEqual([inside?.owner, inside?.group]);
      expect(source?.owner).toEqual(expect.any(String));
    }
  });

  test('of a folder shows what is in it, by the bytes of the names', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const entries = await all(listEntries(index, newest, { path: `${vault.files}/` }));
    expect(pathsOf(entries, vault)).toEqual([
      '/Große Namen ☂',
      '/empty',
      '/letters',
      '/notes.txt',
      '/nothing',
      '/photos',
      '/shortcut',
    ]);
    const byName = new Map(
      entries.map((entry): [string, EntryInfo] => [entry.path.slice(vault.files.length + 1), entry]),
    );
    expect(byName.get('notes.txt')).toMatchObject({
      kind: 'file',
      size: 11,
      mode: 0o640,
      mtime: { seconds: 1_600_000_000 },
      state: null,
    });
    expect(byName.get('shortcut')).toMatchObject({ kind: 'link', target: 'letters/a.txt', size: 0 });
    expect(byName.get('photos')).toMatchObject({ kind: 'folder', size: 3_700_000 });
  });

  test('recursively walks everything, folders before what is in them', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const entries = await all(listEntries(index, newest, { path: join(vault.files, 'letters'), recursive: true }));
    expect(pathsOf(entries, vault)).toEqual([
      '/letters/a.txt',
      '/letters/b.txt',
      '/letters/deep',
      '/letters/deep/deeper',
      '/letters/deep/deeper/end.txt',
    ]);
    expect(await all(listEntries(index, newest, { recursive: true }))).toHaveLength(15);
  });

  test('of one file shows that file, and of a folder above the sources the sources', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    expect(await all(listEntries(index, newest, { path: join(vault.files, 'empty') }))).toMatchObject([
      { kind: 'file', size: 0 },
    ]);
    expect(await all(listEntries(index, newest, { path: vault.folder }))).toMatchObject([{ path: vault.files }]);
    expect(await all(listEntries(index, newest, { path: '/' }))).toMatchObject([{ path: vault.files }]);
  });

  test('of what is not there says so', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    for (const path of [
      join(vault.files, 'nope'),
      join(vault.files, 'notes.txt/x'),
      `${vault.files}x`,
      `${vault.files}/letters/..`,
    ]) {
      await expect(all(listEntries(index, newest, { path }))).rejects.toMatchObject({ code: 'path.notInSnapshot' });
    }
  });

  test('knows sources that are single files', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'one.txt': 'one', 'other.txt': 'other' });
    await vault.backup({ paths: [join(vault.files, 'one.txt')] });
    const { index, newest } = await viewOf(vault);
    expect(await all(listEntries(index, newest, { recursive: true }))).toMatchObject([
      { path: join(vault.files, 'one.txt'), size: 3 },
    ]);
  });

  test('keeps names that are no text', async () => {
    const vault = await makeVault();
    mkdirSync(vault.files);
    const name = Buffer.concat([Buffer.from(`${vault.files}/odd `), Buffer.from([0xff, 0xfe])]);
    writeFileSync(name, 'odd');
    await vault.backup();
    const { index, newest } = await viewOf(vault);
    const [entry] = await all(listEntries(index, newest, { path: vault.files }));
    expect(entry?.path).toBe(`${vault.files}/odd \udcff\udcfe`);
    const parts: Uint8Array[] = [];
    await readFile(index, newest, entry?.path ?? '', async (bytes) => void parts.push(bytes));
    expect(Buffer.concat(parts).toString()).toBe('odd');
  });

  test('goes on past a folder that cannot be read, marks it, and fails at the end', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const letters = (await all(listEntries(index, newest, { path: vault.files }))).find(({ path }) =>
      path.endsWith('letters'),
    );
    const broken = withoutChunksOf(index, newest, letters?.path ?? '');
    const seen: EntryInfo[] = [];
    const listing = (async () => {
      for await (const entry of listEntries(await broken, newest, { path: vault.files, recursive: true }))
        seen.push(entry);
    })();
    await expect(listing).rejects.toMatchObject({ code: 'chunk.missing' });
    expect(seen.find(({ path }) => path === letters?.path)?.state).toBe('unreadable:chunk.missing');
    expect(pathsOf(seen, vault)).toContain('/photos/one.raw');
    expect(pathsOf(seen, vault)).not.toContain('/letters/a.txt');
  });
});

/** The index as if the listing of one folder were lost. */
async function withoutChunksOf(index: VaultIndex, stored: StoredSnapshot, path: string): Promise<VaultIndex> {
  const { locate } = await import('../../../engine/snapshot/browse/locate.ts');
  const location = await locate(index, stored, path);
  const lost =
    location.kind === 'entry' && location.found.entry.kind === 'folder' ? location.found.entry.content : null;
  const readChunk = async (id: Uint8Array): Promise<Uint8Array> => {
    if (lost !== null && Buffer.compare(id, lost.subarray(0, 32)) === 0)
      throw new CofferError('chunk.missing', { path });
    return index.readChunk(id);
  };
  return Object.create(index, { readChunk: { value: readChunk } }) as VaultIndex; // all else as it is
}

describe('finding by name', () => {
  test('sees stars and question marks, and neither case nor the form of accents', () => {
    const fits = (pattern: string, name: string): boolean => namePattern(pattern)(name);
    expect(
      ['*.TXT', 'notes.*', 'n?tes.txt', '*', '*o*e*', 'NOTES.TXT'].map((pattern) => fits(pattern, 'Notes.txt')),
    ).toEqual(Array(6).fill(true));
    expect(['*.tx', 'otes.txt', 'n?otes.txt', '', '?'].map((pattern) => fits(pattern, 'Notes.txt'))).toEqual(
      Array(5).fill(false),
    );
    expect(fits('caf\u00e9', 'CAFE\u0301')).toBe(true);
    expect(fits('a[b]c', 'a[b]c')).toBe(true);
    expect(fits('[ab]', 'a')).toBe(false);
    expect(fits('?', '😀')).toBe(true);
  });

  test('takes no longer for a pattern that means harm', () => {
    const fits = namePattern(`${'*a'.repeat(60)}b`);
    expect(fits('a'.repeat(255))).toBe(false);
  });

  test('gives each version once, with the oldest snapshot that has it', async () => {
    const vault = await backedUp({ 'plan.txt': 'v1', 'same.txt': 'same', below: { 'Plan.TXT': 'deep' } });
    await vault.backup();
    rmSync(join(vault.files, 'plan.txt'));
    writeTree(vault.files, { 'plan.txt': 'v2!' });
    await vault.backup();
    const { index, snapshots } = await viewOf(vault);
    const found = await all(findByName(index, snapshots, 'plan.txt'));
    expect(found.map(({ path, size, snapshot }) => [path.slice(vault.files.length), size, snapshot])).toEqual([
      ['/below/Plan.TXT', 4, snapshots[0]?.id],
      ['/plan.txt', 2, snapshots[0]?.id],
      ['/plan.txt', 3, snapshots[2]?.id],
    ]);
    expect(found[2]?.firstSeen).toEqual(snapshots[2]?.snapshot.started);
    expect(await all(findByName(index, snapshots.slice(2), 'plan.txt'))).toHaveLength(2);
    expect(await all(findByName(index, snapshots, 'below'))).toHaveLength(1);
  });

  test('reads nothing twice that snapshots share', async () => {
    const vault = await backedUp();
    for (let run = 0; run < 5; run++) await vault.backup();
    const { index, snapshots } = await viewOf(vault);
    let reads = 0;
    const counting = Object.create(index, {
      readChunk: {
        value: async (id: Uint8Array) => {
          reads++;
          return index.readChunk(id);
        },
      },
    }) as VaultIndex; // all else as it is
    await all(findByName(counting, snapshots, '*'));
    const folders = 6;
    expect(snapshots).toHaveLength(6);
    expect(reads).toBe(folders);
  });
});

describe('the difference of two snapshots', () => {
  async function differences(vault: TestVault, path?: string): Promise<string[]> {
    const { index, snapshots } = await viewOf(vault);
    const [from, to] = snapshots.slice(-2);
    if (from === undefined || to === undefined) throw new Error('two snapshots');
    const found = await all(diffSnapshots(index, from, to, path));
    return found.map(
      ({ change, path: where, sizeBefore, sizeAfter }) =>
        `${change} ${where.slice(vault.files.length)} ${sizeBefore} ${sizeAfter}`,
    );
  }

  test('of the same files is nothing', async () => {
    const vault = await backedUp();
    await vault.backup();
    expect(await differences(vault)).toEqual([]);
  });

  test('names what came, went, changed, and changed its kind', async () => {
    const vault = await backedUp({
      'gone.txt': 'gone',
      'grows.txt': 'small',
      'mode.txt': 'mode',
      turns: 'a file',
      old: { 'x.txt': 'x', deep: { 'y.txt': 'y' } },
      link: linkTo('one'),
    });
    for (const name of ['gone.txt', 'old', 'turns', 'link', 'grows.txt', 'mode.txt'])
      rmSync(join(vault.files, name), { recursive: true });
    writeTree(vault.files, {
      'grows.txt': 'much larger',
      turns: { 'inside.txt': 'i' },
      'new': { 'n.txt': 'nn' },
      'mode.txt': 'mode',
    });
    symlinkSync('two', join(vault.files, 'link'));
    const { chmodSync } = await import('node:fs');
    chmodSync(join(vault.files, 'mode.txt'), 0o600);
    await vault.backup();
    expect(await differences(vault)).toEqual([
      'removed /gone.txt 4 null',
      'modified /grows.txt 5 11',
      'modified /link null null',
      'metadata /mode.txt 4 4',
      'added /new null null',
      'added /new/n.txt null 2',
      'removed /old null null',
      'removed /old/deep null null',
      'removed /old/deep/y.txt 1 null',
      'removed /old/x.txt 1 null',
      'removed /turns 6 null',
      'added /turns null null',
      'added /turns/inside.txt null 1',
    ]);
    expect(await differences(vault, join(vault.files, 'new'))).toEqual([
      'added /new null null',
      'added /new/n.txt null 2',
    ]);
    expect(await differences(vault, join(vault.files, 'grows.txt'))).toEqual(['modified /grows.txt 5 11']);
    await expect(differences(vault, join(vault.files, 'never'))).rejects.toMatchObject({ code: 'path.notInSnapshot' });
  });

  test('reads only folders that differ', async () => {
    const vault = await backedUp({ changed: { 'a.txt': 'a' }, same: { 'b.txt': 'b', deep: { 'c.txt': 'c' } } });
    writeTree(vault.files, { changed: { 'new.txt': 'new' } });
    await vault.backup();
    const { index, snapshots } = await viewOf(vault);
    const [from, to] = snapshots;
    if (from === undefined || to === undefined) throw new Error('two snapshots');
    let reads = 0;
    const counting = Object.create(index, {
      readChunk: {
        value: async (id: Uint8Array) => {
          reads++;
          return index.readChunk(id);
        },
      },
    }) as VaultIndex; // all else as it is
    expect(await all(diffSnapshots(counting, from, to))).toHaveLength(1);
    // The source and `changed`, before and after.
    expect(reads).toBe(4);
  });
});

describe('reading a file', () => {
  test('gives its bytes, chunk by chunk', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const parts: Uint8Array[] = [];
    await readFile(index, newest, join(vault.files, 'photos/one.raw'), async (bytes) => void parts.push(bytes.slice()));
    expect(parts.length).toBeGreaterThan(2);
    expect(Buffer.compare(Buffer.concat(parts), noise(3_000_000, 1))).toBe(0);
    let empty = 0;
    await readFile(index, newest, join(vault.files, 'empty'), async (bytes) => {
      empty += bytes.length;
    });
    expect(empty).toBe(0);
  });

  test('of what is no file says so', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    for (const path of ['letters', 'shortcut']) {
      await expect(readFile(index, newest, join(vault.files, path), async () => {})).rejects.toMatchObject({
        code: 'usage',
      });
    }
  });

  test('gives nothing at all when a chunk is missing or the sizes do not fit', async () => {
    const vault = await backedUp();
    const { index, newest } = await viewOf(vault);
    const path = join(vault.files, 'photos/one.raw');
    let written = 0;
    const write = async (bytes: Uint8Array): Promise<void> => {
      written += bytes.length;
    };
    const missing = Object.create(index, { place: { value: () => null } }) as VaultIndex; // all else as it is
    const { locate } = await import('../../../engine/snapshot/browse/locate.ts');
    await expect(readFile(missing, newest, path, write)).rejects.toMatchObject({
      code: 'chunk.missing',
      context: { path },
    });
    const [source] = newest.snapshot.sources;
    const location = await locate(index, newest, path);
    if (source === undefined || location.kind !== 'entry' || location.found.entry.kind !== 'file')
      throw new Error('a file');
    const wrong = { ...location.found.entry, size: 2_999_999 };
    const forged = {
      ...newest,
      snapshot: { ...newest.snapshot, sources: [{ path: Buffer.from('/forged'), entry: wrong }] },
    };
    await expect(readFile(index, forged, '/forged', write)).rejects.toMatchObject({ code: 'object.damaged' });
    expect(written).toBe(0);
  });
});

describe('a snapshot', () => {
  test('is found by `latest` and by the first letters of its name', async () => {
    const vault = await backedUp();
    await vault.backup({ tags: ['second'] });
    const { snapshots, newest } = await viewOf(vault);
    expect(findSnapshot(snapshots, 'latest', '/v')).toBe(newest);
    expect(findSnapshot(snapshots, newest.id.slice(0, 8).toUpperCase(), '/v')).toBe(newest);
    expect(snapshotInfo(newest, new Set())).toMatchObject({
      host: 'test host',
      user: 'ann',
      tags: ['second'],
      sources: [vault.files],
      files: 8,
    });
    const code = (text: string, from = snapshots) => {
      try {
        return findSnapshot(from, text, '/v').id;
      } catch (error) {
        return error instanceof CofferError ? error.code : 'other';
      }
    };
    expect([code('zz'), code(''), code('latest', []), code('ab', [])]).toEqual([
      'snapshot.notFound',
      'snapshot.notFound',
      'snapshot.none',
      'snapshot.none',
    ]);
    const twins = [
      newest,
      { ...newest, id: `${newest.id.slice(0, 63)}${newest.id.endsWith('0') ? '1' : '0'}` as typeof newest.id },
    ];
    expect(code(newest.id.slice(0, 8), twins)).toBe('snapshot.ambiguous');
    expect(code(newest.id, twins)).toBe(newest.id);
  });
});
