import { CofferError, isCofferError, systemCode } from '../../base/index.ts';

export type Action = 'read' | 'write' | 'list' | 'delete';

const words: Readonly<Record<string, string>> = {
  EIO: 'the disk reports an input/output error',
  ENODEV: 'the drive is gone',
  ENXIO: 'the drive is gone',
  ESTALE: 'the network drive lost its connection',
  ENOTCONN: 'the network drive lost its connection',
  ETIMEDOUT: 'the network drive does not answer',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOTDIR: 'a file is in the place of a folder',
  EISDIR: 'a folder is in the place of a file',
  ELOOP: 'a link is in the place of a file',
};

/** ENOTDIR for the place itself: it is a file, or a folder on the way to it is one. */
export function notAFolder(store: string, cause: unknown): CofferError {
  return new CofferError('store.notAFolder', { store }, cause);
}

/**
 * Errors of the file system in the words of the store port. What is none (an abort, a mistake of ours) passes as it is.
 * One object's EIO is told as the store's, with its key: the reader decides whether the rest is still worth reading.
 */
export function translate(error: unknown, at: { store: string; action: Action; key?: string }): unknown {
  const system = systemCode(error);
  if (isCofferError(error) || !/^E[A-Z0-9]+$/.test(system)) return error;
  const context = { store: at.store, system, ...(at.key === undefined ? {} : { key: at.key }) };
  switch (system) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CofferError('store.full', context, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CofferError('store.denied', { ...context, action: at.action }, error);
    default:
      return new CofferError(
        'store.failed',
        { ...context, detail: `${words[system] ?? 'the system says'} (${system})` },
        error,
      );
  }
}
