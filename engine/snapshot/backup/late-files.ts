import type { FileTask, FolderNode } from './tasks.ts';

/** A file above this takes so long that others may not wait for it: a second or two of a slow disk or line. */
export const lateFileBytes = 32 * 1024 * 1024;
/** Each keeps the listing of its folder in memory: a few megabytes for so many, 30 or so where these folders are full. */
const filesMost = 2_048;
const entriesMost = 50_000;

/**
 * Big files, which begin when nothing else is left to read: those that an earlier run has begun, then the smaller ones first,
 * so that as many as possible are whole when the time is over.
 */
export type LateFiles = {
  add(task: FileTask): void;
  /** The next one to begin. */
  take(): FileTask | undefined;
  takeAll(): FileTask[];
  readonly isEmpty: boolean;
  /** More may not wait: some begin now, whatever else waits. */
  readonly isFull: boolean;
};

export function createLateFiles(isBegun: (path: string) => boolean): LateFiles {
  let files: FileTask[] = [];
  const folders = new Map<FolderNode, number>();
  let entries = 0;
  let isSorted = true;

  /** The first ones last, where taking them costs nothing. */
  const sort = (): void => {
    if (isSorted) return;
    files.sort((left, right) => compareLate(right, left, isBegun));
    isSorted = true;
  };
  const letGo = (node: FolderNode): void => {
    const left = (folders.get(node) ?? 1) - 1;
    if (left > 0) return void folders.set(node, left);
    folders.delete(node);
    entries -= entriesIn(node);
  };
  return {
    get isEmpty() {
      return files.length === 0;
    },
    get isFull() {
      return files.length >= filesMost || entries >= entriesMost;
    },
    add(task) {
      const held = folders.get(task.node) ?? 0;
      if (held === 0) entries += entriesIn(task.node);
      folders.set(task.node, held + 1);
      files.push(task);
      isSorted = false;
    },
    take() {
      sort();
      const task = files.pop();
      if (task !== undefined) letGo(task.node);
      return task;
    },
    takeAll() {
      sort();
      const all = files.reverse();
      files = [];
      folders.clear();
      entries = 0;
      return all;
    },
  };
}

type Named = Pick<FileTask, 'path'> & { readonly stat: Pick<FileTask['stat'], 'size'> };

function compareLate(left: Named, right: Named, isBegun: (path: string) => boolean): number {
  const begun = Number(isBegun(right.path)) - Number(isBegun(left.path));
  return begun || left.stat.size - right.stat.size || (left.path < right.path ? -1 : 1);
}

const entriesIn = ({ listing }: FolderNode): number => listing?.seen ?? 0;
