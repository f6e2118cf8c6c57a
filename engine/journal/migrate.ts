import { CofferError } from '../base/index.ts';
import { type FileSystem, splitPath } from '../filesystem/index.ts';
import { type Connection, markOurs } from './connection.ts';
import { damaged } from './faults.ts';

export type MigrateOptions = {
  readonly migrations: readonly string[];
  /** What is said in errors. */
  readonly path: string;
  /** Where the copy goes that is made before anything is changed; null in memory. */
  readonly copy: { readonly path: string; readonly fileSystem: FileSystem } | null;
};

/** The version of what was opened, 0 when it is new. Throws when it is newer than what is known here. */
export function readVersion(connection: Connection, options: MigrateOptions): number {
  const version = Number(connection.pragma('user_version', { simple: true }));
  if (version === 0) return 0;
  // Said in two places: a flipped bit must not pass for a newer Coffer, which nobody would dare to put aside.
  const said: unknown = connection.prepare('SELECT version FROM journal').pluck().get();
  if (said !== version || version < 0) throw damaged(options.path, 'its version is said in two ways');
  if (version > options.migrations.length) throw new CofferError('journal.newer', { path: options.path });
  return version;
}

/** All that are missing, or none: a crash in between leaves the file as it was. */
export function migrate(connection: Connection, from: number, options: MigrateOptions): void {
  const { migrations, copy } = options;
  if (from === migrations.length) return;
  if (from > 0 && copy !== null) copyTo(connection, copy);
  connection
    .transaction(() => {
      markOurs(connection);
      for (const sql of migrations.slice(from)) connection.exec(sql);
      connection.prepare('UPDATE journal SET version = ?').run(migrations.length);
      connection.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

/** The newest only: it is there for the case that a migration itself was wrong. */
function copyTo(connection: Connection, { path, fileSystem }: NonNullable<MigrateOptions['copy']>): void {
  const fresh = `${path}.tmp`;
  if (fileSystem.lstatIfThere(fresh)) fileSystem.removeFile(fresh);
  // There and empty beforehand, so that only its owner ever reads it.
  fileSystem.close(fileSystem.open(fresh, 'create', 0o600));
  connection.prepare('VACUUM INTO ?').run(fresh);
  const fd = fileSystem.open(fresh, 'write');
  try {
    fileSystem.sync(fd);
  } finally {
    fileSystem.close(fd);
  }
  fileSystem.rename(fresh, path);
  fileSystem.syncFolder(splitPath(path).folder);
}
