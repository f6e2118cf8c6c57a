import { CofferError, msOfTime, toHex } from '../../base/index.ts';
import {
  isBelow,
  joinPath,
  nameBytes,
  nameFromBytes,
  namesBelow,
  withoutTrailingSlash,
} from '../../filesystem/index.ts';
import type { StoredSnapshot } from '../../repository/index.ts';
import { ageAt } from './ages.ts';
import { type Content, contentOf, emptyGroup, type Filling, type ListingReader } from './listings.ts';

export type SpaceBy = 'source' | 'folder' | 'age';

export type Division = {
  readonly by: SpaceBy;
  /** Absolute: only what is there or below, in all snapshots. */
  readonly path?: string;
  readonly nowMs: number;
};

/** One line of an answer: a source of a computer, a folder, or the snapshots of an age. */
export type Part = {
  /** Its path, or its age. */
  readonly name: string;
  /** Of a source: the computer it is on. */
  readonly host: string | null;
  /** Of the folder `name` the files directly in it, and its own listing. */
  readonly direct: boolean;
  /** In how many it stands. */
  readonly snapshots: number;
  readonly group: Filling;
};

export type Parts = {
  readonly parts: readonly Part[];
  readonly elsewhere: Filling;
  /** Snapshots that have any of it. */
  readonly snapshots: number;
  /** Different contents of a file that was asked for; null where a folder was, or everything. */
  readonly versions: number | null;
};

type Place = { readonly path: string; readonly source: string; readonly at: Content; readonly stored: StoredSnapshot };
type Row = Pick<Part, 'name' | 'host' | 'direct'>;

/** Divides all that snapshots hold into parts, and what is not asked for. Every entry of every snapshot is in one of them. */
export async function divide(
  reader: ListingReader,
  snapshots: readonly StoredSnapshot[],
  { by, path: typed, nowMs }: Division,
): Promise<Parts> {
  const path = typed === undefined ? null : withoutTrailingSlash(typed);
  const elsewhere = emptyGroup();
  const way = createWay(reader, elsewhere);
  const rows = createRows();
  const split = createSplit(reader, rows);
  const contents = new Set<string>();
  let isFolder = false;
  let having = 0;

  const put = async (place: Place): Promise<void> => {
    const { name, host } = { name: place.source, host: place.stored.snapshot.host };
    const whole = (row: Row): Promise<void> => reader.take(place.at, rows.at(row));
    if (by === 'source') await whole({ name, host, direct: false });
    else if (by === 'age')
      await whole({ name: ageAt(nowMs, msOfTime(place.stored.snapshot.finished)), host: null, direct: false });
    else if (path !== null && place.path !== path) await whole({ name: place.path, host: null, direct: false });
    else await split(place);
    isFolder ||= place.path !== path || place.at.kind === 'folder';
    contents.add(place.at.content === null ? '' : toHex(place.at.content));
  };
  for (const stored of snapshots) {
    for (const source of stored.snapshot.sources) {
      const place = { path: nameFromBytes(source.path), source: nameFromBytes(source.path), at: source.entry, stored };
      const at = contentOf(source.entry);
      if (path === null || path === place.path || isBelow(place.path, path)) await put({ ...place, at });
      else if (!isBelow(path, place.path)) await reader.take(at, elsewhere);
      else {
        const found = await way(at, namesBelow(path, place.path));
        if (found !== null) await put({ ...place, path, at: found });
      }
    }
    if (rows.endSnapshot()) having++;
  }
  if (path !== null && having === 0) throw new CofferError('path.inNoSnapshot', { path });
  return { parts: rows.all(), elsewhere, snapshots: having, versions: isFolder ? null : contents.size };
}

type Rows = {
  /** The group of a row, which the snapshot under way has too. */
  at(row: Row): Filling;
  /** False where it had nothing of what was asked for. */
  endSnapshot(): boolean;
  all(): Part[];
};

function createRows(): Rows {
  const known = new Map<string, Row & { snapshots: number; readonly group: Filling }>();
  const met = new Set<string>();
  return {
    at: (row) => {
      const key = JSON.stringify([row.name, row.host, row.direct]);
      met.add(key);
      const part = known.get(key) ?? { ...row, snapshots: 0, group: emptyGroup() };
      known.set(key, part);
      return part.group;
    },
    endSnapshot: () => {
      const any = met.size > 0;
      for (const key of met) {
        const part = known.get(key);
        if (part !== undefined) part.snapshots++;
      }
      met.clear();
      return any;
    },
    all: () => [...known.values()],
  };
}

/** Follows names down from a source; all that lies beside the way is elsewhere. */
function createWay(reader: ListingReader, elsewhere: Filling) {
  const steps = new Map<string, Content | null>();
  const step = async (tree: Uint8Array, name: string): Promise<Content | null> => {
    const key = `${toHex(tree)}/${name}`;
    const known = steps.get(key);
    if (known !== undefined) return known;
    const wanted = nameBytes(name);
    let found: Content | null = null;
    for (const entry of await reader.open(tree, elsewhere)) {
      if (Buffer.compare(entry.name, wanted) === 0) found = contentOf(entry);
      else await reader.take(contentOf(entry), elsewhere);
    }
    steps.set(key, found);
    return found;
  };
  return async (start: Content, names: readonly string[]): Promise<Content | null> => {
    let at: Content | null = start;
    for (const name of names) {
      if (at.kind !== 'folder' || at.content === null) {
        await reader.take(at, elsewhere);
        return null;
      }
      at = await step(at.content, name);
      if (at === null) return null;
    }
    return at;
  };
}

/** A row for each folder in a folder, and one for the files directly in it. */
function createSplit(reader: ListingReader, rows: Rows): (place: Place) => Promise<void> {
  /** The rows of a listing that was split before: most snapshots have the same ones. */
  const known = new Map<string, readonly Row[]>();
  return async ({ path, at }) => {
    const own: Row = { name: path, host: null, direct: at.kind === 'folder' };
    const group = rows.at(own);
    if (at.kind !== 'folder' || at.content === null) return await reader.take(at, group);
    const key = `${toHex(at.content)}/${path}`;
    const before = known.get(key);
    if (before !== undefined) {
      for (const row of before) rows.at(row);
      return;
    }
    const folders: Row[] = [];
    for (const entry of await reader.open(at.content, group)) {
      const row: Row = { name: joinPath(path, nameFromBytes(entry.name)), host: null, direct: false };
      if (entry.kind === 'folder') folders.push(row);
      await reader.take(contentOf(entry), entry.kind === 'folder' ? rows.at(row) : group);
    }
    known.set(key, folders);
  };
}
