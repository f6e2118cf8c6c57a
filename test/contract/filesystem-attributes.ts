import { expect, test } from 'vitest';
import { utf8 } from '../../engine/base/index.ts';
import type { FileStat, FileSystem } from '../../engine/filesystem/index.ts';
import { expectCode, makeFile } from './filesystem-actions.ts';

type Parts = { readonly fs: () => FileSystem; readonly at: (path: string) => string };

export function attributeTests({ fs, at }: Parts): void {
  const times: readonly (readonly [number, number])[] = [
    [1_700_000_000, 123_456_789],
    [0, 1],
    [-1, 999_999_999],
    [-86_400, 5],
    [2 ** 31 + 7, 7],
    [2 ** 33, 999_999_999],
  ];

  test('times are kept, to the nanosecond where supported, for links too', () => {
    makeFile(fs(), at('file'));
    fs().makeLink('file', at('link'));
    fs().makeFolder(at('folder'));
    for (const [seconds, nanoseconds] of times) {
      for (const name of ['file', 'link', 'folder']) {
        fs().setTime(at(name), seconds, nanoseconds);
        const stat = fs().lstat(at(name));
        if (fs().support.exactTimes) {
          expect([stat.mtimeSeconds, stat.mtimeNanoseconds]).toEqual([seconds, nanoseconds]);
        } else expect(Math.abs(timeOf(stat) - (seconds + nanoseconds / 1e9))).toBeLessThan(seconds < 0 ? 1e-3 : 1e-5);
      }
    }
  });

  test('a time on a link leaves its target alone', () => {
    makeFile(fs(), at('file'));
    fs().makeLink('file', at('link'));
    const before = fs().lstat(at('file'));
    fs().setTime(at('link'), 5, 0);
    fs().setMode(at('link'), 0o777);
    fs().setOwner(at('link'), 0, 0);
    expect(fs().lstat(at('file'))).toEqual(before);
  });

  test('all twelve mode bits are kept', () => {
    makeFile(fs(), at('file'));
    fs().makeFolder(at('folder'));
    for (const mode of [0o7777, 0o4755, 0o000, 0o644]) {
      for (const name of ['file', 'folder']) {
        fs().setMode(at(name), mode);
        expect(fs().lstat(at(name)).mode).toBe(mode);
      }
    }
    expectCode(() => fs().setMode(at('nothing'), 0o644), 'ENOENT');
  });

  test('a change of attributes is seen in ctime', async () => {
    makeFile(fs(), at('file'));
    const before = fs().lstat(at('file'));
    // The system's clock for files moves in steps of up to 10 ms.
    await new Promise((resolve) => setTimeout(resolve, 12));
    fs().setMode(at('file'), 0o640);
    const after = fs().lstat(at('file'));
    expect([after.ctimeSeconds, after.ctimeNanoseconds]).not.toEqual([before.ctimeSeconds, before.ctimeNanoseconds]);
    expect(after.mtimeNanoseconds).toBe(before.mtimeNanoseconds);
  });

  test('extended attributes are kept, replaced and removed', () => {
    makeFile(fs(), at('file'));
    if (!fs().support.xattrs) {
      expect(fs().xattrs(at('file'))).toEqual([]);
      expectCode(() => fs().setXattr(at('file'), 'user.a', utf8('1')), 'ENOTSUP');
      return;
    }
    const large = new Uint8Array(2000).fill(3);
    fs().setXattr(at('file'), 'user.a', utf8('1'));
    fs().setXattr(at('file'), 'user.a', Uint8Array.of(0, 255, 0));
    fs().setXattr(at('file'), 'user.empty', new Uint8Array(0));
    fs().setXattr(at('file'), 'user.ä', large);
    const byName = fs()
      .xattrs(at('file'))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    expect(byName.map(({ name }) => name)).toEqual(['user.a', 'user.empty', 'user.ä']);
    expect(byName.map(({ value }) => value)).toEqual([Uint8Array.of(0, 255, 0), new Uint8Array(0), large]);
    fs().removeXattr(at('file'), 'user.a');
    expect(fs().xattrs(at('file')).length).toBe(2);
    expectCode(() => fs().removeXattr(at('file'), 'user.a'), 'ENODATA');
    expectCode(() => fs().xattrs(at('nothing')), 'ENOENT');
  });

  test('attributes on a link are its own', () => {
    if (!fs().support.xattrs) return;
    makeFile(fs(), at('file'));
    fs().setXattr(at('file'), 'user.a', utf8('1'));
    fs().makeLink('file', at('link'));
    expect(fs().xattrs(at('link'))).toEqual([]);
    expectCode(() => fs().setXattr(at('link'), 'user.b', utf8('1')), 'EPERM');
  });
}

export function specialTests({ fs, at }: Parts): void {
  test('FIFOs, sockets and devices are made and told apart', () => {
    if (!fs().support.specialFiles) {
      expectCode(() => fs().makeSpecial(at('fifo'), 'fifo', 0, 0), 'ENOTSUP');
      return;
    }
    fs().makeSpecial(at('fifo'), 'fifo', 0, 0);
    fs().makeSpecial(at('socket'), 'socket', 0, 0);
    expect(fs().lstat(at('fifo'))).toMatchObject({ kind: 'fifo', size: 0, major: 0, minor: 0 });
    expect(fs().lstat(at('socket')).kind).toBe('socket');
    // Devices are root's.
    if (process.getuid?.() !== 0) return;
    fs().makeSpecial(at('null'), 'character', 1, 3);
    fs().makeSpecial(at('large'), 'block', 259, 70_000);
    expect(fs().lstat(at('null'))).toMatchObject({ kind: 'character', major: 1, minor: 3 });
    expect(fs().lstat(at('large'))).toMatchObject({ kind: 'block', major: 259, minor: 70_000 });
  });

  test('opening a FIFO to read does not wait for a writer', () => {
    if (!fs().support.specialFiles) return;
    fs().makeSpecial(at('fifo'), 'fifo', 0, 0);
    const fd = fs().open(at('fifo'), 'read');
    expect(fs().fstat(fd).kind).toBe('fifo');
    fs().close(fd);
  });
}

function timeOf(stat: FileStat): number {
  return stat.mtimeSeconds + stat.mtimeNanoseconds / 1e9;
}
