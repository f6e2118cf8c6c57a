import type { SnapshotId, Time } from '../../base/index.ts';
import type { Snapshot } from '../../format/index.ts';

/** What to do where something already has the name of what is to be restored. */
export type Conflict = 'keep-both' | 'skip' | 'overwrite';

export type RestoreOptions = {
  readonly snapshot: { readonly id: SnapshotId; readonly snapshot: Snapshot };
  /** Absolute; none: everything. */
  readonly paths: readonly string[];
  /** Null: the original places, where another user's or computer's home becomes this user's. */
  readonly target: string | null;
  /** Without it a target that is not empty is refused, and original places keep both. */
  readonly onConflict?: Conflict;
  readonly userHome: string;
  readonly signal?: AbortSignal;
};

export type Mapping = { readonly from: string; readonly to: string };

export type RestoreProgress = {
  readonly doneFiles: number;
  readonly doneBytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
  readonly seconds: number;
};

/** A path with what went wrong there: a code of the system or of the catalogue. */
export type RestoreFailure = { readonly path: string; readonly code: string };
/** A path with what is not as it was, in words. */
export type RestoreRemark = { readonly path: string; readonly remark: string };

export type RestoreResult = {
  readonly id: string;
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  /** Was there already and was left as it is. */
  readonly skipped: number;
  readonly keptBoth: number;
  readonly replaced: number;
  readonly failed: number;
  readonly failures: readonly RestoreFailure[];
  readonly remarks: readonly RestoreRemark[];
  readonly seconds: number;
  /** Something was made, so that there is a record to take it back by. */
  readonly undoable: boolean;
};

export type RestoreRecord = {
  readonly id: string;
  readonly at: Time;
  /** Null: the original places. */
  readonly target: string | null;
  readonly files: number;
};

export type UndoResult = {
  readonly removed: number;
  readonly putBack: number;
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
};
