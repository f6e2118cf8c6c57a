import { describe, expect, test } from 'vitest';
import { createChunkTable, shareChunkTable } from '../../../engine/repository/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { noise } from '../../support/trees.ts';
import { type Portrait, portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkAll, walkNewest } from './walker.ts';
import { bulk, createWorld, open, portsOn, runBackup, type World, write } from './world.ts';

async function twoFolders(): Promise<World> {
  const world = await createWorld();
  for (let file = 0; file < 12; file++) {
    write(world.disk, `/first/${file % 3}/${file}`, noise(20_000, file));
    write(world.disk, `/second/${file % 3}/${file}`, noise(20_000, file % 2 === 0 ? file : 50 + file));
  }
  return world;
}

const first = { home: '/home/first', paths: ['/first'] };
const second = { home: '/home/second', paths: ['/second'] };

async function portraits(world: World): Promise<Portrait[]> {
  return (await walkAll(world)).map(portraitOfSnapshot);
}

describe('two devices of one vault', () => {
  test('write in turn, each its own snapshots', async () => {
    const world = await twoFolders();
    await runBackup(world, first);
    world.clock.advance(1000);
    await runBackup(world, second);
    expect(await portraits(world)).toEqual([
      portraitOfDisk(world.disk, '/first'),
      portraitOfDisk(world.disk, '/second'),
    ]);
  });

  test('write at the same time', async () => {
    const world = await twoFolders();
    await Promise.all([runBackup(world, first), runBackup(world, second)]);
    const expected = [portraitOfDisk(world.disk, '/first'), portraitOfDisk(world.disk, '/second')];
    expect(await portraits(world)).toEqual(expect.arrayContaining(expected));
  });

  test('go on after that without a remark', async () => {
    const world = await twoFolders();
    await Promise.all([runBackup(world, first), runBackup(world, second)]);
    world.clock.advance(60_000);
    expect((await runBackup(world, first)).notices).toEqual([]);
    expect((await runBackup(world, second)).notices).toEqual([]);
  });

  test('let a reader look on while one of them publishes', async () => {
    const world = await twoFolders();
    await runBackup(world, first);
    world.clock.advance(60_000);
    write(world.disk, '/first/new', 'new');
    let published = false;
    // Between listing the logs and reading them, a backup of the same computer ends.
    const wrapStore = (store: Store): Store => ({
      ...store,
      async get(key, range, signal) {
        if (key.startsWith('heads/') && !published) {
          published = true;
          await runBackup(world, first);
        }
        return await store.get(key, range, signal);
      },
    });
    const ports = portsOn(world.disk, { home: first.home, clock: world.clock, wrapStore });
    const vault = await open(world, ports, 'read');
    expect([published, vault.notices]).toEqual([true, []]);
    await vault.close();
    // What the reader saw last is older, and not what is remembered.
    world.clock.advance(60_000);
    expect((await runBackup(world, first)).notices).toEqual([]);
  });

  test('store what both have once', async () => {
    const world = await twoFolders();
    await runBackup(world, first);
    expect((await runBackup(world, second)).newBytes).toBe(6 * 20_000);
  });

  test('number their snapshots each from one', async () => {
    const world = await twoFolders();
    for (const device of [first, second, first]) {
      await runBackup(world, device);
      world.clock.advance(1000);
    }
    const numbers = (await walkAll(world)).map(({ stored }) => stored.snapshot.seq);
    expect(numbers).toEqual([1, 1, 2]);
  });

  test('of which one runs twice at a time: the second run hears that the vault is busy', async () => {
    const world = await twoFolders();
    const outcomes = await Promise.allSettled([runBackup(world, first), runBackup(world, first)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'vault.busy' } });
  });
});

describe('equal content', () => {
  test('of several files is stored once', async () => {
    const world = await createWorld();
    for (const name of ['a', 'b', 'c/d']) write(world.disk, `/data/${name}`, noise(300_000, 1));
    expect(await runBackup(world)).toMatchObject({ readBytes: 900_000, newBytes: 300_000 });
    for (const packs of (await walkNewest(world)).holders.values()) expect(packs).toHaveLength(1);
  });

  test('of files too large for one segment is stored once', async () => {
    const world = await createWorld();
    const content = new Uint8Array(9_000_000).fill(7);
    for (const name of ['a', 'b']) write(world.disk, `/data/${name}`, content);
    expect((await runBackup(world)).newBytes).toBeLessThan(9_000_000);
  });

  test('of two folders is one tree', async () => {
    const world = await createWorld();
    for (const folder of ['a', 'b']) {
      write(world.disk, `/data/${folder}/file`, 'same');
      world.disk.setTime(`/data/${folder}/file`, 1_600_000_000, 0);
    }
    await runBackup(world);
    expect((await walkNewest(world)).files.size).toBe(2);
  });
});

describe('a claim compares all 32 bytes of an id', () => {
  /** Ids that differ in one byte only. */
  const almost = (at: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, byte) => (byte === at ? 99 : 1));

  test.each(Array.from({ length: 31 }, (_, byte) => byte + 1))(
    'two ids that differ in byte %i are two chunks',
    (at) => {
      const table = createChunkTable();
      expect(table.claim(almost(-1))).toBe(true);
      expect(table.has(almost(at))).toBe(false);
      expect(table.claim(almost(at))).toBe(true);
      expect(table.claim(almost(at))).toBe(false);
    },
  );

  test('a chunk is found by whoever shares the table', () => {
    const table = createChunkTable();
    table.claim(almost(5));
    expect(shareChunkTable([...table.segments]).has(almost(5))).toBe(true);
  });

  test('a chunk whose pack failed may be claimed once more, and only once', () => {
    const table = createChunkTable();
    table.claim(almost(5));
    table.void(almost(5), 0);
    expect(table.has(almost(5))).toBe(false);
    expect([table.claim(almost(5)), table.claim(almost(5))]).toEqual([true, false]);
  });

  test('a table keeps what it had when it grows', () => {
    const table = createChunkTable();
    // Always two whose first four bytes are the same.
    const ids = Array.from({ length: 60_000 }, (_, number) => {
      const id = new Uint8Array(32);
      id.set(bulk(4, number >> 1));
      new DataView(id.buffer).setUint32(28, number);
      return id;
    });
    let segments = 1;
    for (const [number, id] of ids.entries()) {
      table.claim(id);
      table.placeIn(id, 0, number);
      if (number % 256 === 0 && table.growIfNeeded() !== null) segments++;
    }
    expect(segments).toBeGreaterThan(1);
    for (const [number, id] of ids.entries()) expect(table.packOf(table.find(id))).toBe(number);
  });
});
