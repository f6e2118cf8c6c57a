import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../engine/base/index.ts';
import { writeFileAtomic } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem, type SimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { expectCode, makeFile, readFile } from '../../contract/filesystem-actions.ts';
import { realUnderTest, simulatedUnderTest } from './support.ts';

const seeds = Array.from({ length: 200 }, (_, at) => at + 1);
const pattern = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => 1 + ((first + at + Math.floor(at / 512)) % 255));

/** What is left at a path after the power went, over many seeds; null where the file is gone. */
function outcomes(prepare: (fs: SimulatedFileSystem) => void, path: string): (Uint8Array | null)[] {
  return seeds.map((seed) => {
    const { fs } = simulatedUnderTest(seed);
    prepare(fs);
    fs.powerLoss();
    return fs.lstatIfThere(path) ? readFile(fs, path) : null;
  });
}

const isSame = (left: Uint8Array | null, right: Uint8Array): boolean =>
  left !== null && Buffer.compare(left, right) === 0;

describe('losing power', () => {
  const bytes = pattern(3000, 7);

  test('keeps what was synced: the file and its folder', () => {
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', bytes);
      const fd = fs.open('/root/file', 'write');
      fs.sync(fd);
      fs.syncFolder('/root');
    }, '/root/file');
    expect(left.every((each) => isSame(each, bytes))).toBe(true);
  });

  test('keeps everything after a sync of the volume', () => {
    const left = outcomes((fs) => {
      fs.makeFolder('/root/a');
      makeFile(fs, '/root/a/file', bytes);
      fs.syncVolume('/root');
    }, '/root/a/file');
    expect(left.every((each) => isSame(each, bytes))).toBe(true);
  });

  test('may forget the name of a synced file, and may not', () => {
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', bytes);
      const fd = fs.open('/root/file', 'write');
      fs.sync(fd);
    }, '/root/file');
    expect(left.some((each) => each === null)).toBe(true);
    expect(left.some((each) => isSame(each, bytes))).toBe(true);
    expect(left.every((each) => each === null || isSame(each, bytes))).toBe(true);
  });

  test('may tear a file that was not synced, in any sector', () => {
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', bytes);
      fs.syncFolder('/root');
    }, '/root/file');
    expect(left.every((each) => each !== null)).toBe(true);
    expect(left.some((each) => isSame(each, bytes))).toBe(true);
    expect(left.some((each) => each?.length === 0)).toBe(true);
    const torn = left.filter((each) => each?.length === 3000 && !isSame(each, bytes));
    expect(torn.length).toBeGreaterThan(5);
    for (const sector of [0, 1, 2, 3, 4]) {
      const end = (sector + 1) * 512;
      const isKept = (each: Uint8Array | null): boolean =>
        isSame(each?.subarray(sector * 512, end) ?? null, bytes.subarray(sector * 512, end));
      expect(torn.some(isKept)).toBe(true);
      expect(torn.some((each) => !isKept(each))).toBe(true);
    }
  });

  test('leaves each sector of an overwritten file old or new', () => {
    const [old, fresh] = [pattern(2048, 1), pattern(2048, 100)];
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', old);
      fs.syncVolume('/');
      const fd = fs.open('/root/file', 'write');
      fs.write(fd, fresh, 0);
    }, '/root/file');
    const seen = new Set<string>();
    for (const each of left) {
      let kept = '';
      for (let at = 0; at < 2048; at += 512) {
        const sector = each?.subarray(at, at + 512) ?? null;
        const isNew = isSame(sector, fresh.subarray(at, at + 512));
        expect(isNew || isSame(sector, old.subarray(at, at + 512))).toBe(true);
        kept += isNew ? 'n' : 'o';
      }
      seen.add(kept);
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  test('forgets every write since the last sync, not only the last one', () => {
    const [old, fresh] = [pattern(512, 1), pattern(512, 100)];
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', old);
      fs.syncVolume('/');
      const fd = fs.open('/root/file', 'write');
      fs.write(fd, pattern(512, 50), 0);
      fs.write(fd, fresh, 0);
    }, '/root/file');
    expect(left.some((each) => isSame(each, old))).toBe(true);
    expect(left.every((each) => isSame(each, old) || isSame(each, fresh))).toBe(true);
  });

  test('keeps no operation without those it stands on: a file renamed twice has one name', () => {
    const found = new Set<string>();
    for (const seed of seeds) {
      for (const syncs of [false, true]) {
        const { fs } = simulatedUnderTest(seed);
        fs.makeFolder('/root/other');
        makeFile(fs, '/root/a', bytes);
        fs.syncVolume('/');
        fs.rename('/root/a', '/root/b');
        fs.rename('/root/b', '/root/other/c');
        if (syncs) fs.syncFolder('/root/other');
        fs.powerLoss();
        const places = ['/root/a', '/root/b', '/root/other/c'].filter((path) => fs.lstatIfThere(path));
        expect(places.length).toBe(1);
        if (syncs) expect(places).toEqual(['/root/other/c']);
        found.add(places[0] ?? '');
      }
    }
    expect(found.size).toBe(3);
  });

  test('leaves a rename done or not done, never half', () => {
    const found = new Set<string>();
    for (const seed of seeds) {
      const { fs } = simulatedUnderTest(seed);
      fs.makeFolder('/root/a');
      fs.makeFolder('/root/b');
      makeFile(fs, '/root/a/file', bytes);
      fs.syncVolume('/');
      fs.rename('/root/a/file', '/root/b/file');
      fs.powerLoss();
      const places = ['/root/a/file', '/root/b/file'].filter((path) => fs.lstatIfThere(path));
      expect(places.length).toBe(1);
      expect(fs.lstat(places[0] ?? '').links).toBe(1);
      found.add(places[0] ?? '');
    }
    expect(found.size).toBe(2);
  });

  test('syncing one end of a rename makes both ends durable', () => {
    for (const seed of seeds) {
      const { fs } = simulatedUnderTest(seed);
      fs.makeFolder('/root/a');
      makeFile(fs, '/root/a/file', bytes);
      fs.syncVolume('/');
      fs.rename('/root/a/file', '/root/file');
      fs.syncFolder('/root');
      fs.powerLoss();
      expect([fs.list('/root/a'), fs.list('/root').sort()]).toEqual([[], ['a', 'file']]);
    }
  });

  test('may undo a removal', () => {
    const left = outcomes((fs) => {
      makeFile(fs, '/root/file', bytes);
      fs.syncVolume('/');
      fs.removeFile('/root/file');
    }, '/root/file');
    expect(left.some((each) => each === null)).toBe(true);
    expect(left.some((each) => isSame(each, bytes))).toBe(true);
  });

  test('ends open files and locks', () => {
    const { fs } = simulatedUnderTest();
    const fd = fs.open('/root/file', 'create');
    fs.lock('/root/lock');
    fs.syncFolder('/root');
    fs.powerLoss();
    expectCode(() => fs.fstat(fd), 'EBADF');
    expect(fs.lock('/root/lock')).not.toBeNull();
  });

  test('is the same for the same seed', () => {
    const run = (): readonly unknown[] =>
      outcomes((fs) => {
        makeFile(fs, '/root/file', bytes);
        makeFile(fs, '/root/other', bytes);
      }, '/root/file').map((each) => each && Buffer.from(each).toString('hex'));
    expect(run()).toEqual(run());
  });
});

describe('faults', () => {
  test('the n-th call fails with the given code, counted by call and path', () => {
    const { fs } = simulatedUnderTest();
    fs.failAt(2, 'EIO', { calls: ['lstat'] });
    fs.lstat('/root');
    fs.list('/root');
    expectCode(() => fs.lstat('/root'), 'EIO');
    fs.lstat('/root');
    fs.failAt(1, 'EACCES', { path: (path) => path.endsWith('secret'), times: Number.POSITIVE_INFINITY });
    makeFile(fs, '/root/file');
    expectCode(() => fs.open('/root/secret', 'create'), 'EACCES');
    expectCode(() => fs.open('/root/secret', 'create'), 'EACCES');
    fs.clearFaults();
    makeFile(fs, '/root/secret');
  });

  test('a failed sync drops what was not synced, and trying again does not bring it back', () => {
    const { fs } = simulatedUnderTest();
    makeFile(fs, '/root/file', pattern(1024, 1));
    const fd = fs.open('/root/file', 'write');
    fs.sync(fd);
    fs.write(fd, pattern(1024, 50), 0);
    fs.failAt(1, 'EIO', { calls: ['sync'] });
    expectCode(() => fs.sync(fd), 'EIO');
    fs.sync(fd);
    expect(isSame(readFile(fs, '/root/file'), pattern(1024, 1))).toBe(true);
  });

  test('a full disk takes what fits and fails, and goes on when space returns', () => {
    const fs = createSimulatedFileSystem({ capacity: 8192 });
    const fd = fs.open('/file', 'create');
    fs.write(fd, new Uint8Array(4096), 0);
    expectCode(() => fs.write(fd, new Uint8Array(8192), 4096), 'ENOSPC');
    expect(fs.usedBytes).toBe(8192);
    fs.write(fd, new Uint8Array(4096), 0);
    expectCode(() => fs.allocate(fd, 12288), 'ENOSPC');
    fs.setCapacity(16384);
    fs.write(fd, new Uint8Array(8192), 4096);
    fs.removeFile('/file');
    expect(fs.usedBytes).toBe(12288);
    fs.close(fd);
    expect(fs.usedBytes).toBe(0);
  });

  test('after power is lost at a call, nothing works until the restart', () => {
    const { fs } = simulatedUnderTest();
    fs.powerLossAt(1, { calls: ['sync'] });
    const fd = fs.open('/root/file', 'create');
    expectCode(() => fs.sync(fd), 'ENODEV');
    expectCode(() => fs.list('/root'), 'ENODEV');
    fs.restart();
    expect(fs.list('/')).toEqual(['root']);
  });
});

describe('an atomic write', () => {
  const [old, fresh] = [utf8('old '.repeat(400)), utf8('fresh'.repeat(500))];

  test('leaves the old file or the new one wherever power is lost, and the new one once it returned', () => {
    const found = new Set<string>();
    for (const seed of seeds.slice(0, 60)) {
      for (let call = 1; call <= 9; call++) {
        const { fs } = simulatedUnderTest(seed * 31 + call);
        writeFileAtomic(fs, '/root/file', old);
        fs.powerLossAt(call);
        let hasReturned = true;
        try {
          writeFileAtomic(fs, '/root/file', fresh);
        } catch {
          hasReturned = false;
        }
        if (hasReturned) fs.powerLoss();
        fs.restart();
        fs.clearFaults();
        const left = readFile(fs, '/root/file');
        expect(isSame(left, fresh) || (!hasReturned && isSame(left, old))).toBe(true);
        found.add(`${hasReturned} ${isSame(left, fresh)}`);
        // What a crash left beside it is no obstacle.
        writeFileAtomic(fs, '/root/file', fresh);
        expect(fs.list('/root')).toEqual(['file']);
      }
    }
    expect(found.size).toBe(3);
  });

  test('leaves the old file and nothing else when any of its calls fails', () => {
    for (let call = 1; call <= 7; call++) {
      const { fs } = simulatedUnderTest();
      writeFileAtomic(fs, '/root/file', old);
      fs.failAt(call, 'EIO');
      expectCode(() => writeFileAtomic(fs, '/root/file', fresh), 'EIO');
      expect(fs.list('/root')).toEqual(['file']);
      // Only the last call, the sync of the folder, comes after the rename.
      expect(isSame(readFile(fs, '/root/file'), call === 7 ? fresh : old)).toBe(true);
    }
  });

  test('sets the permissions it is given on a real disk', () => {
    const { fs, root, dispose } = realUnderTest();
    writeFileAtomic(fs, `${root}/file`, fresh, 0o640);
    expect(fs.lstat(`${root}/file`).mode).toBe(0o640);
    expect(isSame(readFile(fs, `${root}/file`), fresh)).toBe(true);
    expect(fs.list(root)).toEqual(['file']);
    dispose();
  });
});
