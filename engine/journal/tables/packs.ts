import { nameBytes } from '../../filesystem/index.ts';
import { integerIn, pathIn, textIn } from '../columns.ts';
import type { Sql } from '../sql.ts';

/** A sealed object that lies in the spool. */
export type SpooledObject = {
  /** Its name at a place. */
  readonly key: string;
  readonly kind: string;
  readonly bytes: number;
  /** Where it lies until every place has it. */
  readonly spool: string;
  readonly sealedMs: number;
};

export type Packs = {
  /** Its number, which is also the order of sealing; null when it is there already. */
  add(object: SpooledObject, waiting: number): number | null;
  /** Counts anew what waits, after copies were added to an object that was there. */
  recount(id: number): void;
  numberOf(key: string): number | null;
  settled(most: number): { readonly key: string; readonly spool: string }[];
  remove(key: string): void;
};

export function createPacks(sql: Sql): Packs {
  const numberOf = sql.query<[string], number>('SELECT id FROM packs WHERE key = ?', (row) => integerIn(row, 'id'));
  const add = sql.change<[string, string, number, Uint8Array, number, number]>(
    `INSERT INTO packs (key, kind, bytes, spool, sealed_ms, waiting) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO NOTHING`,
  );
  const recount = sql.change<[number]>(
    'UPDATE packs SET waiting = (SELECT count(*) FROM copies WHERE pack = packs.id AND state < 2) WHERE id = ?',
  );
  const settled = sql.query<[number], { key: string; spool: string }>(
    'SELECT key, spool FROM packs WHERE waiting = 0 ORDER BY id LIMIT ?',
    (row) => ({ key: textIn(row, 'key'), spool: pathIn(row, 'spool') }),
  );
  const remove = sql.change<[string]>('DELETE FROM packs WHERE key = ?');
  return {
    add({ key, kind, bytes, spool, sealedMs }, waiting) {
      const { changes, id } = add.run(key, kind, bytes, nameBytes(spool), Math.round(sealedMs), waiting);
      return changes === 1 ? id : null;
    },
    recount: (id) => void recount.run(id),
    numberOf: (key) => numberOf.get(key),
    settled: (most) => settled.all(most),
    remove: (key) => void remove.run(key),
  };
}
