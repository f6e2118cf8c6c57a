import type { Clock } from '../../base/index.ts';
import type { RestoreFailure, RestoreProgress, RestoreRemark } from './types.ts';

const progressEveryMs = 100;

/** What is counted on the way. */
export type Tally = {
  files: number;
  folders: number;
  bytes: number;
  skipped: number;
  keptBoth: number;
  replaced: number;
  /** Bytes of unfinished files. */
  partBytes: number;
  readonly failures: RestoreFailure[];
  readonly remarks: RestoreRemark[];
  /** What is true of many files is said of the first. */
  remarkOnce(path: string, remark: string): void;
  show(): void;
  seconds(): number;
};

export type TallyOptions = {
  readonly clock: Clock;
  readonly totals: { readonly files: number; readonly bytes: number };
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
};

export function createTally({ clock, totals, onProgress }: TallyOptions): Tally {
  const startedAt = clock.monotonic();
  const said = new Set<string>();
  let shownAt = startedAt;
  return {
    files: 0,
    folders: 0,
    bytes: 0,
    skipped: 0,
    keptBoth: 0,
    replaced: 0,
    partBytes: 0,
    failures: [],
    remarks: [],
    remarkOnce(path, remark) {
      if (said.has(remark)) return;
      said.add(remark);
      this.remarks.push({ path, remark });
    },
    seconds: () => (clock.monotonic() - startedAt) / 1000,
    show() {
      const now = clock.monotonic();
      if (onProgress === undefined || now - shownAt < progressEveryMs) return;
      shownAt = now;
      onProgress({
        doneFiles: this.files,
        doneBytes: this.bytes + this.partBytes,
        totalFiles: totals.files,
        totalBytes: totals.bytes,
        seconds: this.seconds(),
      });
    },
  };
}
