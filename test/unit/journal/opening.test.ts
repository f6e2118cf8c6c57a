import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { isCofferError } from '../../../engine/base/index.ts';
import type { Settings } from '../../../engine/contract/index.ts';
import { createRealFileSystem, type FileSystem } from '../../../engine/filesystem/index.ts';
import { writeChoices } from '../../../engine/journal/choices-file.ts';
import { assertNewEnough, connect } from '../../../engine/journal/connection.ts';
import { defaultSettings, type Journal, openJournal } from '../../../engine/journal/index.ts';
import { migrations } from '../../../engine/journal/migrations/list.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { everythingIn, fill, ports, rules, strangePath } from './journals.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCofferError(error) ? error.code : String(error);
  }
  return 'no error';
}

/** A folder with a journal that holds a bit of everything, and was closed. */
function filled(): { readonly folder: string; readonly file: string; readonly before: unknown } {
  const folder = temporaryFolder();
  const journal = openJournal(folder, ports);
  fill(journal);
  const before = everythingIn(journal);
  journal.close();
  return { folder, file: join(folder, 'journal.db'), before };
}

const choicesOf = (journal: Journal): unknown => [
  journal.sources.list(),
  journal.places.list(),
  journal.settings.read(),
  journal.pause.read(),
];

const aside = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('.damaged-'));

function withSql(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

describe('opening a journal', () => {
  it('makes the folder, and files that only their owner reads', () => {
    const folder = join(temporaryFolder(), 'new', 'agent');
    const journal = openJournal(folder, ports);
    journal.sources.add('/a', rules);
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['choices.json', 'journal.db', 'journal.db-wal', 'journal.lock']);
    for (const name of names) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    journal.close();
    expect(readdirSync(folder)).not.toContain('journal.db-wal');
  });

  it('syncs every commit, writes ahead, checks references and maps no memory', () => {
    const connection = connect(join(temporaryFolder(), 'a.db'), 'a.db');
    const pragma = (name: string): unknown => connection.pragma(name, { simple: true });
    expect(['journal_mode', 'synchronous', 'fullfsync', 'checkpoint_fullfsync'].map(pragma)).toEqual(['wal', 2, 1, 1]);
    expect(['foreign_keys', 'mmap_size', 'locking_mode'].map(pragma)).toEqual([1, 0, 'exclusive']);
    connection.close();
  });

  it('is refused while another has it open, and possible after that', () => {
    const folder = temporaryFolder();
    const first = openJournal(folder, ports);
    expect(codeOf(() => openJournal(folder, ports))).toBe('journal.busy');
    first.close();
    openJournal(folder, ports).close();
  });

  it('is refused on a network drive', () => {
    const folder = temporaryFolder();
    const fileSystem: FileSystem = { ...createRealFileSystem(), volumeKind: () => 'nfs' };
    expect(codeOf(() => openJournal(folder, { ...ports, fileSystem }))).toBe('journal.network');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused with an SQLite that can damage a WAL', () => {
    expect(codeOf(() => assertNewEnough('3.51.2'))).toBe('journal.sqliteOld');
    expect(codeOf(() => assertNewEnough('3.9.0'))).toBe('journal.sqliteOld');
    for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0', '4'])
      expect(codeOf(() => assertNewEnough(version))).toBe('no error');
  });

  it('is refused when a newer Coffer wrote it, which changes nothing', () => {
    const { folder, file, before } = filled();
    withSql(file, 'PRAGMA user_version = 99; UPDATE journal SET version = 99');
    expect(codeOf(() => openJournal(folder, ports))).toBe('journal.newer');
    expect(aside(folder)).toEqual([]);
    withSql(file, `PRAGMA user_version = ${migrations.length}; UPDATE journal SET version = ${migrations.length}`);
    const journal = openJournal(folder, ports);
    expect(everythingIn(journal)).toEqual(before);
    journal.close();
  });

  it('does not take a flipped bit of the version for a newer Coffer', () => {
    const { folder, file } = filled();
    withSql(file, `PRAGMA user_version = ${migrations.length + 1}`);
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(true);
    journal.close();
  });

  it('says in words that a folder cannot be used', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(codeOf(() => openJournal(join(folder, 'file'), ports))).toBe('home.unusable');
    expect(codeOf(() => openJournal(join(folder, '\uDCE9'), ports))).toBe('home.unusable');
  });
});

describe('a journal that cannot be trusted', () => {
  it('is put aside when it is lost, and begun anew with all that the person chose', () => {
    const { folder, file } = filled();
    const chosen = withJournal(folder, choicesOf);
    rmSync(file);
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(true);
    expect(choicesOf(journal)).toEqual(chosen);
    expect(journal.runs.list(10)).toEqual([]);
    journal.close();
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(false);
  });

  it('is put aside with a number, and never deleted', () => {
    const { folder, file } = filled();
    for (const number of [1, 2]) {
      writeFileSync(file, `this is no database ${number}`);
      expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(true);
      expect(readFileSync(`${file}.damaged-${number}`, 'utf8')).toBe(`this is no database ${number}`);
    }
    expect(withJournal(folder, ({ sources }) => sources.list().map(({ path }) => path))).toEqual([
      '/home/anna',
      strangePath,
    ]);
  });

  it('is put aside when it is the database of another program', () => {
    const { folder, file } = filled();
    rmSync(file);
    withSql(file, 'CREATE TABLE other (a)');
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(true);
    expect(aside(folder)).toEqual(['journal.db.damaged-1']);
  });

  it('is put aside when a table is missing', () => {
    const { folder, file } = filled();
    withSql(file, 'DROP TABLE due');
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(true);
  });

  it('is looked at as a whole after an unclean end only', () => {
    const { folder, file } = filled();
    // A row that names a place which is not there: only a look at everything finds it.
    withSql(file, 'PRAGMA foreign_keys = OFF; UPDATE runs SET place = 77');
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(false);
    withSql(file, 'UPDATE journal SET clean = 0');
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(true);
  });

  it('is put aside when damage is met while working, at the next opening', () => {
    const { folder, file } = filled();
    withSql(file, 'UPDATE activity SET context = \'{"files":\'');
    const journal = openJournal(folder, ports);
    expect(codeOf(() => journal.activity.list({ most: 1, problemsOnly: false }))).toBe('journal.damaged');
    journal.close();
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(true);
    expect(withJournal(folder, ({ rebuilt }) => rebuilt)).toBe(false);
  });

  it('is put aside when it is an older copy: sources that were chosen since stay chosen', () => {
    const { folder, file } = filled();
    cpSync(file, `${file}.copy`);
    withJournal(folder, ({ sources }) => sources.add('/new', rules));
    cpSync(`${file}.copy`, file);
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(true);
    expect(journal.sources.list().map(({ path }) => path)).toEqual(['/home/anna', strangePath, '/new']);
    journal.close();
  });

  it('gives no id again that a journal before it gave', () => {
    const { folder, file } = filled();
    const id = withJournal(folder, ({ places }) => {
      const place = places.add('/mnt/b', 'v');
      places.remove(place.id);
      return place.id;
    });
    rmSync(file);
    expect(withJournal(folder, ({ places }) => places.add('/mnt/c', 'v').id)).toBe(id + 1);
  });
});

describe('the choices beside the journal', () => {
  it('are written when the transaction around them is durable, and not before', () => {
    const folder = temporaryFolder();
    const journal = openJournal(folder, ports);
    const text = (): string => readFileSync(join(folder, 'choices.json'), 'utf8');
    journal.transaction(() => {
      journal.sources.add('/some/source', rules);
      expect(text()).not.toContain('/some/source');
    });
    expect(text()).toContain('/some/source');
    journal.close();
  });

  it.each([
    ['lost', (path: string) => rmSync(path)],
    ['cut short', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 200))],
    ['changed', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('/home/anna', '/home/hanna'))],
  ])('are written anew from the journal when they are %s', (_, harm) => {
    const { folder, file, before } = filled();
    const path = join(folder, 'choices.json');
    harm(path);
    const isThere = existsSync(path);
    expect(withJournal(folder, everythingIn)).toEqual(before);
    expect(aside(folder)).toEqual(isThere ? ['choices.json.damaged-1'] : []);
    rmSync(file);
    expect(withJournal(folder, ({ places }) => places.list())).toHaveLength(1);
  });

  it('of an earlier version lack what is new, and are read with its defaults', () => {
    const folder = temporaryFolder();
    const { wifi: _, bandwidth: __, ...policies } = defaultSettings.policies;
    const { schedule } = defaultSettings;
    const settings = { schedule, policies: { ...policies, onBattery: false } } as Settings;
    const choices = { revision: 1, sources: [], places: [], settings, pause: null, lastSource: 0, lastPlace: 0 };
    writeChoices(ports.fileSystem, join(folder, 'choices.json'), choices);
    expect(withJournal(folder, (journal) => journal.settings.read())).toEqual({
      ...defaultSettings,
      policies: { ...defaultSettings.policies, onBattery: false },
    });
  });

  it('do not count when the journal has changes that came after them', () => {
    const { folder } = filled();
    const path = join(folder, 'choices.json');
    const older = readFileSync(path);
    withJournal(folder, ({ sources }) => sources.add('/new', rules));
    writeFileSync(path, older);
    const journal = openJournal(folder, ports);
    expect(journal.rebuilt).toBe(false);
    expect(journal.sources.list()).toHaveLength(3);
    journal.close();
    expect(readFileSync(path, 'utf8')).toContain('/new');
  });

  it('go on in the journal alone where they cannot be written, and are written later', () => {
    const folder = temporaryFolder();
    const real = createRealFileSystem();
    let isFull = false;
    const fileSystem: FileSystem = {
      ...real,
      write(fd, bytes, position) {
        if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        real.write(fd, bytes, position);
      },
    };
    const journal = openJournal(folder, { ...ports, fileSystem });
    isFull = true;
    journal.sources.add('/some/source', rules);
    isFull = false;
    expect(readFileSync(join(folder, 'choices.json'), 'utf8')).not.toContain('/some/source');
    journal.close();
    expect(readFileSync(join(folder, 'choices.json'), 'utf8')).toContain('/some/source');
  });
});

function withJournal<T>(folder: string, work: (journal: Journal) => T): T {
  const journal = openJournal(folder, ports);
  try {
    return work(journal);
  } finally {
    journal.close();
  }
}
