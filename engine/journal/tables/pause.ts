import type { Pause } from '../../contract/index.ts';
import { jsonIn } from '../columns.ts';
import type { Sql } from '../sql.ts';
import { pauseFrom } from '../values.ts';

export type PauseTable = {
  read(): Pause | null;
  /** Null goes on. */
  write(pause: Pause | null): void;
};

export function createPause(sql: Sql): PauseTable {
  const read = sql.query<[], Pause>('SELECT value FROM pause', (row) => pauseFrom(jsonIn(row, 'value')));
  const write = sql.change<[string]>('INSERT OR REPLACE INTO pause (id, value) VALUES (1, ?)');
  const remove = sql.change<[]>('DELETE FROM pause');
  return {
    read: () => read.get(),
    write: (pause) => void (pause === null ? remove.run() : write.run(JSON.stringify(pause))),
  };
}
