import type { BackupJobs } from './dispatch.ts';
import { smallFileBytes } from './file-jobs.ts';
import { statWidth } from './listing.ts';

/**
 * What a run may do on the agent's own thread before it starts threads: a tenth of a second at most, because meanwhile
 * nobody is answered. It is enough for nearly all that a person saves.
 */
const foldersMost = 128;
const bytesMost = smallFileBytes;
/** Opening, naming and sealing a file takes as long as so many bytes. */
const bytesPerFile = 16 * 1024;

type Cost = { readonly folders?: number; readonly bytes?: number };

const costs: { readonly [Name in keyof BackupJobs]: (input: BackupJobs[Name]['in']) => Cost } = {
  scan: (input) => ({ folders: input.folders.length }),
  files: ({ paths, stats }) => {
    let bytes = bytesPerFile * paths.length;
    for (let file = 0; file < paths.length; file++) bytes += stats[file * statWidth + sizeAt] ?? 0;
    return { bytes };
  },
  bundle: (input) => ({ bytes: input.bytes.length }),
  // Of a file that is too big to be read in one go.
  segment: () => ({ bytes: Number.POSITIVE_INFINITY }),
  flush: () => ({}),
};

/** Where `writeStat` puts the size. */
const sizeAt = 1;

/** Asked for each job in turn: true as long as all of them together are little. */
export function createAllowance(): (name: keyof BackupJobs, input: unknown) => boolean {
  let foldersLeft = foldersMost;
  let bytesLeft = bytesMost;
  return (name, input) => {
    const { folders = 0, bytes = 0 } = costs[name](input as never); // the pool ties names to inputs
    foldersLeft -= folders;
    bytesLeft -= bytes;
    return foldersLeft >= 0 && bytesLeft >= 0;
  };
}
