import { toHex } from '../../base/index.ts';
import type { FileFailure } from '../../contract/index.ts';
import { nameBytes } from '../../filesystem/index.ts';
import { bytesIn, integerIn, pathIn, textIn } from '../columns.ts';
import type { Sql } from '../sql.ts';

export type Failures = {
  /** What failed in the newest run to a place; what failed before already keeps since when. */
  replace(place: number, failures: readonly { readonly path: string; readonly code: string }[], nowMs: number): void;
  /** By path. */
  list(): FileFailure[];
};

export function createFailures(sql: Sql): Failures {
  const known = sql.query<[number], [string, number]>('SELECT path, since_ms FROM failures WHERE place = ?', (row) => [
    toHex(bytesIn(row, 'path')),
    integerIn(row, 'since_ms'),
  ]);
  const removeAll = sql.change<[number]>('DELETE FROM failures WHERE place = ?');
  const put = sql.change<[number, Uint8Array, string, number]>(
    'INSERT OR REPLACE INTO failures (place, path, code, since_ms) VALUES (?, ?, ?, ?)',
  );
  const list = sql.query<[], FileFailure>(
    'SELECT place, path, code, since_ms FROM failures ORDER BY path, place',
    (row) => ({
      path: pathIn(row, 'path'),
      code: textIn(row, 'code'),
      sinceMs: integerIn(row, 'since_ms'),
      place: integerIn(row, 'place'),
    }),
  );
  return {
    replace: (place, failures, nowMs) =>
      sql.transaction(() => {
        const since = new Map(known.all(place));
        removeAll.run(place);
        for (const { path, code } of failures) {
          const bytes = nameBytes(path);
          put.run(place, bytes, code, since.get(toHex(bytes)) ?? Math.round(nowMs));
        }
      }),
    list: () => list.all(),
  };
}
