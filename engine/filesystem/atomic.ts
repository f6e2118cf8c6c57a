import { systemCode } from '../base/index.ts';
import { splitPath } from './names.ts';
import type { FileSystem } from './port.ts';

/**
 * Replaces a file as a whole: after a crash there is the old one or the new one, never a part. Durable when it returns.
 *
 *   make a file of another name beside it → write → sync → rename → sync the folder
 */
export function writeFileAtomic(fs: FileSystem, path: string, bytes: Uint8Array, permissions = 0o600): void {
  // Of no other living process, and one thread writes a given file: what has this name was left by a crash.
  const fresh = `${path}.${process.pid}.tmp`;
  if (fs.lstatIfThere(fresh)) fs.removeFile(fresh);
  const fd = fs.open(fresh, 'create', permissions);
  try {
    try {
      fs.write(fd, bytes, 0);
      fs.sync(fd);
    } finally {
      fs.close(fd);
    }
    fs.rename(fresh, path);
  } catch (error) {
    removeIfThere(fs, fresh);
    throw error;
  }
  fs.syncFolder(splitPath(path).folder || '.');
}

/** Clearing up after a failure must not hide what failed first. */
function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.removeFile(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}
