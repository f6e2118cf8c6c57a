export { type BackupOptions, type BackupProgress, type BackupResult, backup, type LeftOutPath } from './backup/run.ts';
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
export { verifyPacksOf } from './verify/verify-packs.ts';
