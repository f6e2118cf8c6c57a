import { nameBytes } from '../../filesystem/index.ts';
import { integerIn, pathIn, type Row, textIn } from '../columns.ts';
import type { Sql } from '../sql.ts';

export type KnownPlace = { readonly id: number; readonly url: string; readonly vault: string };

export type Places = {
  /**
   * The same vault at the same place keeps its id. Another vault there is another place: what was confirmed of the one says
   * nothing of the other, so all that is known of the first goes.
   */
  add(url: string, vault: string): KnownPlace;
  /** All that is known of it goes too: its runs, failures and copies. */
  remove(id: number): void;
  list(): KnownPlace[];
};

export function createPlaces(sql: Sql): Places & { put(place: KnownPlace): void } {
  const find = sql.query<[Uint8Array], KnownPlace>('SELECT id, url, vault FROM places WHERE url = ?', placeIn);
  const add = sql.change<[Uint8Array, string]>('INSERT INTO places (url, vault) VALUES (?, ?)');
  const put = sql.change<[number, Uint8Array, string]>('INSERT INTO places (id, url, vault) VALUES (?, ?, ?)');
  const remove = sql.change<[number]>('DELETE FROM places WHERE id = ?');
  const list = sql.query<[], KnownPlace>('SELECT id, url, vault FROM places ORDER BY id', placeIn);
  return {
    add(url, vault) {
      const known = find.get(nameBytes(url));
      if (known?.vault === vault) return known;
      if (known !== null) remove.run(known.id);
      return { id: add.run(nameBytes(url), vault).id, url, vault };
    },
    put: ({ id, url, vault }) => void put.run(id, nameBytes(url), vault),
    remove: (id) => void remove.run(id),
    list: () => list.all(),
  };
}

function placeIn(row: Row): KnownPlace {
  return { id: integerIn(row, 'id'), url: pathIn(row, 'url'), vault: textIn(row, 'vault') };
}
