import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { CofferError, systemCode } from '../../base/index.ts';
import { systemReason } from '../text/reasons.ts';

/** A file that must be there, whoever may read it: the person named it just now. */
export function readPassphraseFile(path: string): string {
  return readPassphraseIfThere(path) ?? missing(path);
}

/** Null when there is none. */
export function readPassphraseIfThere(path: string): string | null {
  return withFile(path, (fd) => passphraseIn(fd));
}

/**
 * A file that is read again and again with nobody near, so it must be this user's and nobody else's to read: mode 0600 or
 * less. Null when there is none. `user` is null where files have no such number.
 */
export function readPrivatePassphrase(path: string, user: number | null): string | null {
  return withFile(path, (fd) => {
    // Of the file that is open: between a look at a path and its reading another could be put there.
    const { uid, mode } = fstatSync(fd);
    if (user !== null && uid !== user) throw new CofferError('secret.fileNotOwn', { path });
    if (user !== null && (mode & 0o077) !== 0) throw new CofferError('secret.fileShared', { path });
    return passphraseIn(fd);
  });
}

export function missing(path: string): never {
  throw new CofferError('secret.fileUnreadable', { path, detail: 'it is not there' });
}

/** Without the one line end that editors and `echo` leave. */
const passphraseIn = (fd: number): string => readFileSync(fd, 'utf8').replace(/\r?\n$/, '');

function withFile(path: string, read: (fd: number) => string): string | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    return read(fd);
  } catch (error) {
    if (fd === null && systemCode(error) === 'ENOENT') return null;
    if (error instanceof CofferError) throw error;
    throw new CofferError('secret.fileUnreadable', { path, detail: systemReason(error) }, error);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
