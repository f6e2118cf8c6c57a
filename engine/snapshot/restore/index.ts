export { type ExecuteOptions, executeRestore } from './execute.ts';
export { type OpenedVault, planRestore, type RestorePlan } from './plan.ts';
export { listRestores } from './record.ts';
export type {
  Conflict,
  Mapping,
  RestoreFailure,
  RestoreOptions,
  RestoreProgress,
  RestoreRecord,
  RestoreRemark,
  RestoreResult,
  UndoResult,
} from './types.ts';
export { undoRestore } from './undo.ts';
