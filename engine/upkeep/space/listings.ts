import { chunkIdBytes, isCofferError, toHex } from '../../base/index.ts';
import type { TreeEntry } from '../../format/index.ts';
import { isUnreadable, openTree, type VaultIndex } from '../../repository/index.ts';
import { type ChunkSizes, chunkSizes } from './chunk-sizes.ts';
import type { Group, Listing } from './measure.ts';

/** Filled while a vault is walked. */
export type Filling = Group & { readonly chunks: Set<number>; readonly listings: Set<number> };

export const emptyGroup = (): Filling => ({ chunks: new Set(), listings: new Set() });

/** What is kept of an entry: a view into its listing would keep all of that in memory. */
export type Content = { readonly kind: TreeEntry['kind']; readonly content: Uint8Array | null };

export function contentOf(entry: TreeEntry): Content {
  const holds = entry.kind === 'file' || entry.kind === 'folder';
  return { kind: entry.kind, content: holds ? (entry.content?.slice() ?? null) : null };
}

/** The listings of a vault, each read once however often it stands in snapshots. Only numbers of chunks are kept. */
export type ListingReader = {
  readonly sizes: ChunkSizes;
  readonly listings: readonly Listing[];
  /** Puts an entry into a group, and reads what is below it unless it is known. */
  take(entry: Content, into: Filling): Promise<void>;
  /** The listing of a folder without what is below: its own chunks go to a group. */
  open(tree: Uint8Array, into: Filling): Promise<readonly TreeEntry[]>;
  /** Listings that cannot be read, and chunks that no pack has: the figures lack them. */
  readonly lost: number;
};

export type ListingOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (listings: number) => void;
};

export function createListingReader(index: VaultIndex, { signal, onProgress }: ListingOptions): ListingReader {
  const sizes = chunkSizes([...index.packs.values()]);
  const listings: Listing[] = [];
  const numbers = new Map<string, number>();
  const waiting: { readonly number: number; readonly tree: Uint8Array }[] = [];
  let lost = 0;

  const takeChunks = (ids: Uint8Array, into: (chunk: number) => void): void => {
    for (let at = 0; at < ids.length; at += chunkIdBytes) {
      const chunk = sizes.numberOf(ids, at);
      if (chunk < 0) lost++;
      else into(chunk);
    }
  };
  const numberOf = (tree: Uint8Array): number => {
    const key = toHex(tree);
    let number = numbers.get(key);
    if (number === undefined) {
      number = listings.push(nothing) - 1;
      numbers.set(key, number);
      waiting.push({ number, tree: tree.slice() });
    }
    return number;
  };
  const eachEntry = async (tree: Uint8Array, visit: (entry: TreeEntry) => void): Promise<void> => {
    signal?.throwIfAborted();
    try {
      for (const entry of (await openTree(index, tree, 'a folder')).entries) visit(entry);
    } catch (error) {
      if (!isUnreadable(error) && !isCofferError(error, 'chunk.missing')) throw error;
      lost++;
    }
  };
  const readWaiting = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const chunks: number[] = [];
      const folders: number[] = [];
      takeChunks(next.tree, (chunk) => chunks.push(chunk));
      await eachEntry(next.tree, (entry) => {
        if (entry.kind === 'folder' && entry.content !== null) folders.push(numberOf(entry.content));
        if (entry.kind === 'file' && entry.content !== null) takeChunks(entry.content, (chunk) => chunks.push(chunk));
      });
      listings[next.number] = { chunks: Uint32Array.from(chunks), folders: Uint32Array.from(folders) };
      onProgress?.(listings.length - waiting.length);
    }
  };
  return {
    sizes,
    listings,
    get lost() {
      return lost;
    },
    async take({ kind, content }, into) {
      if (kind === 'file' && content !== null) takeChunks(content, (chunk) => into.chunks.add(chunk));
      if (kind !== 'folder' || content === null) return;
      into.listings.add(numberOf(content));
      await readWaiting();
    },
    async open(tree, into) {
      takeChunks(tree, (chunk) => into.chunks.add(chunk));
      const entries: TreeEntry[] = [];
      await eachEntry(tree, (entry) => entries.push(entry));
      return entries;
    },
  };
}

const nothing: Listing = { chunks: new Uint32Array(0), folders: new Uint32Array(0) };
