import { type FileStat, type FileSystem, joinPath } from '../filesystem/index.ts';
import type { TakenDirt } from './dirty.ts';
import { namesIn, statOf } from './glimpse.ts';

export type Weight = { readonly files: number; readonly bytes: number };

/** What lies in so many folders and entries is counted; of more it is only said that there is at least so much. */
const foldersMost = 100;
const entriesMost = 5_000;

/** What is dirty of a source, and what its rules leave out of a folder. */
export type ToWeigh = {
  readonly dirt: TakenDirt;
  /** Whether it may be looked at. */
  readonly mayTouch: (path: string) => boolean;
  readonly leftOutIn: (folder: string) => (name: string, stat: FileStat) => string | null;
};

/**
 * Files in dirty folders that changed since a moment (wall clock), and their bytes: what would be lost now. Where nobody
 * knows what has changed it is at least one file; a change that the rules leave out explains why its folder is dirty.
 */
export function weigh(fileSystem: FileSystem, dirty: Iterable<ToWeigh>, sinceWallMs: number): Weight {
  let files = 0;
  let bytes = 0;
  let folders = 0;
  let entries = 0;
  let isUnexplained = false;
  for (const { dirt, mayTouch, leftOutIn } of dirty) {
    if (dirt.oldestMs === null) continue;
    if (dirt.folders === 'all' || dirt.below.size > 0) isUnexplained = true;
    for (const folder of dirt.folders === 'all' ? [] : dirt.folders) {
      if (folders++ >= foldersMost) {
        isUnexplained = true;
        break;
      }
      const leftOut = leftOutIn(folder);
      let isExplained = false;
      for (const name of namesIn(fileSystem, folder)) {
        if (entries++ >= entriesMost) break;
        const path = joinPath(folder, name);
        const stat = mayTouch(path) ? statOf(fileSystem, path) : null;
        if (stat === null || stat.ctimeSeconds * 1000 < sinceWallMs - 1000) continue;
        isExplained = true;
        // A folder is dirty itself where something in it changed.
        if (stat.kind === 'folder' || leftOut(name, stat) !== null) continue;
        files++;
        bytes += stat.size;
      }
      if (!isExplained) isUnexplained = true;
    }
  }
  // A deleted file, or a change that was taken back, is one too until a run has seen it.
  return { files: isUnexplained ? Math.max(1, files) : files, bytes };
}
