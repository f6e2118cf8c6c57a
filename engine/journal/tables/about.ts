import { integerIn, type Row } from '../columns.ts';
import { RowDamage } from '../faults.ts';
import type { Sql } from '../sql.ts';

/** What the journal knows of itself. */
export type About = {
  read(): { readonly version: number; readonly clean: boolean; readonly revision: number };
  noteVersion(version: number): void;
  /** True as the last thing before it is closed; false as long as it is open. */
  noteClean(clean: boolean): void;
  /** Counts openings and changes of choices; compared with the one beside it, it tells an older copy. */
  setRevision(revision: number): void;
};

/** Asked before migrations, so every version must have what this reads. */
export function createAbout(sql: Sql): About {
  const read = sql.query('SELECT version, clean, revision FROM journal', (row: Row) => ({
    version: integerIn(row, 'version'),
    clean: integerIn(row, 'clean') === 1,
    revision: integerIn(row, 'revision'),
  }));
  const noteVersion = sql.change<[number]>('UPDATE journal SET version = ?');
  const noteClean = sql.change<[number]>('UPDATE journal SET clean = ?');
  const setRevision = sql.change<[number]>('UPDATE journal SET revision = ?');
  return {
    read() {
      const about = read.get();
      if (about === null) throw new RowDamage('it says nothing of itself');
      return about;
    },
    noteVersion: (version) => void noteVersion.run(version),
    noteClean: (clean) => void noteClean.run(clean ? 1 : 0),
    setRevision: (revision) => void setRevision.run(revision),
  };
}
