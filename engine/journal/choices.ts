import type { Pause, Settings, Source } from '../contract/index.ts';
import { integerIn } from './columns.ts';
import type { Sql } from './sql.ts';
import { createPause } from './tables/pause.ts';
import { createPlaces, type KnownPlace } from './tables/places.ts';
import { createSettings } from './tables/settings.ts';
import { createSources } from './tables/sources.ts';

/** What the person chose: the one thing in the journal that can be found nowhere else. */
export type Choices = {
  /** Counts openings and changes. */
  readonly revision: number;
  readonly sources: readonly Source[];
  readonly places: readonly KnownPlace[];
  /** Null while they are the defaults. */
  readonly settings: Settings | null;
  readonly pause: Pause | null;
  /** The highest ids that were ever given. */
  readonly lastSource: number;
  readonly lastPlace: number;
};

/** The tables that hold choices, together. */
export function createChoices(sql: Sql) {
  const sources = createSources(sql);
  const places = createPlaces(sql);
  const settings = createSettings(sql);
  const pause = createPause(sql);
  const lastId = sql.query<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?', (row) =>
    integerIn(row, 'seq'),
  );
  const forgetLastId = sql.change<[string]>('DELETE FROM sqlite_sequence WHERE name = ?');
  const setLastId = sql.change<[string, number]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
  const giveFrom = (table: string, id: number): void => {
    forgetLastId.run(table);
    setLastId.run(table, id);
  };
  return {
    sources,
    places,
    settings,
    pause,
    read: (revision: number): Choices => ({
      revision,
      sources: sources.list(),
      places: places.list(),
      settings: settings.written(),
      pause: pause.read(),
      lastSource: lastId.get('sources') ?? 0,
      lastPlace: lastId.get('places') ?? 0,
    }),
    /** Into tables that are empty. Ids stay, since other files may name them. */
    fill(choices: Choices): void {
      for (const source of choices.sources) sources.put(source);
      for (const place of choices.places) places.put(place);
      giveFrom('sources', choices.lastSource);
      giveFrom('places', choices.lastPlace);
      if (choices.settings !== null) settings.write(choices.settings);
      pause.write(choices.pause);
    },
  };
}
