import { concatBytes } from '../../base/index.ts';
import {
  type CachedFolder,
  cacheVersion,
  digestBytes,
  type FolderCache,
  type FolderFacts,
  figureWidth,
  keyOfFolder,
  type Lists,
  type Rows,
  startOf,
  writeFigures,
} from './folder-cache.ts';
import type { LeftOutPath } from './listing.ts';

/** A folder that this run has seen; packs by their ids. */
export type NewFolder = CachedFolder & FolderFacts & { readonly path: string; readonly packs: readonly string[] };

type Part = { readonly key: string; readonly rows: number; readonly write: (at: number) => void };

/**
 * Makes the next table out of rows of the last one and of new ones, which come in any order. Ranges that are kept must not
 * have a new row among them.
 */
export function createCacheWriter(before: FolderCache) {
  const parts: Part[] = [];
  const packs = createNames();
  const origins = createNames();
  const reasons = createNames();
  const trees: Uint8Array[] = [];
  const packsOf: number[] = [];
  const excluded: number[] = [];
  let treeBytes = 0;
  let table: ReturnType<typeof emptyColumns> = emptyColumns(0);

  const copiedPacks = new Int32Array(before.packs.length).fill(-1);
  const copyPack = (position: number): number => {
    let copied = copiedPacks[position] ?? -1;
    if (copied < 0) {
      copied = packs.position(before.packs[position] ?? 'gone');
      copiedPacks[position] = copied;
    }
    return copied;
  };
  /** Where lists of kept rows end now. */
  const moveEnds = (
    into: Uint32Array,
    { ends }: Lists<unknown>,
    { from, to }: Rows,
    at: number,
    shift: number,
  ): void => {
    for (let row = from; row < to; row++) into[at + row - from] = (ends[row] ?? 0) + shift;
  };
  const copyRows = (rows: Rows, at: number): void => {
    const { from, to } = rows;
    table.digests.set(before.digests.subarray(from * digestBytes, to * digestBytes), at * digestBytes);
    table.figures.set(before.figures.subarray(from * figureWidth, to * figureWidth), at * figureWidth);
    for (let row = from; row < to; row++) {
      table.keys[at + row - from] = before.keys[row] ?? '';
      const origin = before.figures[row * figureWidth + originFigure] ?? 0;
      table.figures[(at + row - from) * figureWidth + originFigure] = origins.position(before.origins[origin] ?? '');
    }
    const tree = startOf(before.trees, from);
    moveEnds(table.treeEnds, before.trees, rows, at, treeBytes - tree);
    trees.push(before.trees.values.subarray(tree, startOf(before.trees, to)));
    treeBytes += startOf(before.trees, to) - tree;
    moveEnds(table.packEnds, before.packsOf, rows, at, packsOf.length - startOf(before.packsOf, from));
    for (let pack = startOf(before.packsOf, from); pack < startOf(before.packsOf, to); pack++)
      packsOf.push(copyPack(before.packsOf.values[pack] ?? 0));
    moveEnds(table.excludedEnds, before.excluded, rows, at, excluded.length - startOf(before.excluded, from));
    for (let pair = startOf(before.excluded, from); pair < startOf(before.excluded, to); pair += 2) {
      const reason = before.reasons[before.excluded.values[pair] ?? -1] ?? '';
      excluded.push(reasons.position(reason), before.excluded.values[pair + 1] ?? 0);
    }
  };
  const writeRow = (folder: NewFolder, at: number): void => {
    table.keys[at] = keyOfFolder(folder.path);
    table.digests.set(folder.digest, at * digestBytes);
    writeFigures(table.figures, at, folder, folder, origins.position(folder.origin));
    trees.push(folder.tree);
    treeBytes += folder.tree.length;
    table.treeEnds[at] = treeBytes;
    for (const pack of folder.packs) packsOf.push(packs.position(pack));
    table.packEnds[at] = packsOf.length;
    for (const [reason, count] of folder.counts.excluded) excluded.push(reasons.position(reason), count);
    table.excludedEnds[at] = excluded.length;
  };
  return {
    keep(rows: Rows): void {
      if (rows.to === rows.from) return;
      parts.push({ key: before.keys[rows.from] ?? '', rows: rows.to - rows.from, write: (at) => copyRows(rows, at) });
    },
    add(folder: NewFolder): void {
      parts.push({ key: keyOfFolder(folder.path), rows: 1, write: (at) => writeRow(folder, at) });
    },
    finish(leftOut: readonly LeftOutPath[]): FolderCache {
      parts.sort((left, right) => (left.key < right.key ? -1 : 1));
      table = emptyColumns(parts.reduce((sum, part) => sum + part.rows, 0));
      let at = 0;
      for (const part of parts) {
        part.write(at);
        at += part.rows;
      }
      return {
        version: cacheVersion,
        snapshot: '',
        keys: table.keys,
        digests: table.digests,
        figures: table.figures,
        trees: { values: concatBytes(trees), ends: table.treeEnds },
        packsOf: { values: Uint32Array.from(packsOf), ends: table.packEnds },
        excluded: { values: Uint32Array.from(excluded), ends: table.excludedEnds },
        packs: packs.all,
        origins: origins.all,
        reasons: reasons.all,
        leftOut,
      };
    },
  };
}

/** Of the row's origin, in `figures`. */
const originFigure = 8;

const emptyColumns = (rows: number) => ({
  keys: new Array<string>(rows),
  digests: new Uint8Array(rows * digestBytes),
  figures: new Float64Array(rows * figureWidth),
  treeEnds: new Uint32Array(rows),
  packEnds: new Uint32Array(rows),
  excludedEnds: new Uint32Array(rows),
});

/** Each name once, with its position in the order of first mention. */
function createNames() {
  const all: string[] = [];
  const positions = new Map<string, number>();
  return {
    all,
    position(name: string): number {
      let position = positions.get(name);
      if (position === undefined) {
        position = all.length;
        positions.set(name, position);
        all.push(name);
      }
      return position;
    },
  };
}
