import { expect, test } from 'vitest';
import type { SystemErrorCode } from '../../../engine/filesystem/system-error.ts';
import { loadIndex, type Ports } from '../../../engine/repository/index.ts';
import { executeRestore, planRestore, type RestoreResult } from '../../../engine/snapshot/restore/index.ts';
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

async function restore(world: World, ports: Ports, onConflict?: 'overwrite'): Promise<RestoreResult> {
  const vault = await open(world, ports, 'read');
  const index = await loadIndex(vault, { without: new Set() });
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('no snapshot');
  const policy = onConflict === undefined ? {} : { onConflict };
  const options = { snapshot, paths: [], target, userHome: '/home/me', ...policy };
  return await executeRestore(ports, { vault, index }, await planRestore(ports, { vault, index }, options));
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
  await restore(world, portsOn(world.disk, { clock: world.clock, seed: count + 1000 }), died ? undefined : 'overwrite');
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
