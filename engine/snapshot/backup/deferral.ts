import { limits } from '../../base/index.ts';
import { lateFileBytes } from './late-files.ts';
import type { FileTask } from './tasks.ts';

/** What a bounded run has left for the next one: files that are new or changed and were not read for want of time. */
export type Deferred = {
  readonly files: number;
  readonly bytes: number;
  /** Some of them, the small ones and the big ones each in the order in which they come. */
  readonly listed: readonly DeferredFile[];
  /** What comes last got no time at all: another run as short as this one would not get further. */
  readonly isStuck: boolean;
};

export type DeferredFile = {
  readonly path: string;
  readonly bytes: number;
  /** 1 for the next one. */
  readonly turn: number;
};

export const nothingDeferred: Deferred = { files: 0, bytes: 0, listed: [], isStuck: false };

/** Counts what is left for the next run, of one pass. */
export function createDeferral() {
  const small: FileTask[] = [];
  const late: FileTask[] = [];
  let files = 0;
  let bytes = 0;
  let lateFiles = 0;
  let readBytes = 0;
  let lateBytes = 0;

  return {
    get files() {
      return files;
    },
    add(task: FileTask): void {
      const { size } = task.stat;
      const isLate = size > lateFileBytes;
      files++;
      bytes += size;
      if (isLate) lateFiles++;
      const listed = isLate ? late : small;
      if (listed.length < limits.deferredListed) listed.push(task);
    },
    read(more: number): void {
      readBytes += more;
    },
    /** Counted in `read` too. */
    readOfBig({ stat }: FileTask, more: number): void {
      if (stat.size > lateFileBytes) lateBytes += more;
    },
    finish(): Deferred {
      if (files === 0) return nothingDeferred;
      const smallFiles = files - lateFiles;
      const named = (from: number) => (task: FileTask, index: number) => {
        return { path: task.path, bytes: task.stat.size, turn: from + index + 1 };
      };
      return {
        ...{ files, bytes },
        listed: [...small.map(named(0)), ...late.map(named(smallFiles))],
        isStuck: (lateFiles > 0 ? lateBytes : readBytes) === 0,
      };
    },
  };
}
