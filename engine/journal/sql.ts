import type Database from 'better-sqlite3';
import { isCofferError } from '../base/index.ts';
import type { Row } from './columns.ts';
import { translated } from './faults.ts';

type Bound = string | number | Uint8Array | null;

/** A statement that asks. What it takes and gives is said where it is made; rows are read with a look at every column. */
export type Query<Params extends Bound[], Result> = {
  get(...params: Params): Result | null;
  all(...params: Params): Result[];
};

/** A statement that changes something; `run` tells how many rows, and the id of the row that was added last. */
export type Change<Params extends Bound[]> = {
  run(...params: Params): { readonly changes: number; readonly id: number };
};

/**
 * The one connection. Statements are prepared once and kept. Every error comes out in the words of the catalogue; damage that
 * is met while working is told to `onDamage`, so that the next opening does not trust this file again.
 */
export type Sql = {
  query<Params extends Bound[], Result>(text: string, read: (row: Row) => Result): Query<Params, Result>;
  /** For what is asked again and again: one row, answered from memory for as long as nothing at all is changed. */
  kept<Param extends Bound, Result>(text: string, read: (row: Row) => Result): (param: Param) => Result | null;
  change<Params extends Bound[]>(text: string): Change<Params>;
  execute(text: string): void;
  /** All or nothing; within another it is a part of that one, which then fails with it, also where the error is caught. */
  transaction<T>(work: () => T): T;
  /** Runs once when the outermost transaction is durable; never when it is taken back. */
  afterCommit(work: () => void): void;
};

export type SqlOptions = { readonly path: string; readonly onDamage: () => void };

export function createSql(database: Database.Database, options: SqlOptions): Sql {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const told = translated(error, options.path);
      if (isCofferError(told, 'journal.damaged')) options.onDamage();
      throw told;
    }
  };
  /** Rises with each change, and when one is taken back. Nobody else writes: the file is locked. */
  let changes = 0;
  const afterwards = new Set<() => void>();
  let broken: { readonly error: unknown } | null = null;
  /** Without a savepoint, which would copy every page it meets: what fails within a transaction fails all of it. */
  const inner = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      broken = { error };
      throw error;
    }
  };
  return {
    query(text, read) {
      const statement = attempt(() => database.prepare<Bound[], Row>(text));
      return {
        get: (...params) =>
          attempt(() => {
            const row = statement.get(...params);
            return row === undefined ? null : read(row);
          }),
        all: (...params) => attempt(() => statement.all(...params).map(read)),
      };
    },
    kept<Param extends Bound, Result>(text: string, read: (row: Row) => Result) {
      const statement = attempt(() => database.prepare<Bound[], Row>(text));
      const answers = new Map<Param, Result | null>();
      let knownAt = changes;
      return (param: Param) => {
        if (knownAt !== changes) answers.clear();
        knownAt = changes;
        const known = answers.get(param);
        if (known !== undefined) return known;
        const row = attempt(() => statement.get(param));
        const answer = row === undefined ? null : attempt(() => read(row));
        answers.set(param, answer);
        return answer;
      };
    },
    change(text) {
      const statement = attempt(() => database.prepare<Bound[]>(text));
      return {
        run: (...params) =>
          attempt(() => {
            changes++;
            const done = statement.run(...params);
            return { changes: done.changes, id: Number(done.lastInsertRowid) };
          }),
      };
    },
    execute(text) {
      changes++;
      attempt(() => database.exec(text));
    },
    transaction<T>(work: () => T): T {
      if (database.inTransaction) return inner(work);
      afterwards.clear();
      broken = null;
      const whole = (): T => {
        const result = work();
        if (broken !== null) throw broken.error;
        return result;
      };
      let result: T;
      try {
        result = attempt(() => database.transaction(whole).immediate());
      } finally {
        changes++;
      }
      for (const next of afterwards) next();
      return result;
    },
    afterCommit(work) {
      afterwards.add(work);
    },
  };
}
