import { systemCode } from '../../base/index.ts';
import { type FileSystem, withLongPaths } from '../../filesystem/index.ts';
import type { Labour } from '../../pool/index.ts';

export type SyncInput = {
  /** One folder on each file system that was written to. */
  readonly volumes: readonly string[];
  /** What was made since the last sync, for file systems that cannot be synced as a whole. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
};

export type SyncJobs = { sync: { in: SyncInput; out: null } };

export function makeSyncLabour(fileSystem: FileSystem): Labour {
  const reaching = withLongPaths(fileSystem);
  return { jobs: { sync: (input: SyncInput) => runSyncJob(reaching, input) }, hear() {}, end() {} };
}

/** Makes a batch durable. A failure means that nothing is known about what was written since the last success. */
function runSyncJob(fileSystem: FileSystem, { volumes, files, folders }: SyncInput): null {
  let whole = fileSystem.support.volumeSync;
  if (whole) for (const volume of volumes) whole = fileSystem.syncVolume(volume) && whole;
  if (whole) return null;
  for (const path of files) syncFile(fileSystem, path);
  for (const path of folders) fileSystem.syncFolder(path);
  return null;
}

function syncFile(fileSystem: FileSystem, path: string): void {
  let fd: number;
  try {
    fd = fileSystem.open(path, 'read');
  } catch (error) {
    // Links, sockets and devices are entries of their folder only; what is gone again needs no care.
    if (['ELOOP', 'ENXIO', 'ENOENT', 'EACCES'].includes(systemCode(error))) return;
    throw error;
  }
  try {
    fileSystem.sync(fd);
  } finally {
    fileSystem.close(fd);
  }
}
