import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { CofferError, limits } from '../../engine/base/index.ts';
import type { TreeEntry } from '../../engine/format/index.ts';
import type { RestoreResult } from '../../engine/index.ts';
import { computerAt } from '../support/coffer.ts';
import { restoreWith } from '../support/restored.ts';
import { makeVault, type TestVault } from '../support/vault.ts';
import { type Evil, fileOf, folderOf, linkOf, makeEvil } from './hostile-vault.ts';

/** Row 13: nothing is ever written outside the target, nothing hangs, nothing eats the memory. */

const MiB = 1024 * 1024;
const evilText = Buffer.from('evil');
let world: TestVault;
let evil: Evil;
let outside: string;
let before: string[];

beforeEach(async () => {
  world = await makeVault();
  outside = join(world.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'precious');
  evil = await makeEvil(world);
});

/** Everything below the temporary folder but the target. */
function surroundings(): string[] {
  const own = /^(target|home|home of a person|alone)(\/|$)/;
  return readdirSync(world.folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !own.test(path))
    .sort();
}

type Outcome = { readonly result: RestoreResult | null; readonly error: CofferError | null };

/** By the engine and by the stand-alone tool: both must stay inside. */
async function restoreBoth(options: { readonly withTool?: boolean } = {}): Promise<Outcome> {
  before = surroundings();
  let outcome: Outcome;
  try {
    const result = await restoreWith(world, { target: join(world.folder, 'target'), onConflict: 'overwrite' });
    outcome = { result, error: null };
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    outcome = { result: null, error };
  }
  expectUntouched();
  if (options.withTool === false) return outcome;
  const { folder, store, recoveryPhrase: phrase } = world;
  const tool = await computerAt({ folder, home: join(folder, 'home'), store, phrase }).standAlone([
    '--target',
    join(folder, 'alone'),
  ]);
  expect(tool.signal).toBe(null);
  expect(tool.err).not.toMatch(/\n\s+at /);
  expectUntouched();
  return outcome;
}

function expectUntouched(): void {
  expect(surroundings()).toEqual(before);
  expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
  for (const path of ['/evil', '/tmp/evil', join(outside, 'evil')]) expect(existsSync(path), path).toBe(false);
}

function expectRefused({ result, error }: Outcome): void {
  expect(error !== null || (result?.failed ?? 0) > 0, JSON.stringify(result)).toBe(true);
}

async function publishNames(...names: (string | Uint8Array)[]): Promise<void> {
  const content = evil.chunk(evilText);
  const tree = evil.tree(names.map((name) => fileOf(name, content, evilText.length)));
  await evil.publish([{ path: '/data', entry: folderOf('data', tree) }]);
}

describe('names', () => {
  test.each([
    '..',
    '.',
    '',
    '/',
    '../evil',
    '../../outside/evil',
    '/tmp/evil',
    'a/b',
    'a/../../evil',
    'nul\0evil',
    '..\0',
  ])('%j is refused, and nothing is written outside', async (name) => {
    await publishNames(name);
    expectRefused(await restoreBoth());
  });

  test('the same name twice is refused', async () => {
    await publishNames('same', 'same');
    expectRefused(await restoreBoth());
  });

  test('names that look odd and are harmless are restored', async () => {
    await publishNames(
      ...['...', '..evil', '\\', 'a\nb', '~'].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    expect((await restoreBoth()).result).toMatchObject({ failed: 0, files: 5 });
  });
});

describe('paths of sources', () => {
  test.each(['/data/../../outside/evil', 'relative', '/..', '/data//evil', '/nul\0', '/a/./b'])(
    '%j is refused',
    async (path) => {
      const content = evil.chunk(evilText);
      await evil.publish([{ path, entry: fileOf(path.split('/').at(-1) ?? '', content, 4) }]);
      before = surroundings();
      try {
        await restoreBoth();
      } catch (error) {
        // The snapshot as a whole may be refused, so that there is none.
        expect(String(error)).toMatch(/no snapshot to restore/);
        expectUntouched();
      }
    },
  );
});

describe('links', () => {
  const sourcesWith = async (...sources: [string, TreeEntry][]): Promise<void> =>
    evil.publish(sources.map(([path, entry]) => ({ path, entry })));

  test('a file that goes through a link of the same snapshot does not get out', async () => {
    const content = evil.chunk(evilText);
    const inner = evil.tree([fileOf('evil', content, 4)]);
    const tree = evil.tree([linkOf('door', outside), linkOf('door2', '..')]);
    await sourcesWith(
      ['/data', folderOf('data', tree)],
      ['/data/door/evil', fileOf('evil', content, 4)],
      ['/data/door', folderOf('door', inner)],
    );
    await restoreBoth();
  });

  test('a link and, from another source, a folder at the same place do not lead outside', async () => {
    const content = evil.chunk(evilText);
    const inner = evil.tree([fileOf('evil', content, 4)]);
    await sourcesWith(['/data/x', linkOf('x', outside)], ['/data/x/deeper', folderOf('deeper', inner)]);
    await restoreBoth();
  });

  test('a link that is already in the target is not followed', async () => {
    const content = evil.chunk(evilText);
    const inner = evil.tree([fileOf('evil', content, 4)]);
    const tree = evil.tree([folderOf('door', inner)]);
    await sourcesWith(['/data', folderOf('data', tree)]);
    mkdirSync(join(world.folder, 'target/data'), { recursive: true });
    symlinkSync(outside, join(world.folder, 'target/data/door'));
    await restoreBoth({ withTool: false });
  });

  test('a hard link is made only to a file of the restore itself', async () => {
    const content = evil.chunk(evilText);
    const { ino } = lstatSync(join(outside, 'precious'));
    const linked = { ...fileOf('evil', content, 4), hardLink: { inode: BigInt(ino) } } as TreeEntry;
    const tree = evil.tree([
      linkOf('a', join(outside, 'precious')),
      linked,
      { ...linked, name: Buffer.from('evil 2') } as TreeEntry,
    ]);
    await sourcesWith(['/data', folderOf('data', tree)]);
    await restoreBoth();
    expect(lstatSync(join(outside, 'precious')).nlink).toBe(1);
  });
});

async function publishDepth(depth: number): Promise<void> {
  let tree = evil.tree([fileOf('end', evil.chunk(evilText), 4)]);
  for (let level = 0; level < depth; level++) tree = evil.tree([folderOf('ten bytes!', tree)]);
  await evil.publish([{ path: '/data', entry: folderOf('data', tree) }]);
}

describe('bombs', () => {
  test('a piece that unpacks to a gigabyte is refused with little memory', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(256 * MiB));
    const content = evil.chunk(evilText, { payload: bomb, rawLength: 5000 });
    const tree = evil.tree([fileOf('bomb', content, 5000)]);
    await evil.publish([{ path: '/data', entry: folderOf('data', tree) }]);
    const rss = process.memoryUsage().rss;
    expectRefused(await restoreBoth());
    expect(process.memoryUsage().rss - rss).toBeLessThan(150 * MiB);
  });

  test('a chunk whose length is a lie is refused', async () => {
    const text = Buffer.from('text that is said again and again. '.repeat(30));
    const content = evil.chunk(text, { rawLength: text.length - 7 });
    const tree = evil.tree([fileOf('liar', content, text.length - 7)]);
    await evil.publish([{ path: '/data', entry: folderOf('data', tree) }]);
    expectRefused(await restoreBoth());
  });

  test('a file that claims another size than its chunks have is refused', async () => {
    const content = evil.chunk(evilText);
    const tree = evil.tree([fileOf('huge', content, 2 ** 50)]);
    await evil.publish([{ path: '/data', entry: folderOf('data', tree) }]);
    expectRefused(await restoreBoth());
    expect(existsSync(join(world.folder, 'target/data/huge'))).toBe(false);
  });

  test('folders that multiply without end do not hang the check', async () => {
    const depth = 60;
    let tree = evil.tree([fileOf('end', evil.chunk(evilText), 4)]);
    for (let level = 0; level < depth; level++) tree = evil.tree([folderOf('left', tree), folderOf('right', tree)]);
    await evil.publish([{ path: '/data', entry: folderOf('data', tree, 2 ** 50) }]);
    const { findings } = await world.check({ readData: 'all' });
    expect(findings.filter(({ kind }) => kind !== 'unused')).toEqual([]);
  }, 20_000);

  test('folders that are deeper than a reader follows are told by the check, and the stack holds', async () => {
    await publishDepth(4_200);
    const { findings, affectedFiles } = await world.check({ readData: 'none' });
    const told = findings.filter(({ kind }) => kind === 'damaged');
    expect(told).toMatchObject([{ key: 'the folders below /data', fileCount: affectedFiles }]);
    expect(told[0]?.detail).toContain('too deep');
    expect(told[0]?.files[0]?.path.split('/')).toHaveLength('/data'.split('/').length + limits.pathDepth + 1);
  }, 20_000);

  test('folders as deep as a reader follows are whole', async () => {
    await publishDepth(limits.pathDepth);
    expect((await world.check({ readData: 'none' })).findings.filter(({ kind }) => kind === 'damaged')).toEqual([]);
  }, 20_000);

  test('folders that are deeper than the system takes are restored or told, and the stack holds', async () => {
    await publishDepth(600);
    const { result } = await restoreBoth({ withTool: false });
    expect((result?.folders ?? 0) + (result?.failed ?? 0)).toBeGreaterThan(0);
  }, 20_000);

  test('a tree reference that leads to bytes which are no tree is damage, not a crash', async () => {
    const noTree = evil.chunk(Buffer.from('this is no tree'));
    await evil.publish([{ path: '/data', entry: folderOf('data', noTree) }]);
    expectRefused(await restoreBoth());
    expect((await world.check({ readData: 'all' })).findings.length).toBeGreaterThan(0);
  });

  test.each([
    ['a count of 2^32', Buffer.from([0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])],
    ['a count of 2^31', Buffer.from([0x9a, 0x7f, 0xff, 0xff, 0xff])],
    ['lists in lists in lists', Buffer.alloc(30_000, 0x81)],
    ['a name of 2 GB', Buffer.from([0x82, 0x84, 1, 0, 0x80, 0x80, 0x8b, 0, 0x5a, 0x7f, 0xff, 0xff, 0xff])],
  ])('%s in a listing is refused before memory is taken for it', async (_, bytes) => {
    const reference = evil.chunk(bytes);
    await evil.publish([{ path: '/data', entry: folderOf('data', evil.tree([folderOf('x', reference)])) }]);
    expectRefused(await restoreBoth({ withTool: false }));
  });
});
