export { backup } from './backup/run.ts';
export type { BackupOptions, BackupProgress, BackupResult, LeftOutPath } from './backup/types.ts';
export {
  type Difference,
  diffSnapshots,
  type EntryInfo,
  type FoundVersion,
  findByName,
  findSnapshot,
  type ListOptions,
  listEntries,
  readFile,
  type SnapshotInfo,
  snapshotInfo,
} from './browse/index.ts';
export {
  type Conflict,
  type ExecuteOptions,
  executeRestore,
  listRestores,
  planRestore,
  type RestoreCrew,
  type RestoreOptions,
  type RestorePlan,
  type RestoreProgress,
  type RestoreRecord,
  type RestoreResult,
  startRestoreCrew,
  type UndoResult,
  undoRestore,
} from './restore/index.ts';
export { verifyPacksOf } from './verify/verify-packs.ts';
