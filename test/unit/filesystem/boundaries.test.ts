import { beforeEach, describe, expect, test } from 'vitest';
import { fromHex, utf8 } from '../../../engine/base/index.ts';
import {
  type BoundaryOptions,
  type BoundaryReason,
  compileRules,
  createBoundary,
  createRealFileSystem,
  locateFolders,
  splitPath,
} from '../../../engine/filesystem/index.ts';
import type { SimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { makeFile } from '../../contract/filesystem-actions.ts';
import { simulatedUnderTest } from './support.ts';

const magic = fromHex('434f464645520d0a');

describe('a walk', () => {
  let fs: SimulatedFileSystem;
  const ask = (path: string, options: Partial<BoundaryOptions> = {}): BoundaryReason | null => {
    const boundary = createBoundary({ otherFileSystems: false, protectedFolders: [], ...options }, fs);
    return boundary.leaveOut(path, fs.lstat(path), fs.lstat(splitPath(path).folder));
  };

  beforeEach(() => {
    fs = simulatedUnderTest().fs;
    fs.makeFolder('/root/folder');
  });

  test('enters ordinary folders', () => {
    expect(ask('/root/folder')).toBeNull();
  });

  test('stays on its file system unless told', () => {
    fs.mount('/root/folder', 'ext');
    expect(ask('/root/folder')).toBe('other-filesystem');
    expect(ask('/root/folder', { otherFileSystems: true })).toBeNull();
  });

  test('never enters what the kernel makes up, but enters tmpfs when told', () => {
    fs.mount('/root/folder', 'proc');
    expect(ask('/root/folder', { otherFileSystems: true })).toBe('pseudo-filesystem');
    fs.mount('/root/folder', 'tmpfs');
    expect(ask('/root/folder', { otherFileSystems: true })).toBeNull();
  });

  test('asks for the kind of a file system only where the device changes', () => {
    fs.failAt(1, 'EIO', { calls: ['volumeKind'], times: 10 });
    expect(ask('/root/folder')).toBeNull();
    fs.mount('/root/folder', 'fuse');
    expect(ask('/root/folder')).toBe('other-filesystem');
  });

  test('never enters its own folders, by whatever path', () => {
    const own = { protectedFolders: locateFolders(fs, ['/root/folder']) };
    expect(ask('/root/folder', own)).toBe('coffer-own');
    fs.makeFolder('/root/folder/inside');
    expect(ask('/root/folder/inside', own)).toBe('coffer-own');
    fs.makeFolder('/root/folder2');
    expect(ask('/root/folder2', own)).toBeNull();
    fs.makeLink('/root', '/root/elsewhere');
    expect(ask('/root/elsewhere/folder', own)).toBe('coffer-own');
  });

  test('never enters a vault', () => {
    makeFile(fs, '/root/folder/config', new Uint8Array([...magic, 1, 2, 3]));
    expect(ask('/root/folder')).toBeNull();
    fs.makeFolder('/root/folder/keys');
    expect(ask('/root/folder')).toBe('vault');
    fs.removeFile('/root/folder/config');
    makeFile(fs, '/root/folder/config', utf8('[core]\n\tbare = true'));
    expect(ask('/root/folder')).toBeNull();
  });

  test('does not read what a cloud client would have to fetch', () => {
    const fd = fs.open('/root/folder/file', 'create');
    fs.truncate(fd, 1000);
    fs.close(fd);
    expect(ask('/root/folder/file')).toBeNull();
    fs.setXattr('/root/folder/file', 'user.nextcloud.hydrate_exec', utf8('x'));
    expect(ask('/root/folder/file')).toBe('cloud-placeholder');
  });

  test('takes a folder for a cache only when its tag is signed, and then keeps the tag alone', () => {
    const rules = compileRules({ patterns: [], presets: [], cacheDirTag: true });
    const tag = (): ReturnType<typeof rules.tagsFolder> =>
      rules.tagsFolder('/root/folder', fs.list('/root/folder'), fs);
    expect(tag()).toBeNull();
    makeFile(fs, '/root/folder/CACHEDIR.TAG', utf8('Signature: 8a477f597d28d172789f06886806bc50'));
    expect(tag()).toBeNull();
    fs.removeFile('/root/folder/CACHEDIR.TAG');
    makeFile(fs, '/root/folder/CACHEDIR.TAG', utf8('Signature: 8a477f597d28d172789f06886806bc55\n# x'));
    expect(tag()?.leaveOut('CACHEDIR.TAG')).toBeNull();
    expect(tag()?.leaveOut('other')).toBe('cachedir-tag');
    const without = compileRules({ patterns: [], presets: [], cacheDirTag: false });
    expect(without.tagsFolder('/root/folder', fs.list('/root/folder'), fs)).toBeNull();
  });
});

test('the kernel’s own folders are known on this computer', () => {
  const fs = createRealFileSystem();
  if (fs.volumeKind('/') === 'unknown') return;
  const boundary = createBoundary({ otherFileSystems: true, protectedFolders: [] }, fs);
  for (const path of ['/proc', '/sys', '/dev/pts']) {
    if (!fs.lstatIfThere(path)) continue;
    expect([path, boundary.leaveOut(path, fs.lstat(path), fs.lstat('/'))]).toEqual([path, 'pseudo-filesystem']);
    expect(boundary.leaveOut(path, fs.lstat(path), null)).toBe('pseudo-filesystem');
  }
});
