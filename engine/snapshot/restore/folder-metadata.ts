import type { FileSystem } from '../../filesystem/index.ts';
import type { FolderEntry } from '../../format/index.ts';
import { taskFields } from './job.ts';
import type { Metadata, MetadataOf } from './metadata.ts';
import { failureCode } from './pack-job.ts';
import type { Entered, Place } from './places.ts';
import type { Tally } from './tally.ts';

/** Modes and times of folders come after everything in them: each new entry moves a folder's time, and its mode may forbid any. */
export type FolderMetadata = {
  add(entered: Entered, entry: FolderEntry): void;
  /** Deepest first. */
  apply(): void;
};

export type FolderMetadataOptions = {
  readonly metadata: Metadata;
  /** A folder that is not durable as it is now. */
  touch(place: Place): void;
  readonly tally: Tally;
};

export function createFolderMetadata(
  fileSystem: FileSystem,
  { metadata, touch, tally }: FolderMetadataOptions,
): FolderMetadata {
  const waiting: { readonly place: Place; readonly wanted: MetadataOf }[] = [];
  return {
    add({ place, setsMetadata }, entry) {
      tally.folders++;
      if (!setsMetadata) return;
      const { kind, mode, uid, gid, mtimeSeconds, mtimeNanoseconds, extra } = taskFields(entry);
      waiting.push({ place, wanted: { kind, mode, uid, gid, mtimeSeconds, mtimeNanoseconds, extra } });
    },
    apply() {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { path } = next.place;
        touch(next.place);
        try {
          const remark = metadata.apply(path, next.wanted, fileSystem.lstat(path));
          if (remark !== null) tally.remarkOnce(path, remark);
        } catch (error) {
          const code = failureCode(error);
          if (code === null) throw error;
          tally.failures.push({ path, code });
        }
      }
    },
  };
}
