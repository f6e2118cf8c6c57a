import { CofferError } from '../../base/index.ts';
import { type FileLock, type FileSystem, joinPath, makeFolders } from '../../filesystem/index.ts';

/** One process at a time works on a record: runs it, takes it back, or removes it. */
export function lockRecord(fileSystem: FileSystem, folder: string): FileLock {
  makeFolders(fileSystem, folder);
  const lock = fileSystem.lock(joinPath(folder, 'lock'));
  if (lock === null) throw new CofferError('vault.busy', { holder: 'this restore is running already' });
  return lock;
}
