import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRealFileSystem } from '../../../engine/filesystem/index.ts';
import { noise, sampleTree, treeDifferences, writeTree } from '../../support/trees.ts';
import { makeVault } from '../../support/vault.ts';
import { inTarget, plan, restore, targetOf } from './support.ts';

const isRoot = process.getuid?.() === 0;
const flawless = { failed: 0, skipped: 0, keptBoth: 0, replaced: 0, failures: [], remarks: [] };

describe('a whole snapshot', () => {
  test.each([false, true])('comes back as it was (threads: %s)', async (threads) => {
    const vault = await makeVault({ threads });
    writeTree(vault.files, sampleTree());
    await vault.backup();
    expect(await restore(vault)).toMatchObject({ files: 8, folders: 6, ...flawless });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('is announced by its plan, and nothing is written before it runs', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    const { bytes } = await vault.backup();
    const planned = await plan(vault);
    expect(planned.plan).toMatchObject({ files: 8, folders: 6, bytes, conflicts: 0, mappings: [], resumes: false });
    expect(readdirSync(vault.folder)).not.toContain('target');
  });

  test('shows progress that ends where it should', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { a: noise(3_000_000), b: 'small' });
    await vault.backup();
    const seen: number[] = [];
    const result = await restore(
      vault,
      {},
      {
        onProgress: ({ doneBytes, totalBytes }) => {
          vault.clock.advance(200);
          expect(doneBytes).toBeLessThanOrEqual(totalBytes);
          seen.push(doneBytes);
        },
      },
    );
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(result.bytes).toBe(3_000_005);
  });
});

describe('part of a snapshot', () => {
  test('a folder and a file come alone, in folders of the same names', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const paths = [join(vault.files, 'letters/deep'), join(vault.files, 'photos/two.raw')];
    const planned = await plan(vault, { paths });
    expect(planned.plan).toMatchObject({ files: 2, folders: 2, bytes: 700_007 });
    expect(await restore(vault, { paths })).toMatchObject({ files: 2, ...flawless });
    expect(readdirSync(inTarget(vault)).sort()).toEqual(['letters', 'photos']);
    expect(readdirSync(inTarget(vault, 'letters'))).toEqual(['deep']);
    expect(treeDifferences(join(vault.files, 'letters/deep'), inTarget(vault, 'letters/deep'))).toEqual([]);
    expect(readFileSync(inTarget(vault, 'photos/two.raw')).equals(noise(700_000, 2))).toBe(true);
  });

  test('one inside another counts once', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    const paths = [join(vault.files, 'letters'), join(vault.files, 'letters/a.txt')];
    expect(await restore(vault, { paths })).toMatchObject({ files: 3, ...flawless });
  });

  test('a path that is not in the snapshot is refused', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    await expect(plan(vault, { paths: [join(vault.files, 'nowhere')] })).rejects.toMatchObject({
      code: 'path.notInSnapshot',
    });
  });
});

describe('what files are besides their bytes', () => {
  test('hard links stay one file, sparse files stay sparse, times keep their nanoseconds', async () => {
    const vault = await makeVault();
    mkdirSync(join(vault.files, 'deep'), { recursive: true });
    const file = (name: string): string => join(vault.files, name);
    writeFileSync(file('one'), noise(5000));
    linkSync(file('one'), file('deep/two'));
    linkSync(file('one'), file('three'));
    writeFileSync(file('sparse'), noise(4096));
    truncateSync(file('sparse'), 9_000_000);
    symlinkSync('nowhere', file('link'));
    const fileSystem = createRealFileSystem();
    fileSystem.setTime(file('one'), 1_234_567_890, 123_456_789);
    fileSystem.setTime(file('link'), -5, 7);
    execFileSync('mkfifo', [file('pipe')]);
    chmodSync(file('deep'), 0o500);
    await vault.backup();
    expect(await restore(vault)).toMatchObject({ files: 4, ...flawless });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
    const [one, two] = [lstatSync(inTarget(vault, 'one')), lstatSync(inTarget(vault, 'deep/two'))];
    expect([two.ino, lstatSync(inTarget(vault, 'three')).ino, one.nlink]).toEqual([one.ino, one.ino, 3]);
    expect(lstatSync(inTarget(vault, 'sparse')).blocks).toBe(lstatSync(file('sparse')).blocks);
  });

  test.runIf(isRoot)('owners, set-user-id, attributes and devices come back for root', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { program: 'x', owned: 'y' });
    const fileSystem = createRealFileSystem();
    const at = (name: string): string => join(vault.files, name);
    fileSystem.setOwner(at('program'), 1234, 4321);
    fileSystem.setMode(at('program'), 0o6751);
    fileSystem.setXattr(at('owned'), 'user.note', new Uint8Array([1, 2, 3]));
    fileSystem.makeSpecial(at('null'), 'character', 1, 3);
    fileSystem.setMode(at('null'), 0o640);
    fileSystem.makeSpecial(at('socket'), 'socket', 0, 0);
    await vault.backup();
    expect(await restore(vault)).toMatchObject({ files: 2, ...flawless });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('who may not give files away is told once, and no set-user-id is left', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { one: '1', two: '2', deep: { three: '3' } });
    chmodSync(join(vault.files, 'one'), 0o4755);
    await vault.backup();
    const real = vault.ports.fileSystem;
    const refuse = (): never => {
      throw Object.assign(new Error('refused'), { code: 'EPERM' });
    };
    // As it is for somebody who is not the files' owner.
    const stranger = { ...real, setOwner: refuse, fstat: (fd: number) => ({ ...real.fstat(fd), uid: 4711 }) };
    const result = await restore(vault, { ports: { ...vault.ports, fileSystem: stranger } });
    expect(result).toMatchObject({ files: 3, failed: 0 });
    expect(result.remarks.map(({ remark }) => remark)).toEqual([expect.stringContaining('owner')]);
    expect(lstatSync(inTarget(vault, 'one')).mode & 0o7777).toBe(0o755);
  });

  test('folders get their modes and times after what is in them, deepest first', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { outer: { inner: { 'a.txt': 'a' } } });
    await vault.backup();
    const order: string[] = [];
    const watching = { ...vault.ports.fileSystem };
    const { setTime, renameNoReplace } = watching;
    watching.renameNoReplace = (from, to) => {
      order.push(to);
      renameNoReplace(from, to);
    };
    watching.setTime = (path, seconds, nanoseconds) => {
      order.push(path);
      setTime(path, seconds, nanoseconds);
    };
    await restore(vault, { ports: { ...vault.ports, fileSystem: watching } });
    const path = inTarget(vault, 'outer/inner/a.txt');
    const folders = [inTarget(vault, 'outer/inner'), inTarget(vault, 'outer'), inTarget(vault)];
    expect(order.filter((one) => !one.includes('.coffer-'))).toEqual([path, ...folders]);
  });

  test('a name that is longer than the target takes is told, and the rest is restored', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { ['n'.repeat(255)]: 'long', short: 'short' });
    await vault.backup();
    const fileSystem = createRealFileSystem();
    const narrow = {
      ...fileSystem,
      renameNoReplace(from: string, to: string): void {
        if (to.length - to.lastIndexOf('/') > 200) throw Object.assign(new Error('too long'), { code: 'ENAMETOOLONG' });
        fileSystem.renameNoReplace(from, to);
      },
    };
    const result = await restore(vault, { ports: { ...vault.ports, fileSystem: narrow } });
    expect(result.failures).toEqual([{ path: join(vault.files, 'n'.repeat(255)), code: 'ENAMETOOLONG' }]);
    expect(readdirSync(inTarget(vault))).toEqual(['short']);
  });

  test('paths beyond what the system takes at once are reached step by step', async () => {
    const vault = await makeVault();
    const deep = `/${'d'.repeat(120)}`;
    writeTree(vault.files + deep.repeat(25), { 'end.txt': 'deep down' });
    await vault.backup();
    // Below the target the same path is longer than 4,096 bytes.
    const target = join(vault.folder, ...Array.from({ length: 8 }, () => 't'.repeat(150)));
    mkdirSync(target, { recursive: true });
    expect(await restore(vault, { target })).toMatchObject({ files: 1, ...flawless });
    const text = execFileSync('find', ['.', '-name', 'end.txt', '-execdir', 'cat', '{}', ';'], {
      cwd: target,
      encoding: 'utf8',
    });
    expect(text).toBe('deep down');
  });
});

describe('where to', () => {
  test('a target that is a file, lies in the vault or is not empty is refused', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    writeFileSync(join(vault.folder, 'file'), '');
    await expect(plan(vault, { target: join(vault.folder, 'file') })).rejects.toMatchObject({
      code: 'target.unusable',
    });
    await expect(plan(vault, { target: join(vault.store, 'x') })).rejects.toMatchObject({ code: 'target.unusable' });
    await expect(plan(vault, { target: vault.files })).rejects.toMatchObject({ code: 'target.notEmpty' });
  });

  test('the target itself may be reached through a link', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { a: 'a' });
    await vault.backup();
    mkdirSync(join(vault.folder, 'real'));
    symlinkSync('real', targetOf(vault));
    expect(await restore(vault)).toMatchObject({ files: 1, ...flawless });
    expect(readFileSync(join(vault.folder, 'real') + join(vault.files, 'a'), 'utf8')).toBe('a');
  });

  test('another computer’s home becomes this user’s, as the plan says', async () => {
    const vault = await makeVault();
    const [there, here] = [join(vault.folder, 'home-there'), join(vault.folder, 'home-here')];
    writeTree(join(there, 'work'), { 'note.txt': 'mine' });
    await vault.backup({ paths: [join(there, 'work')], userHome: there });
    const wanted = { target: null, userHome: here };
    expect((await plan(vault, wanted)).plan.mappings).toEqual([{ from: there, to: here }]);
    expect(await restore(vault, wanted)).toMatchObject({ files: 1, ...flawless });
    expect(readFileSync(join(here, 'work/note.txt'), 'utf8')).toBe('mine');
  });

  test('to the original place only what is missing or different is restored', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { same: 'same', other: 'as it was', gone: 'gone' });
    await vault.backup();
    writeFileSync(join(vault.files, 'other'), 'different now');
    execFileSync('rm', [join(vault.files, 'gone')]);
    const result = await restore(vault, { target: null });
    expect(result).toMatchObject({ files: 2, skipped: 1, keptBoth: 1, replaced: 0, failed: 0 });
    expect(readdirSync(vault.files).sort()).toEqual(['gone', 'other', 'other (restored)', 'same']);
    expect(readFileSync(join(vault.files, 'other'), 'utf8')).toBe('different now');
    expect(readFileSync(join(vault.files, 'other (restored)'), 'utf8')).toBe('as it was');
  });
});

describe('what is in the target already', () => {
  async function withOther(): Promise<Awaited<ReturnType<typeof makeVault>>> {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'from the vault', 'b.txt': 'same', deep: { 'c.txt': 'c' } });
    await vault.backup();
    writeTree(inTarget(vault), { 'a.txt': 'somebody else', 'b.txt': 'same', deep: 'a file where a folder belongs' });
    utimesSync(inTarget(vault, 'a.txt'), 5, 5);
    return vault;
  }

  test('keep-both: keeps it, and restores beside it', async () => {
    const vault = await withOther();
    expect((await plan(vault, { onConflict: 'keep-both' })).plan.conflicts).toBe(3);
    const result = await restore(vault, { onConflict: 'keep-both' });
    expect(result).toMatchObject({ files: 2, skipped: 1, keptBoth: 1, replaced: 0, failed: 0 });
    expect(readdirSync(inTarget(vault)).sort()).toEqual([
      'a (restored).txt',
      'a.txt',
      'b.txt',
      'deep',
      'deep (restored)',
    ]);
    expect(readFileSync(inTarget(vault, 'a.txt'), 'utf8')).toBe('somebody else');
    expect(readFileSync(inTarget(vault, 'a (restored).txt'), 'utf8')).toBe('from the vault');
    expect(readFileSync(inTarget(vault, 'deep (restored)/c.txt'), 'utf8')).toBe('c');
  });

  test('skip: leaves it as it is', async () => {
    const vault = await withOther();
    expect(await restore(vault, { onConflict: 'skip' })).toMatchObject({
      files: 0,
      skipped: 3,
      keptBoth: 0,
      replaced: 0,
      failed: 0,
    });
    expect(readFileSync(inTarget(vault, 'a.txt'), 'utf8')).toBe('somebody else');
    expect(readFileSync(inTarget(vault, 'deep'), 'utf8')).toBe('a file where a folder belongs');
  });

  test('overwrite: replaces it', async () => {
    const vault = await withOther();
    const result = await restore(vault, { onConflict: 'overwrite' });
    expect(result).toMatchObject({ files: 2, skipped: 1, keptBoth: 0, replaced: 1, failed: 0 });
    expect(treeDifferences(vault.files, inTarget(vault)).filter((line) => !line.includes('.coffer-'))).toEqual([]);
  });

  test('a folder is never replaced by a file', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { thing: 'a file' });
    await vault.backup();
    writeTree(inTarget(vault), { thing: { 'precious.txt': 'precious' } });
    expect(await restore(vault, { onConflict: 'overwrite' })).toMatchObject({ files: 1, keptBoth: 1, replaced: 0 });
    expect(readFileSync(inTarget(vault, 'thing/precious.txt'), 'utf8')).toBe('precious');
    expect(readFileSync(inTarget(vault, 'thing (restored)'), 'utf8')).toBe('a file');
  });

  test.each(['keep-both', 'skip', 'overwrite'] as const)(
    'a link to elsewhere in place of a folder is not followed (%s)',
    async (onConflict) => {
      const vault = await makeVault();
      writeTree(vault.files, { folder: { 'a.txt': 'a' } });
      await vault.backup();
      mkdirSync(inTarget(vault), { recursive: true });
      mkdirSync(join(vault.folder, 'outside'));
      symlinkSync(join(vault.folder, 'outside'), inTarget(vault, 'folder'));
      await restore(vault, { onConflict });
      expect(readdirSync(join(vault.folder, 'outside'))).toEqual([]);
    },
  );

  test('a link above the restored folders is not followed either', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'a' });
    await vault.backup();
    const first = vault.files.split('/')[1] ?? '';
    mkdirSync(join(vault.folder, 'outside'));
    mkdirSync(targetOf(vault));
    symlinkSync(join(vault.folder, 'outside'), join(targetOf(vault), first));
    await restore(vault, { onConflict: 'keep-both' });
    expect(readdirSync(join(vault.folder, 'outside'))).toEqual([]);
    expect(readdirSync(targetOf(vault)).sort()).toEqual([first, `${first} (restored)`]);
  });
});
