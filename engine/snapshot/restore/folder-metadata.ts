import type { FileSystem } from '../../filesystem/index.ts';
import type { FolderEntry } from '../../format/index.ts';
import { taskFields } from './job.ts';
import type { Metadata, MetadataOf } from './metadata.ts';
import { failureCode } from './pack-job.ts';
import type { Entered } from './places.ts';
import type { Tally } from './tally.ts';

/** Modes and times of folders come after everything in them: each new entry moves a folder's time, and its mode may forbid any. */
export type FolderMetadata = {
  add(entered: Entered, entry: FolderEntry): void;
  /** Deepest first. */
  apply(): void;
};

export function createFolderMetadata(fileSystem: FileSystem, metadata: Metadata, tally: Tally): FolderMetadata {
  const waiting: { readonly path: string; readonly wanted: MetadataOf }[] = [];
  return {
    add({ place, setsMetadata }, entry) {
      tally.folders++;
      if (!setsMetadata) return;
      const { kind, mode, uid, gid, mtimeSeconds, mtimeNanoseconds, extra } = taskFields(entry);
      waiting.push({ path: place.path, wanted: { kind, mode, uid, gid, mtimeSeconds, mtimeNanoseconds, extra } });
    },
    apply() {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        try {
          const remark = metadata.apply(next.path, next.wanted, fileSystem.lstat(next.path));
          if (remark !== null) tally.remarkOnce(next.path, remark);
        } catch (error) {
          const code = failureCode(error);
          if (code === null) throw error;
          tally.failures.push({ path: next.path, code });
        }
      }
    },
  };
}
