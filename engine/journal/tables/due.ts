import { integerIn } from '../columns.ts';
import type { Sql } from '../sql.ts';

/** When a scheduled slot was last dealt with, so that it is caught up once and never done twice. */
export type Due = {
  last(name: string): number | null;
  note(name: string, atMs: number): void;
};

export function createDue(sql: Sql): Due {
  const last = sql.kept<string, number>('SELECT at_ms FROM due WHERE name = ?', (row) => integerIn(row, 'at_ms'));
  const note = sql.change<[string, number]>('INSERT OR REPLACE INTO due (name, at_ms) VALUES (?, ?)');
  return {
    last,
    note: (name, atMs) => void note.run(name, Math.round(atMs)),
  };
}
