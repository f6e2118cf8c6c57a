import { later, laterEach } from '../base/index.ts';
import type { Ports, Vault, VerifyPacks } from '../repository/index.ts';

/**
 * What one command does, the others do not load; what is here at once is small. Threads can so be started before anything
 * else is read from the disk.
 */
const browsing = () => import('./browse/index.ts');
const restoring = () => import('./restore/index.ts');

export type { BegunFiles } from './backup/begun-files.ts';
export { createKeptCache, type KeptCache } from './backup/cache-file.ts';
export { type BackupCrew, startBackupCrew } from './backup/crew.ts';
export type { Deferred, DeferredFile } from './backup/deferral.ts';
export { lateFileBytes } from './backup/late-files.ts';
export type { LeftOutPath } from './backup/listing.ts';
export type { BackupOptions, BackupProgress, BackupResult, BackupSource, Look, RunBound } from './backup/types.ts';
export type {
  Difference,
  EntryInfo,
  FoundVersion,
  ListOptions,
} from './browse/index.ts';
export { findSnapshot, type SnapshotInfo, snapshotInfo } from './browse/snapshots.ts';
export { type RestoreCrew, startRestoreCrew } from './restore/crew.ts';
export type {
  Conflict,
  ExecuteOptions,
  RestoreOptions,
  RestorePlan,
  RestoreProgress,
  RestoreRecord,
  RestoreResult,
  UndoResult,
} from './restore/index.ts';

export const backup = later(async () => (await import('./backup/run.ts')).backup);

export const listEntries = laterEach(async () => (await browsing()).listEntries);
export const findByName = laterEach(async () => (await browsing()).findByName);
export const diffSnapshots = laterEach(async () => (await browsing()).diffSnapshots);
export const entryAt = later(async () => (await browsing()).entryAt);
export const readFile = later(async () => (await browsing()).readFile);

export const planRestore = later(async () => (await restoring()).planRestore);
export const executeRestore = later(async () => (await restoring()).executeRestore);
export const listRestores = later(async () => (await restoring()).listRestores);
export const undoRestore = later(async () => (await restoring()).undoRestore);

export const verifyPacksOf = (vault: Vault, ports: Ports): VerifyPacks =>
  later(async () => (await import('./verify/verify-packs.ts')).verifyPacksOf(vault, ports));
