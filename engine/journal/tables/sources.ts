import type { Source, SourceRules } from '../../contract/index.ts';
import { nameBytes } from '../../filesystem/index.ts';
import { integerIn, jsonIn, pathIn, type Row } from '../columns.ts';
import type { Sql } from '../sql.ts';
import { rulesFrom } from '../values.ts';

export type Sources = {
  /** A path that is there already keeps its id and takes the new rules. */
  add(path: string, rules: SourceRules): Source;
  remove(id: number): void;
  list(): Source[];
};

export function createSources(sql: Sql): Sources & { put(source: Source): void } {
  const add = sql.query<[Uint8Array, string], Source>(
    `INSERT INTO sources (path, rules) VALUES (?, ?)
     ON CONFLICT (path) DO UPDATE SET rules = excluded.rules RETURNING id, path, rules`,
    sourceIn,
  );
  const put = sql.change<[number, Uint8Array, string]>('INSERT INTO sources (id, path, rules) VALUES (?, ?, ?)');
  const remove = sql.change<[number]>('DELETE FROM sources WHERE id = ?');
  const list = sql.query<[], Source>('SELECT id, path, rules FROM sources ORDER BY id', sourceIn);
  return {
    add(path, rules) {
      const [source = { id: 0, path, rules }] = add.all(nameBytes(path), JSON.stringify(rules));
      return source;
    },
    put: ({ id, path, rules }) => void put.run(id, nameBytes(path), JSON.stringify(rules)),
    remove: (id) => void remove.run(id),
    list: () => list.all(),
  };
}

function sourceIn(row: Row): Source {
  return { id: integerIn(row, 'id'), path: pathIn(row, 'path'), rules: rulesFrom(jsonIn(row, 'rules')) };
}
