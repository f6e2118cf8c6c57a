import Database from 'better-sqlite3';
import { assert, CofferError } from '../base/index.ts';
import { damaged, translated } from './faults.ts';

/** Below this a WAL that is begun anew at the wrong moment can damage the file. */
const sqliteLeast = '3.51.3';

/** What a program of somebody else that happened to open the file would wait for us, and we for it. */
const waitMs = 1000;

/** 16 MiB of WAL before it is merged into the file: pages that change again and again are then written there once. */
const checkpointPages = 4096;

/** "Cofj": this file is a journal and not just any database. */
const applicationId = 0x436f666a;

export type Connection = Database.Database;

/** Opens a file (or bytes, or nothing: in memory) and sets what our promises rest on. */
export function connect(from: string | Uint8Array | null, path: string): Connection {
  // Of a database that was serialised, the library takes over a Buffer of its own.
  const given = from instanceof Uint8Array ? Buffer.from(from) : (from ?? ':memory:');
  let connection: Connection | undefined;
  try {
    connection = new Database(given, { timeout: waitMs });
    assertNewEnough(String(connection.prepare('SELECT sqlite_version()').pluck().get()));
    setPragmas(connection, typeof from === 'string');
    assertOurs(connection, path);
    return connection;
  } catch (error) {
    connection?.close();
    throw translated(error, path);
  }
}

/**
 * One writer, so the file is locked for as long as it is open, which also keeps the index of the WAL out of shared memory.
 * Every commit is on the disk when it returns (`synchronous`, on macOS `fullfsync`). No mmap: a read error would be a signal.
 */
function setPragmas(connection: Connection, onDisk: boolean): void {
  connection.pragma('locking_mode = EXCLUSIVE');
  connection.pragma('mmap_size = 0');
  connection.pragma('fullfsync = ON');
  connection.pragma('checkpoint_fullfsync = ON');
  connection.pragma('foreign_keys = ON');
  connection.pragma('trusted_schema = OFF');
  connection.pragma('cell_size_check = ON');
  connection.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  connection.pragma('temp_store = MEMORY');
  const mode = connection.pragma('journal_mode = WAL', { simple: true });
  connection.pragma('synchronous = FULL');
  assert(!onDisk || mode === 'wal', 'the journal writes ahead');
}

function assertOurs(connection: Connection, path: string): void {
  const id = connection.pragma('application_id', { simple: true });
  if (id === applicationId) return;
  const tables = connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (tables !== 0 || id !== 0) throw damaged(path, 'it is not a journal');
}

/** In the transaction that makes the first tables: a file that is ours has them, or is empty. */
export function markOurs(connection: Connection): void {
  connection.pragma(`application_id = ${applicationId}`);
}

export function assertNewEnough(version: string): void {
  if (isAtLeast(version.split('.').map(Number), sqliteLeast.split('.').map(Number))) return;
  throw new CofferError('journal.sqliteOld', { version, least: sqliteLeast });
}

function isAtLeast(version: readonly number[], least: readonly number[]): boolean {
  const at = least.findIndex((part, index) => part !== (version[index] ?? 0));
  return at === -1 || (version[at] ?? 0) > (least[at] ?? 0);
}

/** Looks at the whole file: its pages, and that rows name rows that are there. */
export function checkWhole(connection: Connection, path: string): void {
  const found = connection.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw damaged(path, String(found));
  if (connection.prepare('SELECT 1 FROM pragma_foreign_key_check LIMIT 1').get() !== undefined) {
    throw damaged(path, 'rows name others that are not there');
  }
}
