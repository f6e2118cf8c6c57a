import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../engine/journal/connection.ts';
import { openJournal } from '../../../engine/journal/index.ts';
import { migrate, readVersion } from '../../../engine/journal/migrate.ts';
import { migrations } from '../../../engine/journal/migrations/list.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ports } from './journals.ts';

/** A file as a Coffer left it that knew the first so many migrations. */
function fileOfVersion(folder: string, version: number, rows: string): string {
  const path = join(folder, 'journal.db');
  const connection = connect(path, path);
  migrate(connection, 0, { migrations: migrations.slice(0, version), path, copy: null });
  connection.exec(rows);
  connection.close();
  return path;
}

function rowsOf(path: string, sql: string): unknown[] {
  const database = new Database(path);
  const rows = database.prepare(sql).raw().all();
  database.close();
  return rows;
}

const tablesOf = (path: string): unknown[] =>
  rowsOf(path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name").flat();

describe('migrations', () => {
  it('0001 makes the tables of choices, runs and what was seen', () => {
    const path = fileOfVersion(temporaryFolder(), 1, '');
    expect(tablesOf(path)).toEqual(
      ['activity', 'due', 'failures', 'journal', 'pause', 'places', 'roots', 'runs', 'settings', 'sources'].sort(),
    );
    expect(rowsOf(path, 'SELECT version, clean, revision FROM journal')).toEqual([[1, 1, 0]]);
  });

  it('0002 keeps what a journal of version 1 knew', () => {
    const folder = temporaryFolder();
    fileOfVersion(
      folder,
      1,
      `INSERT INTO places (url, vault) VALUES (CAST('/mnt/a' AS BLOB), 'v');
       INSERT INTO runs (place, reason, started_ms) VALUES (1, '{"code":"run.first","context":{}}', 5);`,
    );
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(false);
    expect(journal.places.list()).toEqual([{ id: 1, url: '/mnt/a', vault: 'v' }]);
    expect(journal.runs.interrupted()).toHaveLength(1);
    journal.close();
  });

  it('0003 has one row for what waits for a place, in place of the queue', () => {
    const folder = temporaryFolder();
    const path = fileOfVersion(
      folder,
      2,
      `INSERT INTO places (url, vault) VALUES (CAST('/mnt/a' AS BLOB), 'v');
       INSERT INTO packs (key, kind, bytes, spool, sealed_ms, waiting) VALUES ('a', 'pack', 1, CAST('/s' AS BLOB), 1, 1);
       INSERT INTO copies (pack, place, lane, rank, bytes) VALUES (1, 1, 0, 0, 1);`,
    );
    expect(tablesOf(path)).toEqual(expect.arrayContaining(['copies', 'packs']));
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(false);
    expect(journal.uploads.waiting(1)).toEqual({ objects: 0, bytes: 0, parked: 0 });
    journal.close();
    expect(tablesOf(path)).not.toContain('packs');
    expect(tablesOf(path)).toContain('uploads');
  });

  it('leave a copy from before, which only its owner reads and which opens', () => {
    const folder = temporaryFolder();
    fileOfVersion(folder, 1, "INSERT INTO due (name, at_ms) VALUES ('times', 9)");
    openJournal(folder, ports).close();
    const copy = join(folder, 'journal.db.before-migration');
    expect(rowsOf(copy, 'SELECT at_ms FROM due')).toEqual([[9]]);
    expect(tablesOf(copy)).not.toContain('uploads');
    expect(statSync(copy).mode & 0o077).toBe(0);
  });

  it('copy nothing where there is nothing to change', () => {
    const folder = temporaryFolder();
    openJournal(folder, ports).close();
    openJournal(folder, ports).close();
    expect(readdirSync(folder)).not.toContain('journal.db.before-migration');
  });

  it('are done whole or not at all', () => {
    const path = fileOfVersion(temporaryFolder(), 1, '');
    const options = { migrations: [...migrations.slice(0, 1), 'CREATE TABLE half (a); nonsense'], path, copy: null };
    const connection = connect(path, path);
    expect(() => migrate(connection, readVersion(connection, options), options)).toThrow('syntax error');
    connection.close();
    expect(tablesOf(path)).not.toContain('half');
    expect(rowsOf(path, 'PRAGMA user_version')).toEqual([[1]]);
  });

  it('end with the same tables for a new journal as for one that was brought up to date', () => {
    const schema = 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name';
    const [old, fresh] = [temporaryFolder(), temporaryFolder()];
    fileOfVersion(old, 1, '');
    for (const folder of [old, fresh]) openJournal(folder, ports).close();
    expect(rowsOf(join(old, 'journal.db'), schema)).toEqual(rowsOf(join(fresh, 'journal.db'), schema));
  });
});
