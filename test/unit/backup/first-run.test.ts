import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../engine/base/index.ts';
import { noise } from '../../support/trees.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import { bulk, createWorld, objectsIn, runBackup, sourceFolder, type World, write } from './world.ts';

/** Some of everything: deep and empty folders, small, empty and large files, links, names beyond ASCII. */
async function variedWorld(): Promise<World> {
  const world = await createWorld();
  const { disk } = world;
  write(disk, '/data/notes.txt', 'hello\n'.repeat(500));
  write(disk, '/data/empty', '');
  write(disk, '/data/photos/2023/a.jpg', bulk(300_000, 1));
  write(disk, '/data/photos/2023/b.jpg', bulk(700_000, 2));
  write(disk, '/data/photos/grüße 日本.txt', 'names are bytes');
  disk.makeFolder('/data/nothing');
  disk.makeLink('../notes.txt', '/data/photos/link');
  disk.makeSpecial('/data/pipe', 'fifo', 0, 0);
  disk.makeSpecial('/data/null', 'character', 1, 3);
  disk.setOwner('/data/notes.txt', 1000, 100);
  disk.setMode('/data/notes.txt', 0o640);
  disk.setXattr('/data/notes.txt', 'user.colour', Buffer.from('blue'));
  disk.setXattr('/data/photos', 'user.place', Buffer.from('north'));
  return world;
}

describe('the first run', () => {
  test('keeps every name, byte, time, mode, owner, link and attribute', async () => {
    const world = await variedWorld();
    await runBackup(world);
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('counts what it saved', async () => {
    const world = await variedWorld();
    const result = await runBackup(world);
    expect(result).toMatchObject({ files: 5, folders: 4, others: 3, failed: 0, changedFiles: 5, excluded: {} });
  });

  test('counts bytes read and new, compressible ones as they were', async () => {
    const world = await variedWorld();
    const bytes = 3000 + 300_000 + 700_000 + 15;
    expect(await runBackup(world)).toMatchObject({ bytes, readBytes: bytes, newBytes: bytes });
  });

  test('says in the snapshot what it says to its caller', async () => {
    const world = await variedWorld();
    const result = await runBackup(world);
    const { snapshot, id } = (await walkNewest(world)).stored;
    expect(id).toBe(result.snapshot);
    expect(snapshot.counts).toEqual({ seen: 12, saved: 12, excluded: 0, failed: 0, files: 5, folders: 4, others: 3 });
    expect(snapshot.bytes).toMatchObject({ total: result.bytes, read: result.readBytes, new: result.newBytes });
  });

  test('names exactly the packs that a walk of its trees needs', async () => {
    const world = await variedWorld();
    await runBackup(world);
    const { holders, refs } = await walkNewest(world);
    expect([...new Set([...holders.values()].flat())].sort()).toEqual(refs);
  });

  test('stands by its packs with their Merkle root', async () => {
    const world = await variedWorld();
    await runBackup(world);
    const { stored, refs } = await walkNewest(world);
    expect(stored.snapshot.packs.count).toBe(refs.length);
    expect(toHex(stored.snapshot.packs.root)).toBe(rootOf(refs.map((pack) => fromHex(pack))));
  });

  test('stores nothing twice', async () => {
    const world = await variedWorld();
    await runBackup(world);
    for (const packs of (await walkNewest(world)).holders.values()) expect(packs).toHaveLength(1);
  });

  test('leaves nothing in the spool', async () => {
    const world = await variedWorld();
    await runBackup(world);
    expect(world.disk.list('/vault/tmp')).toEqual([]);
  });

  test('of an empty folder stores one tree', async () => {
    const world = await createWorld();
    expect(await runBackup(world)).toMatchObject({ files: 0, folders: 1, bytes: 0, newBytes: 0 });
    expect(objectsIn(world.disk).filter((key) => key.startsWith('packs/'))).toHaveLength(1);
  });
});

/** As FORMAT.md section 10 says it, written a second time. */
function rootOf(hashes: readonly Uint8Array[]): string {
  const hash = (...parts: Uint8Array[]): Uint8Array => createHash('sha256').update(Buffer.concat(parts)).digest();
  const join = (level: readonly Uint8Array[]): Uint8Array => {
    const [first = new Uint8Array(32)] = level;
    if (level.length < 2) return first;
    const above: Uint8Array[] = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(hash(Uint8Array.of(1), level[at]!, level[at + 1]!)); // both are below the length
    if (level.length % 2 === 1) above.push(level.at(-1)!); // not empty
    return join(above);
  };
  return toHex(join(hashes.map((leaf) => hash(Uint8Array.of(0), leaf))));
}

describe('sizes', () => {
  test('a folder of more than 10,000 entries is kept whole', async () => {
    const world = await createWorld();
    for (let number = 0; number < 10_500; number++)
      write(world.disk, `/data/many/file ${number}`, `content ${number % 700}`);
    const result = await runBackup(world);
    expect(result).toMatchObject({ files: 10_500, failed: 0 });
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('thousands of files in hundreds of folders, some of them one file, are kept whole', async () => {
    const world = await createWorld();
    for (let number = 0; number < 3000; number++) {
      const folder = `/data/${number % 20}/${number % 200}`;
      if (number > 200 && number % 10 === 9) world.disk.makeHardLink('/data/0/0/0', `${folder}/${number}`);
      else write(world.disk, `${folder}/${number}`, `content ${number % 900}`);
    }
    expect(await runBackup(world)).toMatchObject({ files: 3000, folders: 221, failed: 0 });
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('a file over several segments is kept byte for byte', async () => {
    const world = await createWorld();
    write(world.disk, '/data/big', bulk(21_000_123, 3));
    await runBackup(world);
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('a file of a segment and nothing more, and files around the small limit', async () => {
    const world = await createWorld();
    const MiB = 1024 * 1024;
    for (const size of [8 * MiB, 4 * MiB, 4 * MiB + 1, 4 * MiB - 1])
      write(world.disk, `/data/${size}`, bulk(size, size));
    await runBackup(world);
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('a sparse file keeps its holes and its zero bytes', async () => {
    const world = await createWorld();
    const fd = world.disk.open('/data/sparse', 'create');
    world.disk.write(fd, noise(5000, 1), 1_000_000);
    world.disk.truncate(fd, 3_000_000);
    world.disk.close(fd);
    await runBackup(world);
    const { entries, files } = await walkNewest(world);
    const entry = entries.get('/data/sparse');
    expect(entry?.kind === 'file' && entry.holes?.[0]).toBe(0);
    expect(files.get('/data/sparse')?.length).toBe(3_000_000);
  });

  test.each([3_000_000, 12_000_000])('data that a file system calls a hole is none (%i bytes)', async (size) => {
    const world = await createWorld();
    const fd = world.disk.open('/data/sparse', 'create');
    const second = Math.floor((size * 0.3) / 4096) * 4096;
    for (const at of [0, second]) world.disk.write(fd, noise(8192, at), at);
    world.disk.truncate(fd, size);
    world.disk.close(fd);
    const fileSystem = { ...world.disk };
    // As ZFS did in 2023: what was just written is a hole to it.
    fileSystem.holes = (open, from, to) =>
      [
        ...world.disk.holes(open, from, to),
        ...(from <= second && second < to ? [{ offset: second, length: 8192 }] : []),
      ].sort((left, right) => left.offset - right.offset);
    await runBackup(world, { fileSystem });
    const { entries, files } = await walkNewest(world);
    const entry = entries.get('/data/sparse');
    expect(entry?.kind === 'file' && entry.holes).toEqual([8192, second - 8192, second + 8192, size - second - 8192]);
    expect(files.get('/data/sparse')?.subarray(second, second + 8192)).toEqual(noise(8192, second));
  });

  test('a long hole is cut like the zeros it stands for, and not read', { timeout: 120_000 }, async () => {
    const MiB = 1024 * 1024;
    const island = noise(300_000, 1);
    const world = await createWorld();
    const read = { sparse: 0, full: 0 };
    const fileSystem = { ...world.disk };
    const paths = new Map<number, string>();
    fileSystem.open = (path, mode, permissions) => {
      const fd = world.disk.open(path, mode, permissions);
      paths.set(fd, path);
      return fd;
    };
    fileSystem.read = (fd, into, position) => {
      const got = world.disk.read(fd, into, position);
      if (paths.get(fd) === '/data/sparse') read.sparse += got;
      if (paths.get(fd) === '/data/full') read.full += got;
      return got;
    };
    for (const name of ['sparse', 'full']) {
      const fd = world.disk.open(`/data/${name}`, 'create');
      if (name === 'full') for (let at = 0; at < 24; at++) world.disk.write(fd, new Uint8Array(MiB), at * MiB);
      world.disk.write(fd, island, 12_345_678);
      world.disk.write(fd, island, 19 * MiB + 1);
      world.disk.truncate(fd, 24 * MiB);
      world.disk.close(fd);
    }
    await runBackup(world, { fileSystem });
    const { entries, files } = await walkNewest(world);
    const [sparse, full] = [entries.get('/data/sparse'), entries.get('/data/full')];
    expect(sparse?.kind === 'file' && sparse.content).toEqual(full?.kind === 'file' && full.content);
    expect(files.get('/data/sparse')).toEqual(files.get('/data/full'));
    expect(read.full).toBeGreaterThan(23 * MiB);
    expect(read.sparse).toBeLessThan(20 * MiB);
    expect(sparse?.kind === 'file' && sparse.holes?.length).toBe(6);
  });

  test('a hole in a file that cannot be synced is read', async () => {
    const world = await createWorld();
    const fd = world.disk.open('/data/sparse', 'create');
    world.disk.truncate(fd, 12_000_000);
    world.disk.close(fd);
    world.disk.failAt(1, 'EIO', { calls: ['sync'], path: (path) => path === '/data/sparse', times: 1000 });
    expect(await runBackup(world)).toMatchObject({ failures: [] });
    const { files } = await walkNewest(world);
    expect(files.get('/data/sparse')).toEqual(new Uint8Array(12_000_000));
  });
});

describe('hard links', () => {
  async function linkedWorld(): Promise<World> {
    const world = await createWorld();
    write(world.disk, '/data/a/one', noise(100_000, 1));
    world.disk.makeHardLink('/data/a/one', '/data/a/two');
    world.disk.makeFolder('/data/b');
    world.disk.makeHardLink('/data/a/one', '/data/b/three');
    return world;
  }

  test('are read once under all their names', async () => {
    const world = await linkedWorld();
    expect(await runBackup(world)).toMatchObject({ files: 3, readBytes: 100_000 });
  });

  test('say under each name that they are one file', async () => {
    const world = await linkedWorld();
    await runBackup(world);
    expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, sourceFolder));
  });

  test('of a big file are read once', async () => {
    const world = await createWorld();
    write(world.disk, '/data/one', bulk(5_000_000, 1));
    world.disk.makeHardLink('/data/one', '/data/two');
    expect(await runBackup(world)).toMatchObject({ files: 2, readBytes: 5_000_000 });
  });

  test('that cannot be read fail under each name', async () => {
    const world = await linkedWorld();
    world.disk.failAt(1, 'EIO', { calls: ['read'], path: (path) => path.startsWith('/data'), times: 99 });
    const result = await runBackup(world);
    expect(result).toMatchObject({ files: 0, failed: 3 });
  });

  test('whose first name vanishes are read under another', async () => {
    const world = await linkedWorld();
    world.disk.failAt(1, 'ENOENT', { calls: ['open'], path: (path) => path.startsWith('/data') });
    expect(await runBackup(world)).toMatchObject({ files: 2, failed: 0, excluded: { vanished: 1 } });
  });
});
