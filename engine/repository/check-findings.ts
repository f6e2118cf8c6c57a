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
  /** Calm remarks for the person, in words. */
  readonly notices: readonly string[];
};

/** Affected files listed with each finding; all are counted. */
export const filesListed = 1000;

/** A finding while the check is under way; `Blame` in check-trees.ts speaks of it by its number. */
export type DraftFinding = {
  kind: FindingKind;
  readonly key: string;
  detail: string;
  files: AffectedFile[];
  fileCount: number;
};

export type FindingBook = {
  readonly all: readonly DraftFinding[];
  /** One finding per key; a second fault of the same object adds nothing. */
  add(kind: FindingKind, key: string, detail: string): number;
  numberOf(key: string): number | undefined;
};

export function createFindingBook(): FindingBook {
  const all: DraftFinding[] = [];
  const numbers = new Map<string, number>();
  return {
    all,
    add(kind, key, detail) {
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, all.length);
      return all.push({ kind, key, detail, files: [], fileCount: 0 }) - 1;
    },
    numberOf: (key) => numbers.get(key),
  };
}

const order: readonly FindingKind[] = ['log', 'missing', 'damaged', 'unused'];

/** What matters most comes first. */
export function sortFindings(findings: readonly DraftFinding[]): Finding[] {
  return [...findings].sort(
    (left, right) => order.indexOf(left.kind) - order.indexOf(right.kind) || right.fileCount - left.fileCount,
  );
}
