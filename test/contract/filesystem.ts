import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../engine/base/index.ts';
import { type FileSystem, joinPath } from '../../engine/filesystem/index.ts';
import { expectCode, makeFile, readFile } from './filesystem-actions.ts';
import { attributeTests, specialTests } from './filesystem-attributes.ts';

export type FileSystemUnderTest = {
  readonly fs: FileSystem;
  /** An empty folder. */
  readonly root: string;
  readonly dispose: () => void;
};

/** What every file system does, whatever it is made of. `make` gives an empty folder each time. */
export function fileSystemContract(name: string, make: () => FileSystemUnderTest): void {
  describe(`the file system contract: ${name}`, () => {
    let fs: FileSystem;
    let root: string;
    let dispose: () => void;
    const at = (path: string): string => joinPath(root, path);

    beforeEach(() => {
      ({ fs, root, dispose } = make());
    });
    afterEach(() => dispose());

    const parts: Parts = { fs: () => fs, at };
    entryTests(parts);
    fileTests(parts);
    moveTests(parts);
    attributeTests(parts);
    specialTests(parts);
  });
}

type Parts = { readonly fs: () => FileSystem; readonly at: (path: string) => string };

function entryTests({ fs, at }: Parts): void {
  test('a folder lists its names, whatever bytes they are', () => {
    const names = ['b', 'a b', 'ä', '日本', '🙂', '\uFFFD', 'bad-\uDCFF-byte', '-', '#', 'new\nline'];
    for (const name of names) makeFile(fs(), at(name));
    expect(fs().list(at('')).sort()).toEqual([...names].sort());
    for (const name of names) expect(fs().lstat(at(name)).kind).toBe('file');
  });

  test('listing what is not a folder, or not there, fails', () => {
    makeFile(fs(), at('file'));
    expectCode(() => fs().list(at('file')), 'ENOTDIR');
    expectCode(() => fs().list(at('nothing')), 'ENOENT');
  });

  test('lstat tells what is there, and lstatIfThere null where nothing is', () => {
    makeFile(fs(), at('file'), new Uint8Array(5000));
    fs().makeFolder(at('folder'), 0o750);
    fs().makeLink('file', at('link'));
    expect(fs().lstat(at('file'))).toMatchObject({
      kind: 'file',
      size: 5000,
      mode: 0o600,
      links: 1,
      major: 0,
      minor: 0,
    });
    expect(fs().lstat(at('folder'))).toMatchObject({ kind: 'folder', mode: 0o750 });
    expect(fs().lstat(at('link'))).toMatchObject({ kind: 'link', size: 4 });
    expect(fs().lstatIfThere(at('nothing'))).toBeNull();
    expect(fs().lstatIfThere(at('file/below'))).toBeNull();
    expectCode(() => fs().lstat(at('nothing')), 'ENOENT');
  });

  test('a link gives its target back byte by byte and is not followed at the end of a path', () => {
    const target = '../some/\uDC80\uDCFE/ä🙂';
    fs().makeLink(target, at('link'));
    expect(fs().readLink(at('link'))).toBe(target);
    expectCode(() => fs().makeLink('x', at('link')), 'EEXIST');
    makeFile(fs(), at('file'));
    fs().makeLink('file', at('to-file'));
    expectCode(() => fs().open(at('to-file'), 'read'), 'ELOOP');
    expectCode(() => fs().open(at('to-file'), 'write'), 'ELOOP');
    expectCode(() => fs().open(at('link'), 'create'), 'EEXIST');
    expectCode(() => fs().readLink(at('file')), 'EINVAL');
  });

  test('a link to a folder is followed on the way', () => {
    fs().makeFolder(at('folder'));
    makeFile(fs(), at('folder/file'));
    fs().makeLink('folder', at('link'));
    expect(fs().lstat(at('link/file')).inode).toBe(fs().lstat(at('folder/file')).inode);
    expect(fs().list(at('link'))).toEqual(['file']);
    fs().makeLink('loop', at('loop'));
    expectCode(() => fs().lstat(at('loop/file')), 'ELOOP');
  });

  test('folders are made once, in folders that exist, and removed empty', () => {
    fs().makeFolder(at('folder'));
    expectCode(() => fs().makeFolder(at('folder')), 'EEXIST');
    expectCode(() => fs().makeFolder(at('no/folder')), 'ENOENT');
    makeFile(fs(), at('folder/file'));
    expectCode(() => fs().removeFolder(at('folder')), 'ENOTEMPTY');
    expectCode(() => fs().removeFolder(at('folder/file')), 'ENOTDIR');
    fs().removeFile(at('folder/file'));
    fs().removeFolder(at('folder'));
    expect(fs().list(at(''))).toEqual([]);
    expectCode(() => fs().removeFile(at('folder')), 'ENOENT');
  });

  test('a name of 255 bytes is kept and one of 256 refused', () => {
    makeFile(fs(), at(`${'é'.repeat(127)}a`));
    expect(fs().list(at(''))).toEqual([`${'é'.repeat(127)}a`]);
    expectCode(() => makeFile(fs(), at('é'.repeat(128))), 'ENAMETOOLONG');
  });

  test('hard links share one file', () => {
    makeFile(fs(), at('one'));
    fs().makeHardLink(at('one'), at('two'));
    expect(fs().lstat(at('two'))).toEqual(fs().lstat(at('one')));
    expect(fs().lstat(at('one')).links).toBe(2);
    fs().removeFile(at('one'));
    expect(fs().lstat(at('two')).links).toBe(1);
    expect(readFile(fs(), at('two'))).toEqual(utf8('some bytes'));
    makeFile(fs(), at('three'));
    expectCode(() => fs().makeHardLink(at('two'), at('three')), 'EEXIST');
  });

  test('a lock has one holder at a time', () => {
    const lock = fs().lock(at('lock'));
    expect(lock).not.toBeNull();
    expect(fs().lock(at('lock'))).toBeNull();
    lock?.release();
    lock?.release();
    const next = fs().lock(at('lock'));
    expect(next).not.toBeNull();
    next?.release();
  });
}

function fileTests({ fs, at }: Parts): void {
  test('bytes are read where they were written, and fewer at the end', () => {
    const fd = fs().open(at('file'), 'create');
    fs().write(fd, utf8('hello world'), 0);
    fs().write(fd, utf8('W'), 6);
    const into = new Uint8Array(8);
    expect(fs().read(fd, into, 6)).toBe(5);
    expect(into).toEqual(utf8('World\0\0\0'));
    expect(fs().read(fd, into, 11)).toBe(0);
    expect(fs().read(fd, into, 100)).toBe(0);
    fs().close(fd);
    expectCode(() => fs().close(fd), 'EBADF');
  });

  test('create refuses what exists, write what does not, and read gives no right to write', () => {
    makeFile(fs(), at('file'));
    expectCode(() => fs().open(at('file'), 'create'), 'EEXIST');
    expectCode(() => fs().open(at('nothing'), 'write'), 'ENOENT');
    expectCode(() => fs().open(at('nothing'), 'read'), 'ENOENT');
    const fd = fs().open(at('file'), 'read');
    expectCode(() => fs().write(fd, utf8('x'), 0), 'EBADF');
    fs().close(fd);
    const again = fs().open(at('file'), 'write');
    fs().write(again, utf8('S'), 0);
    fs().close(again);
    expect(readFile(fs(), at('file'))).toEqual(utf8('Some bytes'));
  });

  test('an open file outlives its name', () => {
    makeFile(fs(), at('file'));
    const fd = fs().open(at('file'), 'read');
    fs().removeFile(at('file'));
    const into = new Uint8Array(10);
    expect(fs().read(fd, into, 0)).toBe(10);
    expect(fs().fstat(fd).links).toBe(0);
    fs().close(fd);
  });

  test('fstat tells the same as lstat', () => {
    makeFile(fs(), at('file'));
    const fd = fs().open(at('file'), 'read');
    expect(fs().fstat(fd)).toEqual(fs().lstat(at('file')));
    fs().close(fd);
  });

  test('truncate cuts, and fills with zeros', () => {
    makeFile(fs(), at('file'));
    const fd = fs().open(at('file'), 'write');
    fs().truncate(fd, 4);
    fs().truncate(fd, 6);
    fs().close(fd);
    expect(readFile(fs(), at('file'))).toEqual(utf8('some\0\0'));
  });

  test('holes are found where nothing was written, and read as zeros', () => {
    const fd = fs().open(at('file'), 'create');
    fs().write(fd, new Uint8Array(8192).fill(1), 1024 * 1024);
    fs().truncate(fd, 3 * 1024 * 1024);
    const holes = fs().holes(fd, 0, 3 * 1024 * 1024);
    if (fs().support.holes) {
      const end = 1024 * 1024 + 8192;
      expect(holes).toEqual([
        { offset: 0, length: 1024 * 1024 },
        { offset: end, length: 3 * 1024 * 1024 - end },
      ]);
      expect(fs().holes(fd, 4096, 2 * 1024 * 1024)).toEqual([
        { offset: 4096, length: 1024 * 1024 - 4096 },
        { offset: end, length: 2 * 1024 * 1024 - end },
      ]);
      expect(fs().holes(fd, end - 4096, end)).toEqual([]);
      expect([0, 500_000, end - 10, end, end + 5000].map((at) => fs().nextData(fd, at, 3 * 1024 * 1024))).toEqual([
        1024 * 1024,
        1024 * 1024,
        end - 10,
        3 * 1024 * 1024,
        3 * 1024 * 1024,
      ]);
    } else {
      expect(holes).toEqual([]);
      expect(fs().nextData(fd, 500_000, 3 * 1024 * 1024)).toBe(500_000);
    }
    expect(fs().fstat(fd).blocks).toBe(16);
    const into = new Uint8Array(4096).fill(7);
    fs().read(fd, into, 2 * 1024 * 1024);
    expect(into.every((byte) => byte === 0)).toBe(true);
    fs().close(fd);
  });

  test('a file without holes has none, nor has an empty one', () => {
    const fd = fs().open(at('file'), 'create');
    expect(fs().holes(fd, 0, 0)).toEqual([]);
    fs().write(fd, new Uint8Array(5000).fill(1), 0);
    expect(fs().holes(fd, 0, 5000)).toEqual([]);
    fs().close(fd);
  });

  test('allocate reserves space and keeps the size', () => {
    const fd = fs().open(at('file'), 'create');
    fs().allocate(fd, 1024 * 1024);
    fs().allocate(fd, 0);
    expect(fs().fstat(fd).size).toBe(0);
    if (fs().support.allocation) expect(fs().fstat(fd).blocks).toBe(2048);
    fs().close(fd);
  });

  test('everything can be made durable', async () => {
    makeFile(fs(), at('file'));
    const fd = fs().open(at('file'), 'write');
    fs().startWriteback(fd, 0, 10);
    fs().sync(fd);
    fs().close(fd);
    fs().syncFolder(at(''));
    expect(fs().syncVolume(at(''))).toBe(fs().support.volumeSync);
    fs().makeLink(at(''), at('link'));
    const folder = fs().open(`${at('link')}/.`, 'read');
    expect(await fs().syncVolumeLater(folder)).toBe(fs().support.volumeSync);
    fs().close(folder);
    await fs().syncLater(at('file'));
    fs().setMode(at('file'), 0o400);
    await fs().syncLater(at('file'));
    expectCode(() => fs().syncFolder(at('nothing')), 'ENOENT');
    await expect(async () => fs().syncLater(at('nothing'))).rejects.toThrow('ENOENT');
    if (!fs().support.volumeSync) return;
    expectCode(() => fs().syncVolume(at('nothing')), 'ENOENT');
  });
}

function moveTests({ fs, at }: Parts): void {
  test('rename replaces a file', () => {
    makeFile(fs(), at('from'), utf8('new'));
    makeFile(fs(), at('to'), utf8('old'));
    fs().rename(at('from'), at('to'));
    expect(fs().list(at(''))).toEqual(['to']);
    expect(readFile(fs(), at('to'))).toEqual(utf8('new'));
    expectCode(() => fs().rename(at('from'), at('to')), 'ENOENT');
  });

  test('rename moves a folder with what is in it, never into itself nor over other things', () => {
    fs().makeFolder(at('a'));
    makeFile(fs(), at('a/file'));
    fs().rename(at('a'), at('b'));
    expect(fs().list(at('b'))).toEqual(['file']);
    expectCode(() => fs().rename(at('b'), at('b/c')), 'EINVAL');
    makeFile(fs(), at('file'));
    expectCode(() => fs().rename(at('b'), at('file')), 'ENOTDIR');
    expectCode(() => fs().rename(at('file'), at('b')), 'EISDIR');
    fs().makeFolder(at('c'));
    expectCode(() => fs().rename(at('c'), at('b')), 'ENOTEMPTY');
    fs().rename(at('b'), at('c'));
    expect(fs().list(at('c'))).toEqual(['file']);
  });

  test('renameNoReplace moves files and folders and replaces nothing', () => {
    makeFile(fs(), at('from'), utf8('new'));
    fs().makeFolder(at('folder'));
    fs().makeFolder(at('empty'));
    fs().makeLink('nowhere', at('link'));
    for (const to of ['empty', 'link']) {
      expectCode(() => fs().renameNoReplace(at('from'), at(to)), 'EEXIST');
      expectCode(() => fs().renameNoReplace(at('folder'), at(to)), 'EEXIST');
    }
    expectCode(() => fs().renameNoReplace(at('nothing'), at('to')), 'ENOENT');
    fs().renameNoReplace(at('from'), at('to'));
    fs().renameNoReplace(at('folder'), at('moved'));
    expect(fs().list(at('')).sort()).toEqual(['empty', 'link', 'moved', 'to']);
  });
}
