import { limits } from '../../base/index.ts';
import type { Coverage, Reason } from '../../contract/index.ts';
import { integerIn, jsonIn, type Row } from '../columns.ts';
import { RowDamage } from '../faults.ts';
import type { Sql } from '../sql.ts';
import { contextFrom, coverageFrom, fieldsOf, numberAt, reasonFrom, stringAt } from '../values.ts';

export type RunDone = {
  readonly kind: 'done';
  readonly endedMs: number;
  readonly snapshot: string;
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly coverage: Coverage;
  readonly failed: number;
  readonly seconds: number;
};

export type RunOutcome =
  | RunDone
  | { readonly kind: 'failed'; readonly endedMs: number; readonly code: string; readonly context: Reason['context'] }
  | { readonly kind: 'stopped'; readonly endedMs: number };

export type Run = {
  readonly id: number;
  readonly place: number;
  readonly reason: Reason;
  readonly startedMs: number;
  /** Null while it runs, and for ever when the process died meanwhile. */
  readonly outcome: RunOutcome | null;
};

export type DoneRun = Run & { readonly outcome: RunDone };

export type Runs = {
  begin(run: { readonly place: number; readonly reason: Reason; readonly startedMs: number }): number;
  end(id: number, outcome: RunOutcome): void;
  /** The one begun last, whatever became of it. */
  latest(place: number): Run | null;
  latestDone(place: number): DoneRun | null;
  /** The same of those that left nothing for another run. */
  latestComplete(place: number): DoneRun | null;
  /** Begun and never ended. Asked before the first begins: what the last process left behind. */
  interrupted(): Run[];
  /** Of all places, the newest first. */
  list(most: number): Run[];
};

/** A run before there were bounded ones says nothing of what it deferred. */
const isComplete = `kind = 'done' AND coalesce(json_extract(outcome, '$.coverage.deferred'), 0) = 0`;
const columns = 'id, place, reason, started_ms, kind, outcome';

export function createRuns(sql: Sql): Runs {
  const begin = sql.change<[number, string, number]>('INSERT INTO runs (place, reason, started_ms) VALUES (?, ?, ?)');
  // The newest that is done stays whatever comes after it, and so does the newest that left nothing: they say what is protected.
  const forgetOld = sql.change<[number, number, number, number, number]>(
    `DELETE FROM runs WHERE place = ?
       AND id <= (SELECT id FROM runs WHERE place = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
       AND id IS NOT (SELECT max(id) FROM runs WHERE place = ? AND kind = 'done')
       AND id IS NOT (SELECT id FROM runs WHERE place = ? AND ${isComplete} ORDER BY id DESC LIMIT 1)`,
  );
  const end = sql.change<[string, string, number]>('UPDATE runs SET kind = ?, outcome = ? WHERE id = ?');
  const latest = sql.query<[number], Run>(
    `SELECT ${columns} FROM runs WHERE place = ? ORDER BY id DESC LIMIT 1`,
    runIn,
  );
  const latestDone = sql.kept<number, DoneRun>(
    `SELECT ${columns} FROM runs WHERE place = ? AND kind = 'done' ORDER BY id DESC LIMIT 1`,
    (row) => ({ ...runIn(row), outcome: doneFrom(jsonIn(row, 'outcome')) }),
  );
  const latestComplete = sql.kept<number, DoneRun>(
    `SELECT ${columns} FROM runs WHERE place = ? AND ${isComplete} ORDER BY id DESC LIMIT 1`,
    (row) => ({ ...runIn(row), outcome: doneFrom(jsonIn(row, 'outcome')) }),
  );
  const open = sql.query<[], Run>(`SELECT ${columns} FROM runs WHERE kind IS NULL ORDER BY id`, runIn);
  const list = sql.query<[number], Run>(`SELECT ${columns} FROM runs ORDER BY id DESC LIMIT ?`, runIn);
  return {
    begin: ({ place, reason, startedMs }) =>
      sql.transaction(() => {
        forgetOld.run(place, place, limits.runsKept - 1, place, place);
        return begin.run(place, JSON.stringify(reason), Math.round(startedMs)).id;
      }),
    end: (id, outcome) => void end.run(outcome.kind, JSON.stringify(outcome), id),
    latest: (place) => latest.get(place),
    latestDone,
    latestComplete,
    interrupted: () => open.all(),
    list: (most) => list.all(most),
  };
}

function runIn(row: Row): Run {
  return {
    id: integerIn(row, 'id'),
    place: integerIn(row, 'place'),
    reason: reasonFrom(jsonIn(row, 'reason')),
    startedMs: integerIn(row, 'started_ms'),
    outcome: row.kind === null ? null : outcomeFrom(jsonIn(row, 'outcome')),
  };
}

function outcomeFrom(value: unknown): RunOutcome {
  const fields = fieldsOf(value);
  const endedMs = numberAt(fields, 'endedMs');
  switch (fields.kind) {
    case 'done':
      return doneFrom(value);
    case 'failed':
      return { kind: 'failed', endedMs, code: stringAt(fields, 'code'), context: contextFrom(fields.context) };
    case 'stopped':
      return { kind: 'stopped', endedMs };
    default:
      throw new RowDamage('a run that ended in no known way');
  }
}

function doneFrom(value: unknown): RunDone {
  const fields = fieldsOf(value);
  if (fields.kind !== 'done') throw new RowDamage('a run that is done and is not');
  return {
    kind: 'done',
    endedMs: numberAt(fields, 'endedMs'),
    snapshot: stringAt(fields, 'snapshot'),
    files: numberAt(fields, 'files'),
    folders: numberAt(fields, 'folders'),
    bytes: numberAt(fields, 'bytes'),
    newBytes: numberAt(fields, 'newBytes'),
    storedBytes: numberAt(fields, 'storedBytes'),
    coverage: coverageFrom(fields.coverage),
    failed: numberAt(fields, 'failed'),
    seconds: numberAt(fields, 'seconds'),
  };
}
