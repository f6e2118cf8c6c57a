import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createRealFileSystem, type FileSystem } from '../../../engine/filesystem/index.ts';
import { loadIndex, openVault, type Ports, type StoredSnapshot } from '../../../engine/repository/index.ts';
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

export type Wanted = Partial<RestoreOptions> & {
  readonly ports?: Ports;
  /** How the vault itself is opened and its trees are read, where that matters. */
  readonly opening?: Ports;
};
export type Planned = { readonly plan: RestorePlan; readonly opened: OpenedVault; readonly ports: Ports };

async function openedVault(vault: TestVault, opening: Ports): Promise<OpenedVault> {
  const phrase = vault.recoveryPhrase;
  const secret = async () => ({ kind: 'phrase', phrase }) as const;
  const opened = await openVault(opening, { store: vault.store, mode: 'read', secret });
  onTestFinished(() => opened.close());
  return { vault: opened, index: await loadIndex(opened, { without: new Set() }) };
}

export function newest({ vault }: OpenedVault): StoredSnapshot {
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('the vault has no snapshot');
  return snapshot;
}

export const targetOf = (vault: TestVault): string => join(vault.folder, 'target');
/** Where the backed-up files are below a target. */
export const inTarget = (vault: TestVault, ...names: readonly string[]): string =>
  join(targetOf(vault) + vault.files, ...names);

/** Of the newest snapshot, to `target` beside the vault, unless told otherwise. */
export async function plan(
  vault: TestVault,
  { ports = vault.ports, opening = vault.ports, ...wanted }: Wanted = {},
): Promise<Planned> {
  const opened = await openedVault(vault, opening);
  const usual = { snapshot: newest(opened), paths: [], target: targetOf(vault), userHome: '/home/ann' };
  return { plan: await planRestore(ports, opened, { ...usual, ...wanted }), opened, ports };
}

export async function restore(vault: TestVault, wanted?: Wanted, options?: ExecuteOptions): Promise<RestoreResult> {
  const planned = await plan(vault, wanted);
  return await executeRestore(planned.ports, planned.opened, planned.plan, options);
}

/** A process that ends for good after so many chunks of a big file. */
export function dyingInside(vault: TestVault, after: number): Ports {
  const fileSystem = { ...vault.ports.fileSystem };
  const { write } = fileSystem;
  let chunks = 0;
  const die = (): never => {
    throw new Error('the process is dead');
  };
  fileSystem.write = (fd, bytes, position) => {
    if (bytes.length > 200_000 && ++chunks > after) die();
    write(fd, bytes, position);
  };
  // At once, so that it is known how much was recorded before the end.
  const syncVolumeLater = async (): Promise<boolean> => fileSystem.syncVolume(vault.folder);
  return { ...vault.ports, fileSystem: { ...fileSystem, syncVolumeLater, removeFile: die } };
}

/** A process that ends for good at the n-th such call: from then on nothing it does reaches the disk. */
export function dyingAt(
  count: number,
  call: keyof FileSystem,
): { ports: (vault: TestVault) => Ports; calls: () => number } {
  const real = createRealFileSystem();
  let calls = 0;
  const mortal = Object.fromEntries(
    Object.entries(real).map(([name, method]) => {
      if (typeof method !== 'function') return [name, method];
      const changes = !['close', 'lstat', 'lstatIfThere', 'fstat', 'list', 'read', 'lock'].includes(name);
      const guarded = (...values: readonly unknown[]): unknown => {
        if (name === call) calls++;
        if (calls >= count && changes) throw new Error('the process is dead');
        return (method as (...all: readonly unknown[]) => unknown)(...values); // passes on what it takes and gives
      };
      return [name, guarded];
    }),
  ) as unknown as FileSystem;
  return { ports: (vault) => ({ ...vault.ports, fileSystem: mortal }), calls: () => calls };
}
