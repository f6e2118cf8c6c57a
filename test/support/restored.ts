import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadIndex, type Opening } from '../../engine/repository/index.ts';
import {
  executeRestore,
  planRestore,
  type RestoreOptions,
  type RestoreResult,
} from '../../engine/snapshot/restore/index.ts';
import type { TestVault } from './vault.ts';

export type Restoring = Partial<Omit<RestoreOptions, 'snapshot'>> & {
  readonly opening?: Partial<Opening>;
  /** Counted from the oldest; left out: the newest. */
  readonly snapshot?: number;
};

/** Restores within this process; throws what the engine throws. */
export async function restoreWith(
  vault: TestVault,
  { opening, snapshot = -1, ...options }: Restoring,
): Promise<RestoreResult> {
  const opened = await vault.open(opening);
  const index = await loadIndex(opened, { without: new Set(), salvage: true });
  const chosen = opened.snapshots.at(snapshot);
  if (chosen === undefined) throw new Error('no snapshot to restore');
  const at = { vault: opened, index };
  const plan = await planRestore(vault.ports, at, {
    snapshot: chosen,
    paths: [],
    target: null,
    userHome: '/home/ann',
    ...options,
  });
  return executeRestore(vault.ports, at, plan);
}

/** Restores the newest snapshot of `files` into a fresh folder; gives where `files` is in it. Anything missing is an error. */
export async function restoreLatest(vault: TestVault, target: string): Promise<string> {
  rmSync(target, { recursive: true, force: true });
  const { failed, failures, remarks } = await restoreWith(vault, { target });
  if (failed > 0 || remarks.length > 0) throw new Error(`not restored: ${JSON.stringify([...failures, ...remarks])}`);
  return join(target, vault.files);
}
