import { systemCode } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { notAFolder, translate } from './failure.ts';

/** Makes the folder of a new store, and those above it that are missing; each name is durable when this returns. */
export function makeLocalRoot(root: string, fileSystem: FileSystem): void {
  try {
    makeFolders(root, fileSystem);
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') throw notAFolder(root, error);
    throw translate(error, { store: root, action: 'write' });
  }
}

function makeFolders(path: string, fileSystem: FileSystem): void {
  if (fileSystem.lstatIfThere(path) !== null) return;
  const parent = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))) || '/';
  if (parent !== path) makeFolders(parent, fileSystem);
  try {
    fileSystem.makeFolder(path, 0o700);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  fileSystem.syncFolder(parent);
}
