import { assert, type PackId } from '../../base/index.ts';
import type { FileStat } from '../../filesystem/index.ts';
import { idAt, type VaultIndex } from '../../repository/index.ts';
import { createCacheWriter } from './cache-writer.ts';
import {
  type CachedFolder,
  countsOf,
  type FolderCache,
  type FolderCounts,
  type FolderFacts,
  type FolderResult,
  folderAt,
  hasDigest,
  isSameFolder,
  packPositions,
  type Rows,
  rowOf,
  rowsBelow,
  rowsByInode,
  untrusted,
} from './folder-cache.ts';
import { countIds, type LeftOutPath } from './listing.ts';
import type { KnownFolders } from './look.ts';
import { folderCounts } from './nodes.ts';
import { keptLeftOut, otherRows } from './other-rows.ts';
import type { FolderNode, Previous } from './tasks.ts';

/** Everything at and below a folder, as the cache has it. */
export type TakenFolder = { readonly result: FolderResult; readonly counts: FolderCounts };

/**
 * Remembers for every finished folder which chunks are its own, until all packs are durable; then it knows the packs the
 * snapshot needs and writes the next folder cache.
 */
export type Ledger = KnownFolders & {
  /** What it knows is of a snapshot; else it is of the pass before. */
  readonly isPublished: boolean;
  /** What is known of a folder before this pass, if all its packs are still there. */
  cached(path: string): CachedFolder | null;
  /**
   * What its entries are to be compared with where some of its packs are gone: most of them may still be whole. First as the
   * last pass left it, whose trees may be lost with a pack that failed; then as the last snapshot has it.
   */
  before(path: string): Previous[];
  /**
   * What a folder is to be compared with that came here under another name, by its inode; moving it leaves the files below it
   * as they are. Where the path is known too, its listing must be the very one: inodes of some drives change with each mount.
   */
  movedFrom(path: string, stat: FileStat, digest: Uint8Array): Previous | null;
  /** A folder that is not looked at: what is known of it and of everything below it stays so. */
  take(path: string): TakenFolder;
  /** The same for a source that is not there, if what is known of it is this tree, with all its packs. */
  takeAbsent(path: string, tree: Uint8Array): TakenFolder | null;
  folderDone(node: FolderNode, result: FolderResult, ids: readonly Uint8Array[]): void;
  /** Chunks that stand in no folder: of a source that is one file. */
  addIds(ids: Uint8Array): void;
  /** Packs of what is in no cache. */
  addPacks(packs: Iterable<number>): void;
  /** Paths that were left out of what was taken, as far as they are known. */
  leftOutBefore(): LeftOutPath[];
  /** The state for another pass, after packs failed: what this pass stored counts as cached where it is whole. */
  nextPass(leftOut: readonly LeftOutPath[]): Ledger;
  /** After all packs are durable. */
  finish(leftOut: readonly LeftOutPath[]): { readonly cache: FolderCache; readonly needed: ReadonlySet<PackId> };
};

type Done = CachedFolder &
  FolderFacts & {
    readonly path: string;
    /** Chunks of its own, or the packs the cache says. */
    readonly refs: Float64Array | null;
    readonly packs: readonly number[];
  };

export type LedgerOf = {
  /** Of this run: see `Previous`. */
  readonly racyFromMs: number;
  /** The cache is that of an older snapshot than the last one from here. */
  readonly isCacheOld: boolean;
  /** Sources that are there, in their order. */
  readonly sources: readonly { readonly path: string; readonly origin: string }[];
};

export function createLedger(
  index: VaultIndex,
  cache: FolderCache,
  run: LedgerOf,
  /** The cache of the last snapshot. */
  published: FolderCache = cache,
): Ledger {
  // The cache's pack positions as numbers of this run; -1 where the vault has that pack no more.
  const numbers = cache.packs.map((pack) => index.numberOf(pack as PackId) ?? -1); // compared only, never parsed
  const lacksPacks = numbers.includes(-1);
  const done: Done[] = [];
  const loose: Float64Array[] = [];
  const added = new Set<number>();
  const taken: Rows[] = [];
  /** Rows of sources that are not there; they stay in the cache as those of other sources do. */
  const absent: Rows[] = [];
  /** Made when the first folder is seen that is new. */
  let byInode: ReadonlyMap<number, number> | null = null;

  const refsOf = (ids: readonly Uint8Array[]): Float64Array => {
    const refs: number[] = [];
    for (const run of ids) {
      for (let chunk = 0; chunk < countIds(run); chunk++) refs.push(index.table.find(idAt(run, chunk)));
    }
    return Float64Array.from(refs);
  };
  const packsOf = (refs: Float64Array): number[] => {
    const packs = new Set<number>();
    for (const ref of refs) packs.add(ref < 0 ? -1 : index.table.packOf(ref));
    return [...packs];
  };
  const numbersOf = (rows: Rows): number[] => Array.from(packPositions(cache, rows), (at) => numbers[at] ?? -1);
  const isThere = (rows: Rows): boolean =>
    !lacksPacks || packPositions(cache, rows).every((position) => (numbers[position] ?? -1) >= 0);
  const oneRow = (row: number): Rows => ({ from: row, to: row + 1 });
  const asTaken = (rows: Rows): TakenFolder => {
    const { tree, bytes, below } = folderAt(cache, rows.from);
    return { result: { tree, same: true, whole: true, failed: null, bytes, below }, counts: countsOf(cache, rows) };
  };
  const collect = (leftOut: readonly LeftOutPath[], need: (pack: number) => void): FolderCache => {
    const writer = createCacheWriter(cache);
    // Rows of an older snapshot must not pass for those of the one that is published now.
    const paths = run.sources.map(({ path }) => path);
    const others = run.isCacheOld ? [] : otherRows(cache, paths);
    for (const rows of [...others, ...taken]) writer.keep(rows);
    for (const folder of done) {
      const own = folder.refs === null ? folder.packs : packsOf(folder.refs);
      for (const pack of own) need(pack);
      writer.add({ ...folder, packs: own.map((pack) => index.packs.get(pack)?.id ?? 'gone') });
    }
    return writer.finish([...leftOut, ...keptLeftOut(cache, others, absent)]);
  };
  const facts = (node: FolderNode): FolderFacts => {
    const origin = run.sources[node.source]?.origin;
    assert(origin !== undefined, 'a known source');
    return { origin, stat: node.stat, counts: folderCounts(node) };
  };
  return {
    cache,
    isPublished: cache === published,
    isSound: (row) => hasDigest(cache, row) && isThere(oneRow(row)),
    cached(path) {
      const row = rowOf(cache, path);
      return row >= 0 && isThere(oneRow(row)) ? folderAt(cache, row) : null;
    },
    before(path) {
      const tables = cache === published ? [cache] : [cache, published];
      return tables.flatMap((table) => {
        const row = rowOf(table, path);
        return row < 0 ? [] : [folderAt(table, row)];
      });
    },
    movedFrom(path, stat, digest) {
      const here = rowOf(published, path);
      if (here >= 0 && isSameFolder(published, here, stat)) return null;
      byInode ??= rowsByInode(published);
      const row = byInode.get(stat.inode) ?? -1;
      if (row < 0 || !isSameFolder(published, row, stat)) return null;
      const moved = folderAt(published, row);
      if (Buffer.compare(moved.digest, digest) === 0) return moved;
      return here < 0 ? { ...moved, isElsewhere: true } : null;
    },
    take(path) {
      const rows = rowsBelow(cache, path);
      taken.push(rows);
      return asTaken(rows);
    },
    takeAbsent(path, tree) {
      const row = rowOf(cache, path);
      if (row < 0 || Buffer.compare(folderAt(cache, row).tree, tree) !== 0) return null;
      const rows = rowsBelow(cache, path);
      if (!isThere(rows)) return null;
      absent.push(rows);
      return asTaken(rows);
    },
    folderDone(node, result, ids) {
      if (result.tree === null) {
        if (ids.length > 0) loose.push(refsOf(ids));
        return;
      }
      const { tree, bytes, below, same } = result;
      const row = same ? rowOf(cache, node.path) : -1;
      const known = row < 0 ? null : folderAt(cache, row);
      const trusted = result.whole && !node.racy;
      done.push({
        path: node.path,
        digest: known?.digest ?? (trusted ? (node.listing?.digest ?? untrusted) : untrusted),
        tree,
        racyFromMs: known?.racyFromMs ?? run.racyFromMs,
        bytes,
        below,
        refs: known === null ? refsOf(ids) : null,
        packs: known === null ? [] : numbersOf(oneRow(row)),
        ...facts(node),
      });
    },
    addIds: (ids) => void loose.push(refsOf([ids])),
    addPacks(packs) {
      for (const pack of packs) added.add(pack);
    },
    leftOutBefore: () => keptLeftOut(cache, [...taken, ...absent], []),
    nextPass: (leftOut) =>
      createLedger(
        index,
        collect(leftOut, () => {}),
        run,
        published,
      ),
    finish(leftOut) {
      const needed = new Set<PackId>();
      const need = (pack: number): void => {
        const id = index.packs.get(pack)?.id;
        assert(id !== undefined, 'every chunk of the snapshot is in a durable pack');
        needed.add(id);
      };
      const next = collect(leftOut, need);
      for (const refs of loose) for (const pack of packsOf(refs)) need(pack);
      for (const pack of [...added, ...[...taken, ...absent].flatMap((rows) => [...new Set(numbersOf(rows))])])
        need(pack);
      return { cache: next, needed };
    },
  };
}
