import type { FileStat } from '../../filesystem/index.ts';
import { sameContent } from './listing.ts';
import type { FileContent, FileTask } from './tasks.ts';

/** Hard links: a file with several names is read under one of them at a time, and the others share what came of it. */
export type SharedNames = {
  obtain(task: FileTask): void;
  /** The file was read under this name. */
  keep(task: FileTask, content: FileContent): void;
  /** Done with this name, read or not: the others share its content, or one of them tries next. */
  release(task: FileTask): void;
};

export function createSharedNames(on: {
  readonly read: (task: FileTask) => void;
  /** Its content has come under another name. */
  readonly share: (task: FileTask, content: FileContent) => void;
}): SharedNames {
  const read = new Map<string, FileContent>();
  const waiting = new Map<string, FileTask[]>();

  const obtain = (task: FileTask): void => {
    if (task.stat.links < 2) return on.read(task);
    const key = keyOf(task.stat);
    const same = read.get(key);
    if (same !== undefined && sameContent(same.stat, task.stat)) return on.share(task, same);
    const others = waiting.get(key);
    if (others !== undefined) return void others.push(task);
    waiting.set(key, []);
    on.read(task);
  };
  return {
    obtain,
    keep(task, content) {
      if (task.stat.links > 1) read.set(keyOf(task.stat), content);
    },
    release(task) {
      if (task.stat.links < 2) return;
      const others = waiting.get(keyOf(task.stat)) ?? [];
      waiting.delete(keyOf(task.stat));
      for (const other of others) obtain(other);
    },
  };
}

function keyOf(stat: FileStat): string {
  return `${stat.device}:${stat.inode}`;
}
