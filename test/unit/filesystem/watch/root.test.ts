import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileStat } from '../../../../engine/filesystem/index.ts';
import { createRealFileSystem } from '../../../../engine/filesystem/index.ts';
import { type KnownRoot, Presence } from '../../../../engine/filesystem/watch/presence.ts';
import { realWatchSystem } from '../../../../engine/filesystem/watch/system.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { listen } from './support.ts';

const isLinux = process.platform === 'linux';
const kinds = (events: readonly { readonly kind: string }[]): string[] =>
  events.map(({ kind }) => kind).filter((kind) => kind !== 'changed');

test.runIf(isLinux)('a root that is removed is gone, and heard again when it is back', async () => {
  const root = join(realpathSync(temporaryFolder()), 'root');
  mkdirSync(join(root, 'a'), { recursive: true });
  const heard = await listen(root);
  rmSync(root, { recursive: true });
  await heard.until(() => kinds(heard.events).includes('gone'));
  expect([heard.watch.mode, heard.watch.folders]).toEqual(['scanning', 0]);
  mkdirSync(join(root, 'b'), { recursive: true });
  await heard.until(() => kinds(heard.events).includes('back'));
  expect([heard.watch.mode, heard.watch.folders]).toEqual(['events', 2]);
  writeFileSync(join(root, 'b/file'), '');
  await heard.untilMirrored();
  expect(kinds(heard.events)).toEqual(['gone', 'back']);
});

test.runIf(isLinux)('a root that is replaced by another folder is heard, and all of it may have changed', async () => {
  const outside = realpathSync(temporaryFolder());
  const root = join(outside, 'root');
  for (const name of ['root/a', 'other/b']) mkdirSync(join(outside, name), { recursive: true });
  const heard = await listen(root);
  renameSync(root, join(outside, 'away'));
  renameSync(join(outside, 'other'), root);
  await heard.until(() => kinds(heard.events).includes('overflow'));
  writeFileSync(join(root, 'b/file'), '');
  await heard.untilMirrored();
  expect(kinds(heard.events)).toEqual(['overflow']);
});

test.runIf(isLinux)('a root that is not there yet is gone until it comes', async () => {
  const root = join(realpathSync(temporaryFolder()), 'root');
  const heard = await listen(root);
  expect(kinds(heard.events)).toEqual(['gone']);
  mkdirSync(root);
  await heard.until(() => kinds(heard.events).includes('back'));
  writeFileSync(join(root, 'file'), '');
  await heard.untilMirrored();
});

test.runIf(isLinux)('a single file is heard by its own name alone, also when it is replaced', async () => {
  const folder = realpathSync(temporaryFolder());
  const root = join(folder, 'file');
  writeFileSync(root, 'one');
  const heard = await listen(root);
  writeFileSync(join(folder, 'other'), '');
  writeFileSync(join(folder, '.tmp'), 'two');
  renameSync(join(folder, '.tmp'), root);
  await heard.until(() => heard.events.length > 0);
  expect(heard.events).toEqual([{ kind: 'changed', folder }]);
  writeFileSync(root, 'three');
  await heard.until(() => heard.events.length > 1);
  rmSync(root);
  await heard.until(() => kinds(heard.events).includes('gone'));
  writeFileSync(root, 'four');
  await heard.until(() => kinds(heard.events).includes('back'));
});

test.runIf(isLinux)('a root that may not be read is scanned, and heard once it may', async () => {
  const root = realpathSync(temporaryFolder());
  let isReadable = false;
  const heard = await listen(root, {
    system: {
      watchFolder: (...given) => {
        if (isReadable) return realWatchSystem.watchFolder(...given);
        throw Object.assign(new Error('denied'), { code: 'EACCES' });
      },
    },
  });
  expect(heard.watch.mode).toBe('scanning');
  isReadable = true;
  await heard.until(() => kinds(heard.events).includes('overflow'));
  expect(heard.watch.mode).toBe('events');
});

/** A root as it is seen: present or null, one after another. */
function seenInTurn(
  looks: readonly (Partial<FileStat> | null)[],
  born = [1n],
  known: KnownRoot = { mark: null, note: () => {} },
): string[] {
  const stat = createRealFileSystem().lstat('/');
  let at = 0;
  const fileSystem = {
    ...createRealFileSystem(),
    lstatIfThere: (path: string) => {
      if (path === '/') return { ...stat, device: 1 };
      const look = looks[at];
      return look ? { ...stat, ...look } : null;
    },
  };
  const presence = new Presence('/root', fileSystem, { ...realWatchSystem, born: () => born[at] ?? 1n }, known);
  return looks.map((_, turn) => {
    at = turn;
    return presence.look().seen;
  });
}

test('an empty mount point is no root, and the drive that comes back under another number is', () => {
  const drive = { device: 7, inode: 2 };
  expect(
    seenInTurn([drive, drive, { device: 1, inode: 99 }, null, { device: 8, inode: 2 }, { device: 8, inode: 2 }]),
  ).toEqual(['replaced', 'there', 'gone', 'gone', 'replaced', 'there']);
});

test('another drive at the same place is not the root, though the inodes are the same', () => {
  const looks = [{ device: 7, inode: 2 }, null, { device: 8, inode: 2 }];
  expect(seenInTurn(looks, [1n, 1n, 5n])).toEqual(['replaced', 'gone', 'gone']);
});

test('a drive that another process saw is told from its empty mount point, and from another drive', () => {
  const marks: string[] = [];
  const note = (mark: string): void => void marks.push(mark);
  expect(seenInTurn([{ device: 7, inode: 2 }], [1n], { mark: null, note })).toEqual(['replaced']);
  const [mark = null] = marks;
  const later = (look: Partial<FileStat>, born: bigint) => seenInTurn([look], [born], { mark, note });
  expect(later({ device: 1, inode: 99 }, 3n)).toEqual(['gone']);
  expect(later({ device: 8, inode: 2 }, 5n)).toEqual(['gone']);
  expect(later({ device: 8, inode: 2 }, 1n)).toEqual(['replaced']);
});

test('a folder that was made anew while nobody watched is the root', () => {
  const marks: string[] = [];
  const note = (mark: string): void => void marks.push(mark);
  seenInTurn([{ device: 1, inode: 5 }], [1n], { mark: null, note });
  expect(seenInTurn([{ device: 1, inode: 6 }], [2n], { mark: marks[0] ?? null, note })).toEqual(['replaced']);
  expect(marks).toEqual(['folder 5 1', 'folder 6 2']);
});
