import { assert, type PackId } from '../../base/index.ts';
import { idAt, type VaultIndex } from '../../repository/index.ts';
import { type CachedFolder, emptyFolderCache, type FolderCache, type FolderResult } from './folder-cache.ts';
import { countIds } from './listing.ts';
import type { FolderNode } from './tasks.ts';

/**
 * Remembers for every finished folder which chunks are its own, until all packs are durable; then it knows the packs the
 * snapshot needs and writes the next folder cache.
 */
export type Ledger = {
  /** What is known of a folder before this pass, if all its packs are still there. */
  cached(path: string): CachedFolder | null;
  folderDone(node: FolderNode, result: FolderResult, ids: readonly Uint8Array[]): void;
  /** Chunks that stand in no folder: of a source that is one file. */
  addIds(ids: Uint8Array): void;
  /** The state for another pass, after packs failed: what this pass stored counts as cached where it is whole. */
  nextPass(): Ledger;
  /** After all packs are durable. */
  finish(): { readonly cache: FolderCache; readonly needed: ReadonlySet<PackId> };
};

type Done = {
  readonly path: string;
  readonly digest: Uint8Array;
  readonly tree: Uint8Array;
  readonly racyFromMs: number;
  readonly bytes: number;
  readonly below: number;
  /** Chunks of its own, or the packs the cache says. */
  readonly refs: Float64Array | null;
  readonly packs: readonly number[];
};

const untrusted = new Uint8Array(0);

/** `racyFromMs` is that of this run: see `Previous`. */
export function createLedger(index: VaultIndex, cache: FolderCache, racyFromMs: number): Ledger {
  // The cache's pack positions as numbers of this run; -1 where the vault has that pack no more.
  const numbers = cache.packs.map((pack) => index.numberOf(pack as PackId) ?? -1); // compared only, never parsed
  const done: Done[] = [];
  const loose: Float64Array[] = [];

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
  return {
    cached(path) {
      const folder = cache.folders.get(path);
      if (folder === undefined) return null;
      return folder.packs.every((position) => (numbers[position] ?? -1) >= 0) ? folder : null;
    },
    folderDone(node, result, ids) {
      if (result.tree === null) {
        if (ids.length > 0) loose.push(refsOf(ids));
        return;
      }
      const { tree, bytes, below, same } = result;
      const known = same ? cache.folders.get(node.path) : undefined;
      const trusted = result.whole && !node.racy;
      done.push({
        path: node.path,
        digest: known?.digest ?? (trusted ? (node.listing?.digest ?? untrusted) : untrusted),
        tree,
        racyFromMs: known?.racyFromMs ?? racyFromMs,
        bytes,
        below,
        refs: known === undefined ? refsOf(ids) : null,
        packs: known === undefined ? [] : [...known.packs].map((position) => numbers[position] ?? -1),
      });
    },
    addIds: (ids) => void loose.push(refsOf([ids])),
    nextPass() {
      const { cache: partial } = collect(index, done, packsOf, () => {});
      return createLedger(index, partial, racyFromMs);
    },
    finish() {
      const needed = new Set<PackId>();
      const need = (pack: number): void => {
        const id = index.packs.get(pack)?.id;
        assert(id !== undefined, 'every chunk of the snapshot is in a durable pack');
        needed.add(id);
      };
      const { cache: next } = collect(index, done, packsOf, need);
      for (const refs of loose) for (const pack of packsOf(refs)) need(pack);
      return { cache: next, needed };
    },
  };
}

function collect(
  index: VaultIndex,
  done: readonly Done[],
  packsOf: (refs: Float64Array) => number[],
  need: (pack: number) => void,
): { cache: FolderCache } {
  const positions = new Map<number, number>();
  const packs: string[] = [];
  const positionOf = (pack: number): number => {
    let position = positions.get(pack);
    if (position === undefined) {
      position = packs.length;
      positions.set(pack, position);
      packs.push(index.packs.get(pack)?.id ?? 'gone');
    }
    return position;
  };
  const folders = new Map<string, CachedFolder>();
  for (const { path, digest, tree, racyFromMs, bytes, below, refs, packs: known } of done) {
    const numbers = refs === null ? known : packsOf(refs);
    for (const pack of numbers) need(pack);
    folders.set(path, { digest, tree, racyFromMs, bytes, below, packs: Uint32Array.from(numbers, positionOf) });
  }
  return { cache: folders.size === 0 ? emptyFolderCache : { packs, folders } };
}
