import { type FileSystem, joinPath } from '../filesystem/index.ts';
import type { TakenDirt } from './dirty.ts';
import { namesIn, statOf } from './glimpse.ts';

export type Weight = { readonly files: number; readonly bytes: number };

/** What lies in so many folders and entries is counted; of more it is only said that there is at least so much. */
const foldersMost = 100;
const entriesMost = 5_000;

/**
 * Files in dirty folders that changed since a moment (wall clock), and their bytes: what would be lost now. Where nobody
 * knows what has changed it is at least one file.
 */
export function weigh(fileSystem: FileSystem, dirty: Iterable<TakenDirt>, sinceWallMs: number): Weight {
  let files = 0;
  let bytes = 0;
  let folders = 0;
  let entries = 0;
  let isMarked = false;
  for (const set of dirty) {
    if (set.oldestMs === null) continue;
    isMarked = true;
    for (const folder of set.folders === 'all' ? [] : set.folders) {
      if (folders++ >= foldersMost) break;
      for (const name of namesIn(fileSystem, folder)) {
        if (entries++ >= entriesMost) break;
        const stat = statOf(fileSystem, joinPath(folder, name));
        if (stat === null || stat.kind === 'folder' || stat.ctimeSeconds * 1000 < sinceWallMs - 1000) continue;
        files++;
        bytes += stat.size;
      }
    }
  }
  // A deleted file, or a change that was taken back, is one too until a run has seen it.
  return { files: isMarked ? Math.max(1, files) : 0, bytes };
}
