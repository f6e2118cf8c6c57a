import { spawn } from 'node:child_process';
import fs, { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodePath } from '../../../../engine/filesystem/index.ts';
import { seededRandom } from '../../../../engine/filesystem/simulated/index.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { listen, quickFolder } from './support.ts';

const isLinux = process.platform === 'linux';
const folder = (): string => fs.realpathSync(temporaryFolder());

test.runIf(isLinux)('a new, a changed and a deleted file are told by their folder', async () => {
  const root = folder();
  mkdirSync(join(root, 'a'));
  const heard = await listen(root);
  for (const change of [
    () => writeFileSync(join(root, 'a/file'), 'one'),
    () => writeFileSync(join(root, 'a/file'), 'three'),
    () => fs.chmodSync(join(root, 'a/file'), 0o600),
    () => rmSync(join(root, 'a/file')),
  ]) {
    change();
    await heard.untilMirrored();
    expect(heard.takeFolders()).toEqual([join(root, 'a')]);
  }
});

test.runIf(isLinux)('a file renamed from one folder into another is told by both', async () => {
  const root = folder();
  for (const name of ['a', 'b']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'a/file'), '');
  const heard = await listen(root);
  renameSync(join(root, 'a/file'), join(root, 'b/other'));
  await heard.untilMirrored();
  expect(heard.takeFolders()).toEqual([join(root, 'a'), join(root, 'b')]);
});

test.runIf(isLinux)('an atomic save, a new file renamed over the old one, is told', async () => {
  const root = folder();
  writeFileSync(join(root, 'file'), 'old');
  const heard = await listen(root);
  writeFileSync(join(root, '.file.tmp'), 'new');
  renameSync(join(root, '.file.tmp'), join(root, 'file'));
  await heard.untilMirrored();
});

test.runIf(isLinux)('a renamed folder is heard under its new name', async () => {
  const root = folder();
  mkdirSync(join(root, 'old/in/deep'), { recursive: true });
  const heard = await listen(root);
  renameSync(join(root, 'old'), join(root, 'new'));
  await heard.untilMirrored();
  expect(heard.takeFolders()).toEqual([root, join(root, 'new*')]);
  writeFileSync(join(root, 'new/in/deep/file'), '');
  await heard.untilMirrored();
  expect(heard.takeFolders()).toEqual([join(root, 'new/in/deep')]);
  expect(heard.watch.folders).toBe(4);
});

test.runIf(isLinux)('a folder that is moved in with content is heard, and one moved out no more', async () => {
  const outside = folder();
  const root = folder();
  mkdirSync(join(outside, 'a/b'), { recursive: true });
  writeFileSync(join(outside, 'a/b/file'), '');
  const heard = await listen(root);
  renameSync(join(outside, 'a'), join(root, 'a'));
  await heard.untilMirrored();
  expect(heard.watch.folders).toBe(3);
  renameSync(join(root, 'a'), join(outside, 'a'));
  await heard.untilMirrored();
  await heard.until(() => heard.watch.folders === 1);
  heard.takeFolders();
  writeFileSync(join(outside, 'a/b/other'), '');
  writeFileSync(join(root, 'after'), '');
  await heard.untilMirrored();
  expect(heard.takeFolders()).toEqual([root]);
});

test.runIf(isLinux)('files made in nested folders right after the folders are all found', async () => {
  const root = folder();
  const heard = await listen(root);
  for (let at = 0; at < 40; at++) {
    const deep = join(root, `${at}/a/b/c/d`);
    mkdirSync(deep, { recursive: true });
    for (let file = 0; file < 10; file++) writeFileSync(join(deep, `${file}`), 'x');
    if (at % 10 === 9) await new Promise(setImmediate);
  }
  await heard.untilMirrored();
  expect(heard.watch.folders).toBe(201);
});

test.runIf(isLinux)('a folder deleted and made again at once is heard, though it has the same inode', async () => {
  const root = folder();
  const path = join(root, 'a');
  mkdirSync(join(path, 'b'), { recursive: true });
  const heard = await listen(root);
  for (let round = 0; round < 5; round++) {
    rmSync(path, { recursive: true });
    mkdirSync(join(path, 'b'), { recursive: true });
    await heard.untilMirrored();
    await heard.until(() => heard.watch.folders === 3);
    writeFileSync(join(path, 'b/file'), `${round}`);
    await heard.untilMirrored();
  }
});

test.runIf(isLinux)('an entry with the name of its folder is an entry', async () => {
  const root = folder();
  mkdirSync(join(root, 'a/a'), { recursive: true });
  const heard = await listen(root);
  rmSync(join(root, 'a/a'), { recursive: true });
  writeFileSync(join(root, 'a/a'), '');
  await heard.untilMirrored();
  expect(heard.takeFolders()).toEqual([join(root, 'a')]);
});

test.runIf(isLinux)('folders that are left out are neither watched nor told', async () => {
  const root = folder();
  for (const name of ['in/node_modules/x', 'in/src']) mkdirSync(join(root, name), { recursive: true });
  const heard = await listen(root, { enters: (path) => !path.endsWith('/node_modules') });
  expect(heard.watch.folders).toBe(3);
  mkdirSync(join(root, 'new/node_modules/y'), { recursive: true });
  writeFileSync(join(root, 'in/node_modules/x/file'), '');
  await heard.until(() => heard.watch.folders === 4);
  writeFileSync(join(root, 'in/src/last'), '');
  await heard.until(() =>
    heard.events.some((event) => event.kind === 'changed' && event.folder === join(root, 'in/src')),
  );
  expect(heard.takeFolders().filter((path) => path.includes('node_modules'))).toEqual([]);
});

test.runIf(isLinux)('links to folders are not followed, also when one takes the place of a folder', async () => {
  const outside = folder();
  const root = folder();
  mkdirSync(join(root, 'a'));
  symlinkSync(outside, join(root, 'link'));
  const heard = await listen(root);
  expect(heard.watch.folders).toBe(2);
  rmSync(join(root, 'a'), { recursive: true });
  symlinkSync(outside, join(root, 'a'));
  await heard.untilMirrored();
  await heard.until(() => heard.watch.folders === 1);
});

test.runIf(isLinux)('names that are no valid UTF-8 are told as path text', async () => {
  const root = folder();
  const heard = await listen(root);
  const name = Buffer.from([0x61, 0xff, 0x62]);
  fs.mkdirSync(Buffer.concat([Buffer.from(`${root}/`), name]));
  await heard.until(() => heard.watch.folders === 2);
  heard.takeFolders();
  fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name, Buffer.from('/file')]), '');
  const path = `${root}/${decodePath(name)}`;
  await heard.until(() =>
    heard.events.some((event) => event.kind === 'changed' && event.folder === path && !event.deep),
  );
});

test.runIf(isLinux)('after closing nothing is heard, and closing again does no harm', async () => {
  const root = folder();
  const heard = await listen(root);
  await heard.watch.close();
  await heard.watch.close();
  writeFileSync(join(root, 'file'), '');
  const other = await listen(root);
  writeFileSync(join(root, 'other'), '');
  await other.untilMirrored();
  expect(heard.events).toEqual([]);
  expect(heard.watch.folders).toBe(0);
});

test.runIf(isLinux)('20,000 files that another process makes in 500 new folders are all found', async () => {
  const root = quickFolder();
  const heard = await listen(root);
  const script = `
    const fs = require('node:fs');
    for (let at = 0; at < 20000; at++) {
      const folder = process.argv[1] + '/' + (at % 20) + '/' + (at % 500);
      if (at < 500) fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(folder + '/' + at, 'x');
    }`;
  const child = spawn(process.execPath, ['-e', script, root], { stdio: 'inherit' });
  await new Promise((resolve) => child.on('exit', resolve));
  await heard.untilMirrored();
});

test.runIf(isLinux)(
  'more changes than the kernel remembers are told as an overflow, and nothing is missed after it',
  async () => {
    const root = folder();
    for (const name of ['a', 'b']) mkdirSync(join(root, name));
    const heard = await listen(root);
    // This thread hears nothing meanwhile. Two names by turns, because the kernel joins equal events that follow each other.
    const most = Number(fs.readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    const open = ['a/1', 'b/2'].map((name) => fs.openSync(join(root, name), 'w'));
    for (let at = 0; at <= most; at++) fs.writeSync(open[at % 2] ?? -1, 'x');
    for (const fd of open) fs.closeSync(fd);
    mkdirSync(join(root, 'unheard/of'), { recursive: true });
    await heard.until(() => heard.events.some((event) => event.kind === 'overflow'));
    await heard.untilMirrored();
    writeFileSync(join(root, 'unheard/of/file'), '');
    await heard.untilMirrored();
  },
);

test.runIf(isLinux)('whatever is done to a tree, reading what events name ends in knowing it', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = seededRandom(seed);
  const root = folder();
  const outside = folder();
  const heard = await listen(root);
  const name = (): string => 'abcd'[random.integer(4)] ?? '';
  const path = (): string => join(root, ...Array.from({ length: 1 + random.integer(3) }, name));
  const changes = [
    () => mkdirSync(path(), { recursive: true }),
    () => writeFileSync(path(), `${random.integer(1e6)}`),
    () => writeFileSync(path(), `${random.integer(1e6)}`),
    () => renameSync(path(), path()),
    () => rmSync(path(), { recursive: true }),
    () => renameSync(path(), join(outside, name())),
    () => renameSync(join(outside, name()), path()),
    () => symlinkSync(root, path()),
  ];
  try {
    for (let round = 0; round < 60; round++) {
      for (let at = random.integer(40); at >= 0; at--) {
        try {
          changes[random.integer(changes.length)]?.();
        } catch {
          // it was not there, or something else was
        }
        if (random.integer(8) === 0) await new Promise(setImmediate);
      }
      if (round % 6 === 0) await heard.untilMirrored();
    }
    await heard.untilMirrored();
    rmSync(root, { recursive: true });
    mkdirSync(root);
    await heard.until(() => heard.watch.folders === 1);
    expect(heard.watch.mode).toBe('events');
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}`, { cause: error });
  }
});
