import { limits } from '../../base/index.ts';
import type { Activity, ActivityKind } from '../../contract/index.ts';
import { integerIn, jsonIn, type Row, textIn } from '../columns.ts';
import type { Sql } from '../sql.ts';
import { contextFrom } from '../values.ts';

export type ActivityLog = {
  add(entry: Omit<Activity, 'id'>): Activity;
  /** The newest first. */
  list(asked: { readonly most: number; readonly problemsOnly: boolean }): Activity[];
};

/** Old entries are forgotten so many at a time: one by one would cost a write for each. */
const forgetEvery = 100;

export function createActivity(sql: Sql): ActivityLog {
  const add = sql.change<[number, string, number, string]>(
    'INSERT INTO activity (at_ms, kind, problem, context) VALUES (?, ?, ?, ?)',
  );
  const forget = sql.change<[number, number]>(
    `DELETE FROM activity WHERE id <= ? AND
       (problem = 0 OR id <= (SELECT id FROM activity WHERE problem = 1 ORDER BY id DESC LIMIT 1 OFFSET ?))`,
  );
  const columns = 'id, at_ms, kind, problem, context';
  const all = sql.query<[number], Activity>(`SELECT ${columns} FROM activity ORDER BY id DESC LIMIT ?`, activityIn);
  const problems = sql.query<[number], Activity>(
    `SELECT ${columns} FROM activity WHERE problem = 1 ORDER BY id DESC LIMIT ?`,
    activityIn,
  );
  return {
    add: (entry) =>
      sql.transaction(() => {
        const atMs = Math.round(entry.atMs);
        const { id } = add.run(atMs, entry.kind, entry.isProblem ? 1 : 0, JSON.stringify(entry.context));
        if (id % forgetEvery === 0) forget.run(id - limits.activityKept, limits.problemsKept);
        return { ...entry, atMs, id };
      }),
    list: ({ most, problemsOnly }) => (problemsOnly ? problems : all).all(most),
  };
}

function activityIn(row: Row): Activity {
  return {
    id: integerIn(row, 'id'),
    atMs: integerIn(row, 'at_ms'),
    // A kind that this version does not know is one of a newer version: faces show it as it is.
    kind: textIn(row, 'kind') as ActivityKind,
    isProblem: integerIn(row, 'problem') === 1,
    context: contextFrom(jsonIn(row, 'context')),
  };
}
