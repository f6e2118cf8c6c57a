import { expect, test } from 'vitest';
import type { SystemErrorCode } from '../../../engine/filesystem/system-error.ts';
import { loadIndex, type Ports } from '../../../engine/repository/index.ts';
import {
  type ExecuteOptions,
  executeRestore,
  planRestore,
  type RestoreOptions,
  type RestoreResult,
} from '../../../engine/snapshot/restore/index.ts';
import { noise, treeDifferences } from '../../support/trees.ts';
import { createWorld, open, portsOn, runBackup, type World, write } from '../backup/world.ts';

/** On a simulated disk that forgets what was not synced: the target and COFFER_HOME lie on it, and so does the vault. */
const target = '/target';

async function worldWithBackup(seed: number): Promise<World> {
  const world = await createWorld({ seed });
  for (let at = 0; at < 12; at++) write(world.disk, `/data/f${at % 3}/n${at}`, noise(1000 + at, at + 1));
  write(world.disk, '/data/big', noise(5_000_000, 99));
  await runBackup(world);
  world.clock.advance(60_000);
  world.disk.syncVolume('/');
  return world;
}

type Wanted = ExecuteOptions & Pick<RestoreOptions, 'onConflict'>;

async function restore(world: World, ports: Ports, { onConflict, ...how }: Wanted = {}): Promise<RestoreResult> {
  const vault = await open(world, ports, 'read');
  const index = await loadIndex(vault, { without: new Set() });
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('no snapshot');
  const policy = onConflict === undefined ? {} : { onConflict };
  const options = { snapshot, paths: [], target, userHome: '/home/me', ...policy };
  return await executeRestore(ports, { vault, index }, await planRestore(ports, { vault, index }, options), how);
}

const differences = (world: World): string[] =>
  treeDifferences('/data', `${target}/data`, world.disk).filter((line) => !line.includes('.coffer-'));

/** Runs until the power goes at the n-th change, then again until the end. False: it ended before that. */
async function runThroughPowerLoss(world: World, count: number): Promise<boolean> {
  const ports = portsOn(world.disk, { clock: world.clock, seed: count });
  world.disk.powerLossAt(count, {
    calls: ['sync', 'syncLater', 'syncFolder', 'syncVolumeLater', 'renameNoReplace', 'write', 'setTime', 'setFileTime'],
  });
  const died = await restore(world, ports).then(
    () => false,
    () => true,
  );
  world.disk.clearFaults();
  if (died) world.disk.restart();
  const again = portsOn(world.disk, { clock: world.clock, seed: count + 1000 });
  await restore(world, again, died ? {} : { onConflict: 'overwrite' });
  return died;
}

test('after a loss of power at any step the same restore ends with everything as it was', async () => {
  let tried = 0;
  for (let count = 1; ; count += 7) {
    const world = await worldWithBackup(count);
    const died = await runThroughPowerLoss(world, count);
    expect(differences(world), `power lost at step ${count}`).toEqual([]);
    world.disk.powerLoss();
    expect(differences(world), `after the end, power lost at step ${count}`).toEqual([]);
    tried++;
    if (!died) break;
  }
  expect(tried).toBeGreaterThan(8);
});

test.each([1000, undefined])(
  'where nothing can be synced as a whole, what was restored survives a loss of power (batches of %s bytes)',
  async (batchBytes) => {
    const world = await worldWithBackup(3);
    write(world.disk, '/data/deep/er/and/deeper/file', noise(100, 5));
    world.disk.makeFolder('/data/deep/empty', 0o750);
    await runBackup(world);
    world.clock.advance(60_000);
    world.disk.syncVolume('/');
    const ports = portsOn(world.disk, { clock: world.clock, seed: 1 });
    const support = { ...ports.fileSystem.support, volumeSync: false };
    const fileSystem = { ...ports.fileSystem, support, syncVolumeLater: async () => false, syncVolume: () => false };
    await restore(world, { ...ports, fileSystem }, batchBytes === undefined ? {} : { batchBytes });
    world.disk.powerLoss();
    expect(differences(world)).toEqual([]);
  },
);

test.each<SystemErrorCode>(['ENOSPC', 'EIO', 'EACCES'])(
  'an %s at any step loses nothing, and the same restore ends well',
  async (code) => {
    for (let count = 2; count < 90; count += 11) {
      const world = await worldWithBackup(count);
      const ports = portsOn(world.disk, { clock: world.clock, seed: count });
      world.disk.failAt(count, code, { path: (path) => path.startsWith(target) });
      const first = await restore(world, ports).catch(() => null);
      world.disk.clearFaults();
      // A refused time or mode is told and no failure.
      if (first !== null && first.remarks.length > 0) continue;
      if (first === null || first.failed > 0) await restore(world, ports);
      expect(differences(world), `${code} at step ${count}`).toEqual([]);
    }
  },
);

/** Files below a folder, by their numbers on the disk. */
function* inodesBelow(disk: World['disk'], folder: string): Generator<number> {
  for (const name of disk.list(folder)) {
    const path = `${folder}/${name}`;
    const { kind, inode } = disk.lstat(path);
    if (kind === 'folder') yield* inodesBelow(disk, path);
    else yield inode;
  }
}

/**
 * A disk whose first sync fails, once, as Linux tells of it: from then on what was not written reads well from memory, so
 * that only its number tells it from what was written again.
 */
function failingOnce(world: World): { readonly ports: Ports; readonly suspect: Set<number> } {
  const ports = portsOn(world.disk, { clock: world.clock, seed: 1 });
  const suspect = new Set<number>();
  const syncVolumeLater = async (fd: number): Promise<boolean> => {
    if (suspect.size > 0) return await ports.fileSystem.syncVolumeLater(fd);
    for (const inode of inodesBelow(world.disk, target)) suspect.add(inode);
    throw Object.assign(new Error('input/output error'), { code: 'EIO' });
  };
  return { ports: { ...ports, fileSystem: { ...ports.fileSystem, syncVolumeLater } }, suspect };
}

/** The same restore, stopped by the person after so many files. */
async function stoppedAfter(world: World, count: number): Promise<void> {
  const stop = new AbortController();
  const ports = portsOn(world.disk, { clock: world.clock, seed: 2 });
  let names = 0;
  const renameNoReplace = (from: string, to: string): void => {
    ports.fileSystem.renameNoReplace(from, to);
    if (++names === count) stop.abort();
  };
  const rename = (from: string, to: string): void => {
    ports.fileSystem.rename(from, to);
    if (++names === count) stop.abort();
  };
  const fileSystem = { ...ports.fileSystem, renameNoReplace, rename };
  await expect(restore(world, { ...ports, fileSystem }, { signal: stop.signal })).rejects.toThrow('cancelled');
}

test.each([1000, 3_000_000, undefined])(
  'what was written before a sync failed is written again (batches of %s bytes)',
  async (batchBytes) => {
    const world = await worldWithBackup(7);
    const { ports, suspect } = failingOnce(world);
    const how = batchBytes === undefined ? {} : { batchBytes };
    await expect(restore(world, ports, how)).rejects.toMatchObject({ code: 'target.unusable' });
    expect(suspect.size).toBeGreaterThan(0);
    await restore(world, portsOn(world.disk, { clock: world.clock, seed: 3 }));
    expect(differences(world)).toEqual([]);
    expect([...inodesBelow(world.disk, target)].filter((inode) => suspect.has(inode))).toEqual([]);
  },
);

test('a sync that works later does not speak for what has not been written again by then', async () => {
  const world = await worldWithBackup(8);
  const { ports, suspect } = failingOnce(world);
  await expect(restore(world, ports)).rejects.toMatchObject({ code: 'target.unusable' });
  await stoppedAfter(world, 3);
  await restore(world, portsOn(world.disk, { clock: world.clock, seed: 4 }));
  expect(differences(world)).toEqual([]);
  expect([...inodesBelow(world.disk, target)].filter((inode) => suspect.has(inode))).toEqual([]);
});
