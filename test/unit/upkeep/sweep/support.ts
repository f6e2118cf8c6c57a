import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotId } from '../../../../engine/base/index.ts';
import { logChange, type Vault } from '../../../../engine/repository/index.ts';
import {
  executeSweep,
  type PreparedSweep,
  prepareSweep,
  type SweepResult,
} from '../../../../engine/upkeep/sweep/sweep.ts';
import { noise, writeTree } from '../../../support/trees.ts';
import { makeVault, type TestVault } from '../../../support/vault.ts';

export const dayMs = 24 * 3600 * 1000;

/** What a sweep is asked for in these vaults of a few packs, of which a twentieth is less than one. */
const all = { all: true };

export async function plan(vault: TestVault): Promise<PreparedSweep> {
  return await prepareSweep(vault.ports, await vault.open(), all);
}

export async function sweep(vault: TestVault, change: (opened: Vault) => Vault = (same) => same): Promise<SweepResult> {
  const opened = change(await vault.open());
  return await executeSweep(vault.ports, opened, await prepareSweep(vault.ports, opened, all), all);
}

export async function forget(vault: TestVault, ...snapshots: readonly SnapshotId[]): Promise<void> {
  const opened = await vault.open({ mode: 'write' });
  await logChange(opened, vault.ports, { kind: 'forget', snapshots, reason: 'test' });
  await opened.close();
}

/** Takes back every forget of this device. */
export async function takeBack(vault: TestVault): Promise<void> {
  const opened = await vault.open({ mode: 'write' });
  const entries = [...opened.logs.values()]
    .flatMap(({ records }) => records.map(({ entry }) => entry))
    .filter(({ action }) => action.kind === 'forget');
  await logChange(opened, vault.ports, { kind: 'revoke', entries });
  await opened.close();
}

export const old = { 'old.raw': noise(300_000, 1) };

/** A file that only the first snapshot has, which is forgotten; the second one has another, and both a third. */
export async function vaultToSweep(): Promise<{ readonly vault: TestVault; readonly forgotten: SnapshotId }> {
  const vault = await makeVault();
  writeTree(vault.files, { ...old, 'both.raw': noise(200_000, 2), deep: { 'small.txt': 'small' } });
  const { snapshot: forgotten } = await vault.backup();
  rmSync(join(vault.files, 'old.raw'));
  writeTree(vault.files, { 'new.raw': noise(250_000, 3) });
  await vault.backup();
  await forget(vault, forgotten);
  return { vault, forgotten };
}

/** Marked, and the grace over. */
export async function vaultWithDuePacks(): Promise<{ readonly vault: TestVault; readonly forgotten: SnapshotId }> {
  const made = await vaultToSweep();
  await sweep(made.vault);
  made.vault.clock.advance(31 * dayMs);
  return made;
}
