import Database from 'better-sqlite3';
import { AssertionError, CofferError } from '../base/index.ts';

/** What a row says cannot be: nobody wrote it so. */
export class RowDamage extends Error {
  override readonly name = 'RowDamage';
}

/**
 * SQLite's errors in the words of the catalogue, so that none of them leaves this room. What is left over (a constraint, a
 * statement that does not fit) is a mistake of our own.
 */
export function translated(error: unknown, path: string): unknown {
  if (error instanceof RowDamage) return damaged(path, error.message, error);
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code)) return damaged(path, error.message, error);
  if (code === 'SQLITE_FULL') return new CofferError('disk.full', { path }, error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new CofferError('journal.busy', { path }, error);
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM|AUTH|NOLFS|TOOBIG)/.test(code)) {
    return new CofferError('home.unusable', { path, detail: code }, error);
  }
  return new AssertionError(`${code}: ${error.message}`);
}

export function damaged(path: string, detail: string, cause?: unknown): CofferError {
  return new CofferError('journal.damaged', { path, detail }, cause);
}
