import { utf8 } from '../base/index.ts';
import { type FileSystem, joinPath, writeFileAtomic } from '../filesystem/index.ts';

/** The files of a journal's folder. */
export type JournalFiles = {
  readonly database: string;
  readonly choices: string;
  readonly lock: string;
  /** Copy from before the last migration. */
  readonly before: string;
  /** Whether there is a database that says something. */
  isThere(): boolean;
  /** Whether a WAL lies beside it, which a journal that was closed never has. */
  hasWal(): boolean;
  /** Damage was met while working: the next opening does not ask again whether it is damaged. */
  suspect(): void;
  isSuspect(): boolean;
  /** Renames, never deletes: what is damaged may still be of use to somebody. Returns the new name. */
  putAside(name: 'journal.db' | 'choices.json'): string;
};

export function journalFiles(fileSystem: FileSystem, folder: string): JournalFiles {
  const at = (name: string): string => joinPath(folder, name);
  const sizeOf = (name: string): number => fileSystem.lstatIfThere(at(name))?.size ?? 0;
  const suspectName = 'journal.db.suspect';
  return {
    database: at('journal.db'),
    choices: at('choices.json'),
    lock: at('journal.lock'),
    before: at('journal.db.before-migration'),
    isThere: () => sizeOf('journal.db') > 0,
    hasWal: () => sizeOf('journal.db-wal') > 0,
    suspect: () => writeFileAtomic(fileSystem, at(suspectName), utf8('')),
    isSuspect: () => fileSystem.lstatIfThere(at(suspectName)) !== null,
    putAside(name) {
      const target = `${name}.damaged-${nextNumber(fileSystem.list(folder), name)}`;
      // The WAL belongs to it. Last, so that a database is never taken for whole because its WAL has gone.
      for (const part of ['', '-wal', '-shm']) {
        if (fileSystem.lstatIfThere(at(name + part))) fileSystem.rename(at(name + part), at(target + part));
      }
      if (name === 'journal.db' && fileSystem.lstatIfThere(at(suspectName))) fileSystem.removeFile(at(suspectName));
      fileSystem.syncFolder(folder);
      return at(target);
    },
  };
}

function nextNumber(names: readonly string[], name: string): number {
  const numbers = names.map((other) => Number(new RegExp(`^${name}\\.damaged-(\\d+)`).exec(other)?.[1] ?? 0));
  return Math.max(0, ...numbers) + 1;
}
