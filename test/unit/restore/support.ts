import { join } from 'node:path';
import { loadIndex } from '../../../engine/repository/index.ts';
import type { Ports, StoredSnapshot } from '../../../engine/repository/index.ts';
import {
  type ExecuteOptions,
  executeRestore,
  type OpenedVault,
  planRestore,
  type RestoreOptions,
  type RestorePlan,
  type RestoreResult,
} from '../../../engine/snapshot/restore/index.ts';
import type { TestVault } from '../../support/vault.ts';

export type Wanted = Partial<RestoreOptions> & { readonly ports?: Ports };

export async function openedVault(vault: TestVault, ports: Ports = vault.ports): Promise<OpenedVault> {
  const opened = await vault.open();
  void ports;
  return { vault: opened, index: await loadIndex(opened, { without: new Set() }) };
}

function newest({ vault }: OpenedVault): StoredSnapshot {
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('the vault has no snapshot');
  return snapshot;
}

export async function plan(vault: TestVault, wanted: Wanted = {}): Promise<{ plan: RestorePlan; opened: OpenedVault; ports: Ports }> {
  const { ports = vault.ports, ...options } = wanted;
  const opened = await openedVault(vault, ports);
  const all = { snapshot: newest(opened), paths: [], target: join(vault.folder, 'target'), userHome: '/home/ann', ...options };
  return { plan: await planRestore(ports, opened, all), opened, ports };
}

export async function restore(vault: TestVault, wanted: Wanted = {}, options: ExecuteOptions = {}): Promise<RestoreResult> {
  const planned = await plan(vault, wanted);
  return await executeRestore(planned.ports, planned.opened, planned.plan, options);
}

/** Where the backed-up files are below a target. */
export const inTarget = (vault: TestVault, target = join(vault.folder, 'target')): string => target + vault.files;
