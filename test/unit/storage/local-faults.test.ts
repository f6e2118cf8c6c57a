import { describe, expect, test } from 'vitest';
import { type ErrorCode, isCofferError, systemClock } from '../../../engine/base/index.ts';
import {
  createSimulatedFileSystem,
  type SimulatedFileSystem,
  seededRandom,
} from '../../../engine/filesystem/simulated/index.ts';
import { createLocalStore, type Store } from '../../../engine/storage/index.ts';
import { expectCode, expectSame, keysOf } from '../../contract/store.ts';
import { writeFile } from './support.ts';

const root = '/vault';
const pack = (digit: string, shard = 'ab'): string => `packs/${shard}/${shard}${digit.repeat(62)}`;
const head = `heads/${'0'.repeat(32)}/0000000001`;
const bytes = (seed: number, length = 9000): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 7 + seed * 13 + 1) % 251);

/** What the run below stores, and in which order. */
const objects: readonly { key: string; content: Uint8Array; isAdopted: boolean; isFlushed: boolean }[] = [
  { key: pack('1'), content: bytes(1), isAdopted: false, isFlushed: false },
  { key: pack('2'), content: bytes(2), isAdopted: true, isFlushed: true },
  { key: pack('3', 'cd'), content: bytes(3), isAdopted: true, isFlushed: false },
  { key: head, content: bytes(4, 100), isAdopted: false, isFlushed: true },
];

function makeDisk(seed = 1): SimulatedFileSystem {
  const disk = createSimulatedFileSystem({ seed });
  disk.makeFolder(root);
  disk.syncFolder('/');
  return disk;
}

const open = (disk: SimulatedFileSystem): Store =>
  createLocalStore({ root, fileSystem: disk, clock: systemClock, random: seededRandom(1), owner: 'me' });

/** Stores every object, the flushed ones with all before them; `confirmed` grows with each flush. */
async function storeAll(disk: SimulatedFileSystem, confirmed: Set<string> = new Set()): Promise<void> {
  const store = open(disk);
  await store.settle();
  await store.prepareSpool('me');
  const written: string[] = [];
  for (const { key, content, isAdopted, isFlushed } of objects) {
    if ((await store.stat(key)) === null) {
      if (isAdopted) {
        const path = `${store.spool}/me-sealed-${key.slice(-5)}`;
        writeFile(disk, path, content);
        await store.adopt(key, path);
      } else {
        await store.put(key, content);
      }
    }
    written.push(key);
    if (!isFlushed) continue;
    await store.flush();
    for (const one of written) confirmed.add(one);
  }
}

/** Nothing is torn, and everything confirmed is there. */
async function verify(disk: SimulatedFileSystem, confirmed: ReadonlySet<string>): Promise<void> {
  const store = open(disk);
  const present = await keysOf(store);
  for (const { key, content } of objects) {
    if (present.includes(key)) expectSame(await store.get(key), content);
    else expect(confirmed, `${key} was confirmed`).not.toContain(key);
  }
  expect(present.length).toBeLessThanOrEqual(objects.length);
}

const everyCall = async (): Promise<number[]> => {
  const disk = makeDisk();
  const before = disk.calls;
  await storeAll(disk);
  return Array.from({ length: disk.calls - before }, (_, at) => at + 1);
};

describe('a local store on a disk that fails', () => {
  test.each([
    ['EIO', ['store.failed']],
    ['ENOSPC', ['store.full']],
    ['EACCES', ['store.denied']],
    ['ENOENT', ['store.failed', 'store.missing']],
  ] as const)('%s at any one call: nothing half done is visible, and the next run completes', async (system, codes) => {
    for (const nth of await everyCall()) {
      const disk = makeDisk();
      const confirmed = new Set<string>();
      disk.failAt(nth, system);
      const error = await storeAll(disk, confirmed).catch((reason: unknown) => reason);
      disk.clearFaults();
      if (isCofferError(error)) expect(codes as readonly ErrorCode[], `at call ${nth}`).toContain(error.code);
      else if (error !== undefined) expect(String(error), `at call ${nth}`).toContain(system);
      await verify(disk, confirmed);
      await storeAll(disk, confirmed);
      disk.powerLoss();
      await verify(disk, new Set(objects.map((object) => object.key)));
    }
  });

  test('a full disk leaves nothing behind and goes on when space returns', async () => {
    const disk = makeDisk();
    const store = open(disk);
    await store.put(pack('1'), bytes(1));
    disk.setCapacity(disk.usedBytes + 8192);
    await expectCode(store.put(pack('2'), bytes(2)), 'store.full');
    expect(await keysOf(store)).toEqual([pack('1')]);
    expect(disk.list(`${root}/tmp`)).toEqual([]);
    disk.setCapacity(1_000_000);
    await store.put(pack('2'), bytes(2));
    await store.flush();
    disk.powerLoss();
    expectSame(await open(disk).get(pack('2')), bytes(2));
  });

  test('an fsync error is final for its file: the object is not made, and a later put writes all of it anew', async () => {
    const disk = makeDisk();
    const store = open(disk);
    disk.failAt(1, 'EIO', { calls: ['sync'] });
    await expectCode(store.put(pack('1'), bytes(1)), 'store.failed');
    expect(await keysOf(store)).toEqual([]);
    expect(disk.list(`${root}/tmp`)).toEqual([]);
    await store.put(pack('1'), bytes(1));
    await store.flush();
    disk.powerLoss();
    expectSame(await open(disk).get(pack('1')), bytes(1));
  });
});

describe('a local store when the power goes', () => {
  test('at any call: what was flushed is whole, the rest whole or absent, and the next run completes', async () => {
    const calls = await everyCall();
    let absent = 0;
    for (const seed of [1, 2, 3, 4]) {
      for (const nth of calls) {
        const disk = makeDisk(seed);
        const confirmed = new Set<string>();
        disk.powerLossAt(nth);
        await expect(storeAll(disk, confirmed)).rejects.toThrow();
        disk.restart();
        disk.clearFaults();
        await verify(disk, confirmed);
        absent += objects.length - (await keysOf(open(disk))).length;
        await storeAll(disk, confirmed);
        disk.powerLoss();
        await verify(disk, confirmed);
      }
    }
    // Else the simulated disk forgot nothing, and the test says nothing.
    expect(absent).toBeGreaterThan(0);
  });

  test('settle keeps what a killed run left without a flush', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      for (const settles of [false, true]) {
        const disk = makeDisk(seed);
        await open(disk).put(pack('1'), bytes(1));
        disk.restart();
        const next = open(disk);
        if (settles) await next.settle();
        disk.powerLoss();
        const isThere = (await keysOf(open(disk))).length === 1;
        if (settles) expect(isThere).toBe(true);
        else if (!isThere) lost += 1;
      }
    }
    expect(lost).toBeGreaterThan(0);
  });
});
