import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../engine/base/index.ts';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import { createLocalStore, openStore, type Store } from '../../../engine/storage/index.ts';
import { expectCode, keysOf } from '../../contract/store.ts';
import { makePlace, type Place, realFileSystem, systemError, writeFile } from './support.ts';

const pack = (digit: string, shard = 'ab'): string => `packs/${shard}/${shard}${digit.repeat(62)}`;
const body = utf8('some bytes');

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.dispose());

const open = (overrides: Partial<FileSystem> = {}): Store =>
  createLocalStore({ root: place.root, fileSystem: { ...realFileSystem, ...overrides }, owner: 'me' });

const filesIn = (folder: string): string[] =>
  readdirSync(`${place.root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

describe('the folder of a local store', () => {
  test('is readable by its owner alone', async () => {
    await open().put(pack('1'), body);
    expect(statSync(`${place.root}/packs`).mode & 0o777).toBe(0o700);
    expect(statSync(`${place.root}/packs/ab`).mode & 0o777).toBe(0o700);
    expect(statSync(`${place.root}/${pack('1')}`).mode & 0o777).toBe(0o600);
  });

  test('leaves nothing in the spool after puts, also after refused ones', async () => {
    const store = open();
    await store.put(pack('1'), body);
    await expectCode(store.put(pack('1'), body), 'store.objectExists');
    expect(filesIn('tmp')).toEqual([]);
  });

  test('keeps the object of another process that was quicker between the look and the rename', async () => {
    await open().put(pack('1'), utf8('theirs'));
    let looks = 0;
    const store = open({
      lstatIfThere: (path) => {
        if (path.endsWith(pack('1')) && ++looks === 1) return null;
        return realFileSystem.lstatIfThere(path);
      },
    });
    await expectCode(store.put(pack('1'), body), 'store.objectExists');
    expect(await store.get(pack('1'))).toEqual(utf8('theirs'));
    expect(filesIn('tmp')).toEqual([]);
  });

  test('shows nothing but objects, whatever else lies in it', async () => {
    const store = open();
    await store.put(pack('1'), body);
    mkdirSync(`${place.root}/packs/cd/nested`, { recursive: true });
    mkdirSync(`${place.root}/photos`);
    for (const stray of [
      '.DS_Store',
      'packs/Thumbs.db',
      'packs/ee',
      `packs/cd/${pack('1').slice(9)}`,
      'photos/a.jpg',
      'tmp/x',
    ]) {
      writeFileSync(`${place.root}/${stray}`, 'stray');
    }
    expect(await keysOf(store)).toEqual([pack('1')]);
  });

  test('has an object for somebody who looks while it is written: whole or not at all', async () => {
    const seen: (number | undefined)[] = [];
    const look = (): unknown => seen.push(realFileSystem.lstatIfThere(`${place.root}/${pack('1')}`)?.size);
    const store = open({
      write: (fd, bytes, position) => {
        realFileSystem.write(fd, bytes.subarray(0, 5), position);
        look();
        realFileSystem.write(fd, bytes.subarray(5), position + 5);
      },
      renameNoReplace: (from, to) => {
        look();
        realFileSystem.renameNoReplace(from, to);
        look();
      },
    });
    await store.put(pack('1'), body);
    expect(seen).toEqual([undefined, undefined, body.length]);
  });
});

describe('durability', () => {
  const recorded = (limit = 0): { store: Store; events: string[] } => {
    const events: string[] = [];
    const relative = (path: string): string => path.slice(place.root.length + 1) || '.';
    const store = open({
      sync: (fd) => {
        events.push('sync file');
        realFileSystem.sync(fd);
      },
      renameNoReplace: (from, to) => {
        events.push(`name ${relative(to).slice(0, 5)}`);
        realFileSystem.renameNoReplace(from, to);
      },
      syncFolder: (path) => void events.push(`sync ${relative(path)}`),
      syncVolume: () => {
        events.push('sync all');
        return limit === 0;
      },
    });
    return { store, events };
  };

  test('the bytes are synced before the name is given, the folders at the flush', async () => {
    const { store, events } = recorded();
    await store.put(pack('1'), body);
    expect(events).toEqual(['sync file', 'name packs']);
    await store.flush();
    expect(events.slice(2).sort()).toEqual(['sync .', 'sync packs', 'sync packs/ab']);
    events.length = 0;
    await store.flush();
    expect(events).toEqual([]);
  });

  test('a folder that a killed run may have made is made durable in its parent too', async () => {
    mkdirSync(`${place.root}/packs/ab`, { recursive: true });
    const { store, events } = recorded();
    await store.put(pack('1'), body);
    await store.flush();
    expect(events).toContain('sync packs');
    expect(events).toContain('sync .');
  });

  test('an object that a put found in place has its name made durable', async () => {
    await open().put(pack('1'), body);
    const { store, events } = recorded();
    await expectCode(store.put(pack('1'), body), 'store.objectExists');
    await store.flush();
    expect(events).toContain('sync packs/ab');
  });

  test('many folders are synced by one sync of the file system, or singly where there is none', async () => {
    for (const without of [0, 1]) {
      const { store, events } = recorded(without);
      for (let shard = 0; shard < 70; shard += 1) {
        await store.put(pack(String(without), shard.toString(16).padStart(2, '0')), body);
      }
      events.length = 0;
      await store.flush();
      expect(events.slice(0, 2)).toEqual(without === 0 ? ['sync all'] : ['sync all', 'sync .']);
      if (without === 1) expect(events.length).toBeGreaterThan(70);
    }
  });

  test('settle reaches the folders of earlier runs', async () => {
    await open().put(pack('1'), body);
    const { store, events } = recorded(1);
    await store.settle();
    expect(events).toEqual(['sync all', 'sync .', 'sync packs', 'sync packs/ab']);
  });

  test('a failed flush is final: a later one does not claim success', async () => {
    let broken = true;
    const store = open({
      syncFolder: () => {
        if (broken) throw systemError('EIO');
      },
    });
    await store.put(pack('1'), body);
    await expectCode(store.flush(), 'store.failed');
    broken = false;
    await expectCode(store.flush(), 'store.failed');
    await expectCode(store.settle(), 'store.failed');
    await open().settle();
  });
});

describe('errors of the file system', () => {
  test.each([
    ['ENOSPC', 'store.full'],
    ['EDQUOT', 'store.full'],
    ['EACCES', 'store.denied'],
    ['EPERM', 'store.denied'],
    ['EROFS', 'store.denied'],
    ['EIO', 'store.failed'],
    ['ESTALE', 'store.failed'],
  ] as const)('%s is told as %s by every call, with the system error as its cause', async (system, code) => {
    await open().put(pack('1'), body);
    const fail = (): never => {
      throw systemError(system);
    };
    const read = open({ open: fail, list: fail });
    for (const call of [read.get(pack('1')), keysOf(read)]) {
      const error = await expectCode(call, code);
      expect(error.context.store).toBe(place.root);
      expect(error.cause).toMatchObject({ code: system });
    }
    const write = open({ open: fail, renameNoReplace: fail, removeFile: fail, syncFolder: fail });
    await expectCode(write.put(pack('2'), body), code);
    await expectCode(write.adopt(pack('2'), `${place.root}/${pack('1')}`), code);
    await expectCode(write.delete(pack('1')), code);
    const flush = open({ syncFolder: fail });
    await flush.put(pack('3'), body);
    await expectCode(flush.flush(), code);
  });

  test('a place that is not there is store.missing for every call, and nothing is made', async () => {
    const store = open();
    await store.put(pack('1'), body);
    rmSync(place.root, { recursive: true });
    await expectCode(store.get(pack('1')), 'store.missing');
    await expectCode(store.stat(pack('1')), 'store.missing');
    await expectCode(store.put(pack('2'), body), 'store.missing');
    await expectCode(store.delete(pack('1')), 'store.missing');
    await expectCode(keysOf(store), 'store.missing');
    await expectCode(keysOf(store, 'packs/'), 'store.missing');
    await expectCode(store.prepareSpool('me'), 'store.missing');
    expect(realFileSystem.lstatIfThere(place.root)).toBeNull();
  });

  test('folders that went away are made again at the next try', async () => {
    const store = open();
    await store.put(pack('1'), body);
    rmSync(`${place.root}/packs`, { recursive: true });
    rmSync(`${place.root}/tmp`, { recursive: true });
    await expectCode(store.put(pack('2'), body), 'store.failed');
    await store.put(pack('2'), body);
    expect(await keysOf(store)).toEqual([pack('2')]);
  });

  test('a listing whose folder fails or vanishes part-way throws instead of ending early', async () => {
    await open().put(pack('1', 'aa'), body);
    await open().put(pack('1', 'bb'), body);
    for (const system of ['EIO', 'ENOENT', 'EACCES']) {
      const store = open({
        list: (folder) => {
          if (folder.endsWith('/bb')) throw systemError(system);
          return realFileSystem.list(folder);
        },
      });
      await expectCode(keysOf(store), system === 'EACCES' ? 'store.denied' : 'store.failed');
      await expectCode(Array.fromAsync(store.list('packs/')), system === 'EACCES' ? 'store.denied' : 'store.failed');
    }
  });

  test('an object cut short between asking its size and reading it is damaged', async () => {
    await open().put(pack('1'), body);
    const store = open({
      fstat: (fd) => {
        const stat = realFileSystem.fstat(fd);
        truncateSync(`${place.root}/${pack('1')}`, 3);
        return stat;
      },
    });
    await expectCode(store.get(pack('1')), 'object.damaged');
  });

  test('reads that come in pieces are put together', async () => {
    await open().put(pack('1'), body);
    const store = open({ read: (fd, into, position) => realFileSystem.read(fd, into.subarray(0, 3), position) });
    expect(await store.get(pack('1'))).toEqual(body);
  });

  test('a folder or a link under an object’s name is damage, not an object', async () => {
    mkdirSync(`${place.root}/${pack('1')}`, { recursive: true });
    writeFileSync(`${place.root}/secret`, 'x');
    symlinkSync(`${place.root}/secret`, `${place.root}/${pack('2')}`);
    await expectCode(open().get(pack('1')), 'object.damaged');
    await expectCode(open().get(pack('2')), 'object.damaged');
    expect(await Array.fromAsync(open().list(''))).toEqual([]);
  });

  test('an object larger than any may be is refused before its bytes are asked for', async () => {
    await open().put('config', body);
    truncateSync(`${place.root}/config`, 2 ** 40);
    await expectCode(open().get('config'), 'object.damaged');
    expect(await open().get('config', { offset: 0, length: body.length })).toEqual(body);
  });

  test.skipIf(process.getuid?.() === 0)('a folder without permission is told as denied', async () => {
    chmodSync(place.root, 0o500);
    await expectCode(open().put(pack('1'), body), 'store.denied');
  });
});

describe('the spool', () => {
  test('loses what this owner left and what others left long ago, and nothing else', async () => {
    const store = open();
    await store.prepareSpool('me');
    const now = Date.now() / 1000;
    const day = 24 * 3600;
    for (const [name, ageDays] of [
      ['me-1', 0],
      ['me-2', 30],
      ['you-1', 6],
      ['you-2', 8],
      ['meadow-1', 1],
    ] as const) {
      writeFile(realFileSystem, `${place.root}/tmp/${name}`, body);
      utimesSync(`${place.root}/tmp/${name}`, now - ageDays * day, now - ageDays * day);
    }
    expect(await store.prepareSpool('me')).toBe(3);
    expect(filesIn('tmp').sort()).toEqual(['meadow-1', 'you-1']);
  });
});

describe('openStore', () => {
  test('finds a place, says where there is none, and makes one when asked', async () => {
    const root = `${place.root}/deep/vault`;
    await expectCode(openStore(root, { fileSystem: realFileSystem }), 'store.missing');
    const made = await openStore(root, { fileSystem: realFileSystem }, { whenMissing: 'make' });
    expect(statSync(root).mode & 0o777).toBe(0o700);
    await made.put('config', body);
    const found = await openStore(`file:${root}`, { fileSystem: realFileSystem });
    expect(await found.get('config')).toEqual(body);
    symlinkSync(root, `${place.root}/link`);
    expect(await keysOf(await openStore(`${place.root}/link`, { fileSystem: realFileSystem }))).toEqual(['config']);
  });

  test('does not take a file for a place', async () => {
    writeFileSync(`${place.root}/file`, 'x');
    for (const root of [`${place.root}/file`, `${place.root}/file/vault`]) {
      await expectCode(openStore(root, { fileSystem: realFileSystem }), 'store.notAFolder');
      await expectCode(openStore(root, { fileSystem: realFileSystem }, { whenMissing: 'make' }), 'store.notAFolder');
    }
  });
});
