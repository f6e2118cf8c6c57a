import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRealFileSystem, type FileSystem, withLongPaths } from '../../../engine/filesystem/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

const part = 'x'.repeat(200);
const isLinux = process.platform === 'linux';

function deep(fs: FileSystem, root: string, name: string, parts: number): string {
  let path = `${root}/${name}`;
  fs.makeFolder(path);
  for (let made = 0; made < parts; made++) {
    path += `/${part}`;
    fs.makeFolder(path);
  }
  return path;
}

function put(fs: FileSystem, path: string, text: string): void {
  const fd = fs.open(path, 'create');
  fs.write(fd, Buffer.from(text), 0);
  fs.close(fd);
}

function textOf(fs: FileSystem, path: string): string {
  const fd = fs.open(path, 'read');
  const bytes = Buffer.alloc(100);
  const length = fs.read(fd, bytes, 0);
  fs.close(fd);
  return bytes.toString('utf8', 0, length);
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe.runIf(isLinux)('paths that are longer than the system takes', () => {
  test('a call on two of them never meets a stranger, however many were used before', () => {
    const root = temporaryFolder();
    const made = withLongPaths(createRealFileSystem());
    const from = deep(made, root, 'from', 21);
    put(made, `${from}/file`, 'right');
    const others = Array.from({ length: 7 }, (_, number) => deep(made, root, `other-${number}`, 21));
    const to = deep(made, root, 'to', 60);
    let between = `${root}/to`;
    for (let depth = 0; depth < 60; depth++) {
      between += `/${part}`;
      put(made, `${between}/file`, `a stranger at depth ${depth}`);
    }
    made.letGo();
    for (const call of ['makeHardLink', 'rename'] as const) {
      const fs = withLongPaths(createRealFileSystem());
      fs.lstat(`${from}/file`);
      for (const other of others) fs.lstat(other);
      fs[call](`${from}/file`, `${to}/${call}`);
      expect(textOf(fs, `${to}/${call}`)).toBe('right');
      fs.letGo();
    }
  });

  test('a sync that takes its time finds its file, whatever is used meanwhile', async () => {
    const root = temporaryFolder();
    const fs = withLongPaths(createRealFileSystem());
    const folders = Array.from({ length: 20 }, (_, number) => deep(fs, root, `folder-${number}`, 21));
    for (const folder of folders) put(fs, `${folder}/file`, folder);
    const syncs = folders.map((folder) => fs.syncLater(`${folder}/file`));
    for (const folder of folders.toReversed()) fs.lstat(`${folder}/file`);
    await Promise.all(syncs);
    fs.letGo();
  });

  test('nothing stays open once they are let go', () => {
    const root = temporaryFolder();
    const before = openFiles();
    const fs = withLongPaths(createRealFileSystem());
    const folders = Array.from({ length: 20 }, (_, number) => deep(fs, root, `folder-${number}`, 21));
    for (const folder of folders) fs.lstat(folder);
    expect(openFiles()).toBeLessThanOrEqual(before + 8);
    fs.letGo();
    expect(openFiles()).toBe(before);
    expect(fs.lstat(folders[3] ?? '').kind).toBe('folder');
    fs.letGo();
  });
});
