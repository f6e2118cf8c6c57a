import { type FolderCache, type Rows, rowOf, rowsBelow } from './folder-cache.ts';
import type { LeftOutPath } from './listing.ts';

/** Of paths that are left out so many stay known for sources that a run is not about. */
const leftOutOfOthers = 4000;

/**
 * Folders of other sources stay known: the next run may be about them. Folders above a source do not: their trees name what
 * the source was before, and an equal listing would pass that off as the present.
 */
export function otherRows(cache: FolderCache, sources: readonly string[]): Rows[] {
  const covered: Rows[] = [];
  for (const source of sources) {
    covered.push(rowsBelow(cache, source));
    for (let path = source; path !== '/'; ) {
      path = path.slice(0, path.lastIndexOf('/')) || '/';
      const row = rowOf(cache, path);
      if (row >= 0) covered.push({ from: row, to: row + 1 });
    }
  }
  covered.sort((left, right) => left.from - right.from);
  const others: Rows[] = [];
  let from = 0;
  for (const rows of [...covered, { from: cache.keys.length, to: cache.keys.length }]) {
    if (rows.from > from) others.push({ from, to: rows.from });
    from = Math.max(from, rows.to);
  }
  return others;
}

/** Paths that were left out of these folders, and not of those. */
export function keptLeftOut(cache: FolderCache, of: readonly Rows[], notOf: readonly Rows[]): LeftOutPath[] {
  if (cache.leftOut.length === 0) return [];
  const isIn = new Uint8Array(cache.keys.length);
  for (const { from, to } of of) isIn.fill(1, from, to);
  for (const { from, to } of notOf) isIn.fill(0, from, to);
  return cache.leftOut
    .filter(({ path }) => isIn[rowOf(cache, path.slice(0, path.lastIndexOf('/')) || '/')] === 1)
    .slice(0, leftOutOfOthers);
}
