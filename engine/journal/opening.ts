import { AssertionError, isCofferError, type Log, systemCode } from '../base/index.ts';
import { type FileLock, type FileSystem, homeFailure } from '../filesystem/index.ts';
import type { Choices } from './choices.ts';
import { readChoices, writeChoices } from './choices-file.ts';
import { type Connection, checkWhole, connect } from './connection.ts';
import { damaged, RowDamage, translated } from './faults.ts';
import { type JournalFiles, journalFiles } from './files.ts';
import { type MigrateOptions, migrate, readVersion } from './migrate.ts';
import { migrations } from './migrations/list.ts';
import { createSql, type Sql } from './sql.ts';
import { createTables, type Tables } from './tables.ts';

/** A database that is whole, of this version, and whose statements are prepared. */
export type Opened = { readonly connection: Connection; readonly sql: Sql; readonly tables: Tables };

export type OpenedFile = Opened & {
  /** The journal was begun anew: what it knew is not known any more, but for the choices. */
  readonly rebuilt: boolean;
  saveChoices(): void;
};

/** In memory, new or from bytes that `serialise` gave. */
export function openMemory(bytes: Uint8Array | null): Opened {
  return openDatabase(bytes, { path: 'memory', isSuspect: bytes !== null, onDamage: () => {}, copy: null });
}

/**
 *   take the lock → read the choices → open → whole? ours? this version? as new as the choices? → count the opening
 *        else: put the file aside, begin a new one, fill in the choices
 *
 * The database is written before the choices beside it, so it is never behind them: when it is, it is an older copy that
 * somebody put back, and what it says of runs and copies is no longer so.
 */
export function openFile(fileSystem: FileSystem, folder: string, log: Log): OpenedFile {
  const files = journalFiles(fileSystem, folder);
  const chosen = choicesThere(fileSystem, files, log);
  const first = files.isThere() && !files.isSuspect() ? tryToOpen(fileSystem, files, chosen, log) : null;
  const left = files.isThere() || files.hasWal() || files.isSuspect();
  if (first === null && left) log.warn('the journal was put aside', { path: files.putAside('journal.db') });
  const opened = first ?? begin(fileSystem, files, chosen);
  const saveChoices = (): void => {
    const { about, choices } = opened.tables;
    writeChoices(fileSystem, files.choices, choices.read(about.read().revision));
  };
  return { ...opened, rebuilt: first === null && (left || chosen !== null), saveChoices };
}

function choicesThere(fileSystem: FileSystem, files: JournalFiles, log: Log): Choices | null {
  try {
    return readChoices(fileSystem, files.choices);
  } catch (error) {
    if (!(error instanceof RowDamage)) throw error;
    log.warn('choices.json is damaged and was put aside', {
      detail: error.message,
      path: files.putAside('choices.json'),
    });
    return null;
  }
}

/** Null when the file is damaged or an older copy. */
function tryToOpen(fileSystem: FileSystem, files: JournalFiles, chosen: Choices | null, log: Log): Opened | null {
  let opened: Opened | undefined;
  try {
    opened = openExisting(fileSystem, files);
    assertAsChosen(opened.tables, chosen, files.database);
    return opened;
  } catch (error) {
    opened?.connection.close();
    if (!isCofferError(error, 'journal.damaged')) throw error;
    log.warn('the journal is damaged', error.context);
    return null;
  }
}

function openExisting(fileSystem: FileSystem, files: JournalFiles): Opened {
  return openDatabase(files.database, {
    path: files.database,
    isSuspect: files.hasWal(),
    onDamage: () => markSuspect(files),
    copy: { path: files.before, fileSystem },
  });
}

/** The file is made first, so that from the beginning only its owner reads it. */
function begin(fileSystem: FileSystem, files: JournalFiles, chosen: Choices | null): Opened {
  if (fileSystem.lstatIfThere(files.database) === null)
    fileSystem.close(fileSystem.open(files.database, 'create', 0o600));
  const opened = openExisting(fileSystem, files);
  if (chosen === null) return opened;
  const { sql, tables } = opened;
  sql.transaction(() => {
    tables.choices.fill(chosen);
    tables.about.setRevision(chosen.revision);
  });
  return opened;
}

/** Behind the file beside it, or different at the same count: an older copy, or bytes that nobody wrote. */
function assertAsChosen({ about, choices }: Tables, chosen: Choices | null, path: string): void {
  const { revision } = about.read();
  if (chosen === null || revision > chosen.revision) return;
  if (revision < chosen.revision) throw damaged(path, 'it is an older copy');
  if (JSON.stringify(choices.read(revision)) !== JSON.stringify(chosen)) {
    throw damaged(path, 'its choices are not those that were made');
  }
}

type DatabaseOptions = {
  readonly path: string;
  /** The whole file is looked at, also when it says of itself that it was closed. */
  readonly isSuspect: boolean;
  readonly onDamage: () => void;
  readonly copy: MigrateOptions['copy'];
};

function openDatabase(from: string | Uint8Array | null, options: DatabaseOptions): Opened {
  const { path, copy } = options;
  const connection = connect(from, path);
  try {
    const version = readVersion(connection, { migrations, path, copy });
    if (version > 0 && (options.isSuspect || !wasClosed(connection))) checkWhole(connection, path);
    migrate(connection, version, { migrations, path, copy });
    const sql = createSql(connection, options);
    const tables = createTables(sql);
    tables.about.read();
    return { connection, sql, tables };
  } catch (error) {
    connection.close();
    const told = homeFailure(path, translated(error, path));
    // It says that it is of this version and has not what that version has.
    throw told instanceof AssertionError ? damaged(path, told.message, error) : told;
  }
}

function wasClosed(connection: Connection): boolean {
  return connection.prepare('SELECT clean FROM journal').pluck().get() === 1;
}

/** As well as it can be: a disk that fails may also not take this. */
function markSuspect(files: JournalFiles): void {
  try {
    files.suspect();
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

/** Null when another process has it. */
export function lockJournal(fileSystem: FileSystem, folder: string): FileLock | null {
  return fileSystem.lock(journalFiles(fileSystem, folder).lock);
}
