import { CofferError, systemCode } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';

/** Above this many folders one sync of the whole file system costs less than one of each. */
const foldersSyncedSingly = 64;
const folderMode = 0o700;

/** Folders of the vault: made on demand, and made durable together. */
export type Names = {
  /** Makes the folder and those above it, up to the root; `name` is relative to the root, without slashes at its ends. */
  ensure(name: string): void;
  /** Something in this folder changed its name. */
  touch(name: string): void;
  /** Folders may have gone: look again before relying on them. */
  forget(): void;
  flush(): void;
  /** Like `flush` for every folder there is; `all` names them where the file system cannot be synced as a whole. */
  settle(all: () => Iterable<string>): void;
};

export function createNames(root: string, fileSystem: FileSystem): Names {
  const known = new Set<string>();
  const touched = new Set<string>();
  let lost: unknown = null;

  const pathOf = (name: string): string => (name === '' ? root : `${root}/${name}`);

  const ensure = (name: string): void => {
    if (name === '' || known.has(name)) return;
    const parent = parentOf(name);
    ensure(parent);
    if (fileSystem.lstatIfThere(pathOf(name)) === null) makeFolder(pathOf(name));
    // Also when it was there: a killed run may have made it, and its name may never have reached the disk.
    touched.add(parent);
    known.add(name);
  };

  const makeFolder = (path: string): void => {
    try {
      fileSystem.makeFolder(path, folderMode);
    } catch (error) {
      // Another device or process made it in between.
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  };

  /** [Note: failed sync] After a failed sync the system may have dropped the changes and say yes the next time. */
  const once = (sync: () => void): void => {
    if (lost !== null) {
      throw new CofferError('store.failed', { store: root, detail: 'an earlier write did not reach the disk' }, lost);
    }
    try {
      sync();
      touched.clear();
    } catch (error) {
      lost = error;
      throw error;
    }
  };

  const syncAll = (names: Iterable<string>): void => {
    for (const name of names) fileSystem.syncFolder(pathOf(name));
  };

  return {
    ensure,
    touch: (name) => void touched.add(name),
    forget: () => known.clear(),
    flush: () =>
      once(() => {
        if (touched.size > foldersSyncedSingly && fileSystem.syncVolume(root)) return;
        syncAll(touched);
      }),
    settle: (all) =>
      once(() => {
        if (!fileSystem.syncVolume(root)) syncAll(all());
      }),
  };
}

export function parentOf(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? '' : name.slice(0, slash);
}
