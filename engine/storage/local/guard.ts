import { CofferError, systemCode } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { type Action, notAFolder, translate } from './failure.ts';

export type Guard = {
  /** Runs one step on the file system; its errors come out in the words of the port. */
  attempt<T>(action: Action, key: string | undefined, step: () => T): T;
  /** The error for an object that is not there: perhaps the whole place is not, a drive that was unplugged. */
  missing(key: string): CofferError;
};

export type GuardOptions = {
  readonly root: string;
  readonly fileSystem: FileSystem;
  /** Called when something that was taken for granted has gone. */
  readonly forget: () => void;
};

export function createGuard({ root, fileSystem, forget }: GuardOptions): Guard {
  /** Listed rather than looked at, so that a link to a folder serves as a root too. */
  const rootIsThere = (): boolean => {
    try {
      fileSystem.list(root);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      if (systemCode(error) === 'ENOTDIR') throw notAFolder(root, error);
      throw translate(error, { store: root, action: 'list' });
    }
  };

  return {
    attempt: (action, key, step) => {
      try {
        return step();
      } catch (error) {
        if (systemCode(error) === 'ENOENT') {
          forget();
          if (!rootIsThere()) throw new CofferError('store.missing', { store: root }, error);
        }
        throw translate(error, { store: root, action, ...(key === undefined ? {} : { key }) });
      }
    },
    missing: (key) =>
      rootIsThere()
        ? new CofferError('store.objectMissing', { key, store: root })
        : new CofferError('store.missing', { store: root }),
  };
}
