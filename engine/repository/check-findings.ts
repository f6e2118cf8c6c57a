import type { SnapshotId } from '../base/index.ts';

export type CheckOptions = {
  /** `share`: packs in turn, so that several checks read everything. */
  readonly readData: 'none' | 'share' | 'all';
  /** 1 … 100, for `share`. */
  readonly sharePercent?: number;
  readonly signal?: AbortSignal;
  /** At most ten times a second; `done` and `total` count packs and snapshots. */
  readonly onProgress?: (progress: CheckProgress) => void;
};

export type CheckProgress = { readonly done: number; readonly total: number; readonly bytes: number };

export type AffectedFile = { readonly path: string; readonly snapshot: SnapshotId };

/** `unused` is information: nothing anybody needs is affected. */
export type FindingKind = 'damaged' | 'missing' | 'log' | 'unused';

export type Finding = {
  readonly kind: FindingKind;
  readonly key: string;
  /** In words. */
  readonly detail: string;
  /** The first of the files that need what is damaged, newest snapshots first. */
  readonly files: readonly AffectedFile[];
  /** All of them, counted once for each snapshot. */
  readonly fileCount: number;
};

export type CheckResult = {
  readonly findings: readonly Finding[];
  readonly snapshots: number;
  readonly packs: number;
  readonly bytesRead: number;
  /** Files that cannot be restored whole, counted once for each snapshot. */
  readonly affectedFiles: number;
  readonly seconds: number;
};

/** Affected files listed with each finding; all are counted. */
export const filesListed = 1000;
