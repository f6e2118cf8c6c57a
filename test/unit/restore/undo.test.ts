import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listRestores, undoRestore } from '../../../engine/snapshot/restore/index.ts';
import { copyFolder } from '../../support/coffer.ts';
import { noise, sampleTree, treeDifferences, writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';
import { dyingAt, inTarget, restore, targetOf, type Wanted } from './support.ts';

const dayMs = 24 * 3600 * 1000;

async function restored(): Promise<{ vault: TestVault; id: string }> {
  const vault = await makeVault();
  writeTree(vault.files, sampleTree());
  await vault.backup();
  const { id } = await restore(vault);
  return { vault, id };
}

/** A restore that dies at a name it gives. */
async function interrupted(vault: TestVault, wanted: Wanted, namesGiven = 0): Promise<void> {
  const { renameNoReplace } = vault.ports.fileSystem;
  let renames = 0;
  const failing: typeof vault.ports.fileSystem = {
    ...vault.ports.fileSystem,
    renameNoReplace(from, to) {
      if (++renames > namesGiven) throw new Error('the process is dead');
      renameNoReplace(from, to);
    },
  };
  await expect(restore(vault, { ...wanted, ports: { ...vault.ports, fileSystem: failing } })).rejects.toThrow('dead');
}

const oldTime = 1_600_000_000_000;

/** The target has a folder of the same name, with a mode, a time and attributes of its own. */
async function mergingVault(): Promise<TestVault> {
  const vault = await makeVault();
  const { fileSystem } = vault.ports;
  const setAll = (path: string, mode: number, attributes: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(attributes)) fileSystem.setXattr(path, name, Buffer.from(value));
    fileSystem.setMode(path, mode);
  };
  writeTree(vault.files, { folder: { 'a.txt': 'from the vault' } });
  setAll(join(vault.files, 'folder'), 0o755, { 'user.kept': 'from the vault', 'user.new': 'from the vault' });
  await vault.backup();
  writeTree(inTarget(vault), { folder: {} });
  setAll(inTarget(vault, 'folder'), 0o700, { 'user.kept': 'own', 'user.own': 'own' });
  fileSystem.setTime(inTarget(vault, 'folder'), oldTime / 1000, 0);
  return vault;
}

function folderOf(vault: TestVault): Record<string, unknown> {
  const path = inTarget(vault, 'folder');
  const { mode, mtimeMs } = lstatSync(path);
  const attributes = vault.ports.fileSystem.xattrs(path);
  const texts = attributes.map(({ name, value }) => [name, Buffer.from(value).toString()] as const);
  return { mode: mode & 0o777, mtimeMs, ...Object.fromEntries(texts) };
}

describe('taking a restore back', () => {
  test('removes all that it made, and nothing else', async () => {
    const { vault, id } = await restored();
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 9, putBack: 0, kept: [] });
    expect(existsSync(targetOf(vault))).toBe(false);
    expect(listRestores(vault.ports)).toEqual([]);
  });

  test('works by the first letters of its name, once', async () => {
    const { vault, id } = await restored();
    await undoRestore(vault.ports, id.slice(0, 6));
    await expect(undoRestore(vault.ports, id)).rejects.toMatchObject({ code: 'undo.none' });
  });

  test('keeps what was changed since, and says why', async () => {
    const { vault, id } = await restored();
    appendFileSync(inTarget(vault, 'notes.txt'), 'more');
    writeFileSync(inTarget(vault, 'letters/new.txt'), 'new');
    rmSync(inTarget(vault, 'empty'));
    const { removed, kept } = await undoRestore(vault.ports, id);
    expect(removed).toBe(7);
    expect(kept.map(({ path }) => path)).toEqual([inTarget(vault, 'notes.txt'), inTarget(vault, 'letters')]);
    expect(kept[0]?.reason).toContain('changed');
    expect(readFileSync(inTarget(vault, 'notes.txt'), 'utf8')).toBe('first line\nmore');
    expect(readdirSync(inTarget(vault, 'letters'))).toEqual(['new.txt']);
  });

  test('puts back what was replaced', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    writeTree(inTarget(vault), { 'notes.txt': 'older notes', letters: { 'a.txt': 'older a' }, 'mine.txt': 'mine' });
    const before = copyFolder(targetOf(vault), join(vault.folder, 'before'));
    const { id, replaced } = await restore(vault, { onConflict: 'overwrite' });
    expect(replaced).toBe(2);
    expect(readFileSync(inTarget(vault, 'notes.txt'), 'utf8')).toBe('first line\n');
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 7, putBack: 2, kept: [] });
    // Folders that lost and got entries have other times.
    expect(treeDifferences(before, targetOf(vault)).filter((line) => !line.includes('mtime'))).toEqual([]);
  });

  test('shows an old file whose place was changed since', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'from the vault' });
    await vault.backup();
    writeTree(inTarget(vault), { 'a.txt': 'older' });
    const { id } = await restore(vault, { onConflict: 'overwrite' });
    writeFileSync(inTarget(vault, 'a.txt'), 'newest');
    expect(await undoRestore(vault.ports, id)).toMatchObject({
      putBack: 0,
      kept: [{ path: inTarget(vault, 'a.txt') }],
    });
    expect(readFileSync(inTarget(vault, 'a.txt'), 'utf8')).toBe('newest');
    expect(readFileSync(inTarget(vault, 'a (before restore).txt'), 'utf8')).toBe('older');
  });

  test('removes every name of a hard-linked file', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { one: noise(100) });
    linkSync(join(vault.files, 'one'), join(vault.files, 'two'));
    await vault.backup();
    const { id } = await restore(vault);
    expect(lstatSync(inTarget(vault, 'one')).nlink).toBe(2);
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 2, putBack: 0, kept: [] });
  });

  test('says nothing of files that were the same already', async () => {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    await vault.backup();
    copyFolder(vault.files, inTarget(vault));
    rmSync(inTarget(vault, 'notes.txt'));
    const { id } = await restore(vault, { onConflict: 'keep-both' });
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 1, putBack: 0, kept: [] });
    expect(existsSync(inTarget(vault, 'letters/a.txt'))).toBe(true);
  });

  test('leaves files that were the same already, also when the restore was interrupted', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'the same', 'b.txt': 'missing' });
    await vault.backup();
    writeTree(inTarget(vault), { 'a.txt': 'the same' });
    await interrupted(vault, { onConflict: 'keep-both' });
    const { id } = await restore(vault, { onConflict: 'keep-both' });
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 1, putBack: 0, kept: [] });
    expect(readdirSync(inTarget(vault))).toEqual(['a.txt']);
  });

  test('gives folders back what was theirs, and leaves what somebody added', async () => {
    const vault = await mergingVault();
    const before = copyFolder(targetOf(vault), join(vault.folder, 'before'));
    const { id } = await restore(vault, { onConflict: 'overwrite' });
    expect(folderOf(vault)).toMatchObject({ mode: 0o755, 'user.kept': 'from the vault', 'user.new': 'from the vault' });
    vault.ports.fileSystem.setXattr(inTarget(vault, 'folder'), 'user.later', Buffer.from('added'));
    expect(await undoRestore(vault.ports, id)).toEqual({ removed: 1, putBack: 0, kept: [] });
    expect(folderOf(vault)).toEqual({
      mode: 0o700,
      mtimeMs: oldTime,
      'user.kept': 'own',
      'user.later': 'added',
      'user.own': 'own',
    });
    vault.ports.fileSystem.removeXattr(inTarget(vault, 'folder'), 'user.later');
    expect(treeDifferences(join(before, vault.files, 'folder'), inTarget(vault, 'folder'))).toEqual([]);
  });

  test('gives folders back what was theirs before the first try of a restore that was interrupted', async () => {
    const vault = await mergingVault();
    await interrupted(vault, { onConflict: 'overwrite' });
    const { id } = await restore(vault, { onConflict: 'overwrite' });
    expect(folderOf(vault)).toMatchObject({ mode: 0o755, 'user.kept': 'from the vault' });
    await undoRestore(vault.ports, id);
    expect(folderOf(vault)).toEqual({ mode: 0o700, mtimeMs: oldTime, 'user.kept': 'own', 'user.own': 'own' });
  });

  describe('that was interrupted before it was durable', () => {
    async function interruptedBeforeSync(): Promise<TestVault> {
      const vault = await makeVault();
      writeTree(vault.files, { a: noise(2000, 1), b: noise(3000, 2) });
      await vault.backup();
      const { ports } = dyingAt(1, 'syncVolumeLater');
      await expect(restore(vault, { ports: ports(vault) })).rejects.toThrow('dead');
      return vault;
    }

    test.each([
      ['nothing', ''],
      ['zeros', new Uint8Array(2000)],
    ])('and left %s of a file: it is no file of anybody’s to put back', async (_, left) => {
      const vault = await interruptedBeforeSync();
      const { mtime } = lstatSync(inTarget(vault, 'a'));
      writeFileSync(inTarget(vault, 'a'), left);
      utimesSync(inTarget(vault, 'a'), mtime, mtime);
      const { id } = await restore(vault);
      expect(readdirSync(inTarget(vault))).toEqual(['a', 'b']);
      expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
      expect(await undoRestore(vault.ports, id)).toEqual({ removed: 2, putBack: 0, kept: [] });
      expect(existsSync(targetOf(vault))).toBe(false);
    });

    test('keeps what somebody wrote into a file meanwhile', async () => {
      const vault = await interruptedBeforeSync();
      writeFileSync(inTarget(vault, 'a'), 'their own');
      const { id } = await restore(vault);
      expect(treeDifferences(vault.files, inTarget(vault)).filter((line) => !line.includes('.coffer-'))).toEqual([]);
      expect(await undoRestore(vault.ports, id)).toMatchObject({ removed: 1, putBack: 1 });
      expect(readFileSync(inTarget(vault, 'a'), 'utf8')).toBe('their own');
      expect(readdirSync(inTarget(vault))).toEqual(['a']);
    });

    test('puts back what was replaced, whichever try replaced it', async () => {
      const vault = await makeVault();
      writeTree(vault.files, { a: noise(2000, 1), b: noise(3000, 2) });
      await vault.backup();
      writeTree(inTarget(vault), { a: 'older a', b: 'older b' });
      const onConflict = 'overwrite';
      const { ports } = dyingAt(1, 'syncVolumeLater');
      await expect(restore(vault, { ports: ports(vault), onConflict })).rejects.toThrow('dead');
      writeFileSync(inTarget(vault, 'a'), '');
      const { id } = await restore(vault, { onConflict });
      expect(await undoRestore(vault.ports, id)).toEqual({ removed: 0, putBack: 2, kept: [] });
      expect(['a', 'b'].map((name) => readFileSync(inTarget(vault, name), 'utf8'))).toEqual(['older a', 'older b']);
      expect(readdirSync(inTarget(vault))).toEqual(['a', 'b']);
    });
  });

  test('of one that was interrupted removes what it had made', async () => {
    const { vault, id } = await restored();
    await undoRestore(vault.ports, id);
    await interrupted(vault, {}, 5);
    const [record] = listRestores(vault.ports);
    await undoRestore(vault.ports, record?.id ?? '');
    const left = existsSync(targetOf(vault)) ? readdirSync(targetOf(vault), { recursive: true, encoding: 'utf8' }) : [];
    expect(left.filter((path) => lstatSync(join(targetOf(vault), path)).isFile() && path.includes('.coffer-'))).toEqual(
      [],
    );
  });
});

describe('records of restores', () => {
  test('are listed newest first', async () => {
    const { vault, id } = await restored();
    vault.clock.advance(1000);
    const second = await restore(vault, { target: join(vault.folder, 'second') });
    const listed = listRestores(vault.ports);
    expect(listed.map((record) => record.id)).toEqual([second.id, id]);
    expect(listed[1]).toMatchObject({ target: targetOf(vault), files: 8 });
  });

  test('say which one went to the original places', async () => {
    const { vault } = await restored();
    vault.clock.advance(1000);
    rmSync(join(vault.files, 'notes.txt'));
    await restore(vault, { target: null });
    expect(listRestores(vault.ports).map(({ target }) => target)).toEqual([null, targetOf(vault)]);
  });

  test('are not kept of a restore that found everything there', async () => {
    const { vault, id } = await restored();
    vault.clock.advance(1000);
    expect(await restore(vault, { onConflict: 'keep-both' })).toMatchObject({ skipped: 9, undoable: false });
    expect(listRestores(vault.ports).map((record) => record.id)).toEqual([id]);
    expect(readdirSync(join(vault.ports.home, 'restores'))).toEqual([id]);
  });

  test('are not kept of a restore whose target was refused, and are of one that was stopped after that', async () => {
    const { vault, id } = await restored();
    vault.clock.advance(1000);
    const target = join(vault.folder, 'refused');
    const fileSystem = { ...vault.ports.fileSystem };
    fileSystem.makeFolder = (path, permissions) => {
      if (path === target) throw Object.assign(new Error(path), { code: 'EACCES' });
      vault.ports.fileSystem.makeFolder(path, permissions);
    };
    const ports = { ...vault.ports, fileSystem };
    await expect(restore(vault, { ports, target })).rejects.toMatchObject({ code: 'target.unusable' });
    expect(listRestores(vault.ports).map((record) => record.id)).toEqual([id]);
    await expect(restore(vault, { target }, { signal: AbortSignal.abort() })).rejects.toThrow('cancelled');
    expect(listRestores(vault.ports).map((record) => record.target)).toEqual([target, targetOf(vault)]);
  });

  test('go after seven days, with what they kept', async () => {
    const vault = await makeVault();
    writeTree(vault.files, { 'a.txt': 'from the vault' });
    await vault.backup();
    writeTree(inTarget(vault), { 'a.txt': 'older' });
    const { id } = await restore(vault, { onConflict: 'overwrite' });
    vault.clock.advance(7 * dayMs - 1000);
    expect(listRestores(vault.ports)).toHaveLength(1);
    expect(readdirSync(inTarget(vault))).toHaveLength(2);
    vault.clock.advance(2000);
    expect(listRestores(vault.ports)).toEqual([]);
    expect(readdirSync(inTarget(vault))).toEqual(['a.txt']);
    expect(readFileSync(inTarget(vault, 'a.txt'), 'utf8')).toBe('from the vault');
    await expect(undoRestore(vault.ports, id)).rejects.toMatchObject({ code: 'undo.none' });
  });
});
