import { limits } from '../../base/index.ts';
import { integerIn, pathIn, type Row, textIn } from '../columns.ts';
import { RowDamage } from '../faults.ts';
import type { Sql } from '../sql.ts';
import type { SpooledObject } from './packs.ts';

/** What is known of an object at a place; `parked` waits for a person or for better times. */
export const copyStates = ['queued', 'sent', 'confirmed', 'verified'] as const;
export type CopyState = (typeof copyStates)[number];

/** Small objects have a lane of their own, which big ones cannot block. */
export const lanes = ['small', 'big'] as const;
export type Lane = (typeof lanes)[number];

export type DueObject = SpooledObject & {
  /** The order of sealing. */
  readonly sequence: number;
  readonly attempts: number;
};

export type ParkedObject = { readonly key: string; readonly code: string; readonly attempts: number };
export type Waiting = { readonly objects: number; readonly bytes: number; readonly parked: number };

export type Copies = ReturnType<typeof createCopies>;

const stateNumber = (state: CopyState): number => copyStates.indexOf(state);

export function createCopies(sql: Sql) {
  const add = sql.change<[number, number, number, number, number]>(
    'INSERT INTO copies (pack, place, lane, rank, bytes) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const dueWhere = (when: string): string =>
    `SELECT key, kind, packs.bytes, spool, sealed_ms, packs.id, attempts FROM copies JOIN packs ON packs.id = copies.pack
     WHERE copies.state = 0 AND copies.place = ? AND copies.lane = ? AND ${when}
     ORDER BY copies.next_ms, copies.rank LIMIT ?`;
  const due = sql.query<[number, number, number, number], DueObject>(dueWhere('copies.next_ms <= ?'), dueIn);
  const setBack = sql.query<[number, number, number, number], DueObject>(dueWhere('copies.next_ms > ?'), dueIn);
  const state = sql.query<[number, number], CopyState>(
    'SELECT state FROM copies WHERE pack = ? AND place = ?',
    stateIn,
  );
  const setState = sql.change<[number, number, number]>(
    'UPDATE copies SET state = ?, error = NULL WHERE pack = ? AND place = ?',
  );
  const fail = sql.change<[number | null, string, number, number]>(
    'UPDATE copies SET state = 0, attempts = attempts + 1, next_ms = ?, error = ? WHERE pack = ? AND place = ?',
  );
  const requeue = sql.change<[]>(
    'UPDATE copies SET state = 0, next_ms = 0 WHERE state = 1 OR (state = 0 AND next_ms > 0)',
  );
  const unpark = sql.change<[number]>(
    'UPDATE copies SET next_ms = 0, attempts = 0 WHERE state = 0 AND place = ? AND next_ms IS NULL',
  );
  const parked = sql.query<[number], ParkedObject>(
    `SELECT key, error, attempts FROM copies JOIN packs ON packs.id = copies.pack
     WHERE copies.state = 0 AND copies.place = ? AND copies.next_ms IS NULL ORDER BY packs.id`,
    (row) => ({ key: textIn(row, 'key'), code: textIn(row, 'error'), attempts: integerIn(row, 'attempts') }),
  );
  const waiting = sql.query<[number], Waiting>(
    `SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes,
       count(*) FILTER (WHERE state = 0 AND next_ms IS NULL) AS parked
     FROM copies WHERE place = ? AND state < 2`,
    (row) => ({
      objects: integerIn(row, 'objects'),
      bytes: integerIn(row, 'bytes'),
      parked: integerIn(row, 'parked'),
    }),
  );
  return {
    add(pack: number, place: number, bytes: number): void {
      const small = bytes <= limits.quickObjectBytes;
      // The newest small ones first, so that what somebody works on now is safe soon; big ones in their order.
      add.run(pack, place, lanes.indexOf(small ? 'small' : 'big'), small ? -pack : pack, bytes);
    },
    due(place: number, nowMs: number, lane: Lane, most: number): DueObject[] {
      const number = lanes.indexOf(lane);
      const found = due.all(place, number, Math.round(nowMs), most);
      const room = most - found.length;
      return room === 0
        ? found
        : [...found, ...setBack.all(place, number, Math.round(nowMs) + limits.retryDelayMostMs, room)];
    },
    stateOf: (pack: number, place: number): CopyState | null => state.get(pack, place),
    mark: (pack: number, place: number, to: CopyState): void => void setState.run(stateNumber(to), pack, place),
    failed: (pack: number, place: number, next: { readonly atMs: number | null; readonly code: string }): void =>
      void fail.run(next.atMs === null ? null : Math.round(next.atMs), next.code, pack, place),
    requeue: (): void => void requeue.run(),
    unpark: (place: number): void => void unpark.run(place),
    parked: (place: number): ParkedObject[] => parked.all(place),
    waiting: (place: number): Waiting => waiting.get(place) ?? { objects: 0, bytes: 0, parked: 0 },
  };
}

function stateIn(row: Row): CopyState {
  const state = copyStates[integerIn(row, 'state')];
  if (state === undefined) throw new RowDamage('a copy of no known state');
  return state;
}

function dueIn(row: Row): DueObject {
  return {
    key: textIn(row, 'key'),
    kind: textIn(row, 'kind'),
    bytes: integerIn(row, 'bytes'),
    spool: pathIn(row, 'spool'),
    sealedMs: integerIn(row, 'sealed_ms'),
    sequence: integerIn(row, 'id'),
    attempts: integerIn(row, 'attempts'),
  };
}
