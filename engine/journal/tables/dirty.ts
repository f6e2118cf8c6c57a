import { limits } from '../../base/index.ts';
import { decodePath, nameBytes } from '../../filesystem/index.ts';
import { bytesIn, integerIn, type Row } from '../columns.ts';
import type { Sql } from '../sql.ts';

/** What was known to be changed and not yet saved, since when. Others may be changed too: nobody watched in between. */
export type Changed = { readonly paths: readonly string[] | 'all'; readonly sinceMs: number };

export type Dirty = {
  read(source: number): Changed | null;
  /** In place of what was known; too many paths become all of them. */
  write(source: number, changed: Changed): void;
  clear(source: number): void;
};

export function createDirty(sql: Sql): Dirty {
  const read = sql.query<[number], Changed>('SELECT since_ms, paths FROM dirty WHERE source = ?', changedIn);
  const write = sql.change<[number, number, Uint8Array | null]>(
    'INSERT OR REPLACE INTO dirty (source, since_ms, paths) VALUES (?, ?, ?)',
  );
  const clear = sql.change<[number]>('DELETE FROM dirty WHERE source = ?');
  return {
    read: (source) => read.get(source),
    write(source, { paths, sinceMs }) {
      const all = paths === 'all' || paths.length > limits.dirtyPaths;
      write.run(source, Math.round(sinceMs), all ? null : nameBytes(paths.map((path) => `${path}\0`).join('')));
    },
    clear: (source) => void clear.run(source),
  };
}

function changedIn(row: Row): Changed {
  const sinceMs = integerIn(row, 'since_ms');
  if (row.paths === null) return { paths: 'all', sinceMs };
  return { paths: decodePath(bytesIn(row, 'paths')).split('\0').slice(0, -1), sinceMs };
}
