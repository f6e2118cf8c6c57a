import { textIn } from '../columns.ts';
import type { Sql } from '../sql.ts';

/** What stood at the path of a source when it was last watched, in the watcher's own words. */
export type Roots = {
  read(source: number): string | null;
  write(source: number, mark: string): void;
};

export function createRoots(sql: Sql): Roots {
  const read = sql.query<[number], string>('SELECT mark FROM roots WHERE source = ?', (row) => textIn(row, 'mark'));
  const write = sql.change<[string, number]>(
    'INSERT OR REPLACE INTO roots (mark, source) SELECT ?, id FROM sources WHERE id = ?',
  );
  return {
    read: (source) => read.get(source),
    // The source may have been removed meanwhile.
    write: (source, mark) => void write.run(mark, source),
  };
}
