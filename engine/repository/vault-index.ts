import { assert, CofferError, chunkIdBytes, type PackId, packId } from '../base/index.ts';
import { openObject } from '../crypto/index.ts';
import {
  decodeDirectory,
  decodeIndex,
  type IndexedPack,
  keyOfPack,
  keyPrefixes,
  type PackDirectory,
  type PackType,
} from '../format/index.ts';
import { type ChunkTable, createChunkTable } from './chunk-table.ts';
import { createLookup, forEachId } from './lookup.ts';
import { chunkIn, type PackKeys, readPackDirectory, readPiece } from './pack-reader.ts';
import type { SealedPack } from './pack-writer.ts';
import { isUnreadable, reasonOf } from './unreadable.ts';
import type { VaultCore } from './vault-core.ts';

export type KnownPack = {
  readonly id: PackId;
  readonly type: PackType;
  readonly length: number;
  /** Directory bytes as they stand in packs and indexes. */
  readonly encoded: Uint8Array;
  readonly directory: () => PackDirectory;
  /** Whether an index names it. */
  readonly indexed: boolean;
};
export type ChunkPlace = { readonly pack: number; readonly chunk: number };

/**
 * What the vault has, as its packs and indexes say now. Packs count only when the store lists them: an index that names a
 * pack which is gone is wrong about it, and a pack that no index names is as good as any other.
 */
export type VaultIndex = {
  /** Filled on first use: a run that finds nothing new never needs it. */
  readonly table: ChunkTable;
  readonly hasTable: boolean;
  /** The number of a pack that has this chunk, -1 where none has. */
  packOf(ids: Uint8Array, at: number): number;
  readonly packs: ReadonlyMap<number, KnownPack>;
  /** The next free pack number, shared with workers. */
  readonly packCounter: Int32Array;
  numberOf(pack: PackId): number | undefined;
  add(pack: SealedPack): void;
  place(id: Uint8Array): ChunkPlace | null;
  /** Every place of a chunk, for when the first is damaged. */
  places(id: Uint8Array): ChunkPlace[];
  readChunk(id: Uint8Array): Promise<Uint8Array>;
  /** Packs that indexes name and the store does not list, as the indexes describe them. */
  readonly missing: readonly IndexedPack[];
  /** Hashes of indexes whose packs stand in others too: it does not matter what became of them. */
  readonly superseded: ReadonlySet<string>;
  readonly damaged: readonly { readonly key: string; readonly reason: string }[];
};

export type LoadOptions = {
  /** Packs under a sweep mark count as absent for a writer. */
  readonly without: ReadonlySet<PackId>;
  /**
   * A pack that cannot describe itself any more is described by an index, so that its whole pieces can still be read. Not
   * for writers: they must store anew what such a pack held.
   */
  readonly salvage?: boolean;
  /** Files are stored, and none is read: the table of chunks takes the place of what describes their packs. */
  readonly isStoring?: boolean;
  readonly signal?: AbortSignal;
};

/** Decrypted pieces kept for browsing: a folder's neighbours are usually in the same bundle. */
const piecesKept = 32;

type FoundPack = {
  readonly length: number;
  type: PackType;
  bytes: Uint8Array | null;
  indexed: boolean;
  /** What an index says of a pack that has another length than the index knows. */
  salvage: IndexedPack | null;
};

export async function loadIndex(core: VaultCore, options: LoadOptions): Promise<VaultIndex> {
  const damaged: { key: string; reason: string }[] = [];
  const found = new Map<string, FoundPack>();
  for await (const { key, size } of core.store.list(keyPrefixes.packs, options.signal)) {
    const id = key.slice(key.lastIndexOf('/') + 1);
    if (!options.without.has(packId(id)))
      found.set(id, { length: size, type: 'data', bytes: null, indexed: false, salvage: null });
  }
  const { missing, superseded } = await readIndexes(core, found, damaged, options);
  const keys: PackKeys = { packKey: core.keys.pack, vault: core.id, idOf: core.idOf };
  for (const [id, pack] of found) {
    if (pack.bytes !== null) continue;
    try {
      const own = await readPackDirectory(core.store, packId(id), pack.length, keys);
      pack.bytes = own.bytes;
      pack.type = own.type;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      damaged.push({ key: keyOfPack(packId(id)), reason: reasonOf(error) });
      if (options.salvage === true && pack.salvage !== null) {
        pack.bytes = pack.salvage.directory;
        pack.type = pack.salvage.type;
        pack.indexed = true;
      } else {
        found.delete(id);
      }
    }
  }
  return createIndex(core, keys, found, { missing, superseded, damaged }, options.isStoring ?? false);
}

/** Fills in the directories; returns packs that are named and not there. One pack may stand in several indexes. */
async function readIndexes(
  core: VaultCore,
  found: Map<string, FoundPack>,
  damaged: { key: string; reason: string }[],
  options: LoadOptions,
): Promise<Pick<VaultIndex, 'missing' | 'superseded'>> {
  const missing = new Map<PackId, IndexedPack>();
  const superseded = new Set<string>();
  for await (const key of core.store.listKeys(keyPrefixes.indexes, options.signal)) {
    try {
      const sealed = await core.store.get(key, undefined, options.signal);
      const payload = openObject({ keys: core.keys, vault: core.id, kind: 'index', path: 'index' }, sealed, key);
      const { packs, supersedes } = decodeIndex(payload, key);
      for (const hash of supersedes) superseded.add(hash);
      for (const pack of packs) {
        const there = found.get(pack.pack);
        if (there === undefined) {
          if (!options.without.has(pack.pack)) missing.set(pack.pack, pack);
        } else if (there.length !== pack.length) {
          there.salvage = pack;
        } else if (there.bytes === null) {
          there.bytes = pack.directory;
          there.type = pack.type;
          there.indexed = true;
        }
      }
    } catch (error) {
      // Only an accelerator: what it named is read from the packs themselves.
      if (!isUnreadable(error)) throw error;
      damaged.push({ key, reason: reasonOf(error) });
    }
  }
  return { missing: [...missing.values()], superseded };
}

function createIndex(
  core: VaultCore,
  keys: PackKeys,
  found: ReadonlyMap<string, FoundPack>,
  problems: Pick<VaultIndex, 'missing' | 'superseded' | 'damaged'>,
  isStoring: boolean,
): VaultIndex {
  const packs = new Map<number, KnownPack>();
  const numbers = new Map<string, number>();
  const packCounter = new Int32Array(new SharedArrayBuffer(4));
  const kept = new Map<string, Uint8Array>();

  const register = (number: number, pack: Omit<KnownPack, 'directory'>): void => {
    let decoded: PackDirectory | null = null;
    const directory = (): PackDirectory => (decoded ??= decodeDirectory(pack.encoded, keyOfPack(pack.id)));
    packs.set(number, { ...pack, directory });
    numbers.set(pack.id, number);
  };
  for (const [id, pack] of found) {
    if (pack.bytes === null) continue;
    const number = Atomics.add(packCounter, 0, 1);
    const { type, length, bytes, indexed } = pack;
    register(number, { id: packId(id), type, length, encoded: bytes, indexed });
  }
  let filled: ChunkTable | null = null;
  let numbersOf: ReturnType<typeof createLookup> | null = null;
  const table = (): ChunkTable => {
    numbersOf = null;
    if (filled === null) {
      filled = fillTable(packs);
      if (isStoring) letGoOfData();
    }
    return filled;
  };
  /** Of what files are made of the table knows enough now. */
  const letGoOfData = (): void => {
    for (const [number, { id, type, length, indexed }] of packs) {
      if (type === 'data' && indexed) register(number, { id, type, length, encoded: emptyDirectory, indexed });
    }
  };
  const packOf = (ids: Uint8Array, at: number): number => {
    if (filled !== null) {
      const ref = filled.find(ids, at);
      return ref < 0 ? -1 : filled.packOf(ref);
    }
    numbersOf ??= createLookup([...packs].map(([number, { encoded }]) => ({ number, encoded })));
    return numbersOf(ids, at);
  };
  const places = (id: Uint8Array): ChunkPlace[] => {
    const all: ChunkPlace[] = [];
    for (const [number, pack] of packs) {
      const chunk = chunkNumber(pack.directory(), id);
      if (chunk >= 0) all.push({ pack: number, chunk });
    }
    return all;
  };
  const place = (id: Uint8Array): ChunkPlace | null => {
    const number = packOf(id, 0);
    const pack = packs.get(number);
    if (pack === undefined) return null;
    const chunk = lookup(pack, id);
    return chunk < 0 ? null : { pack: number, chunk };
  };
  const read = async ({ pack: number, chunk }: ChunkPlace): Promise<Uint8Array> => {
    const pack = packs.get(number);
    assert(pack !== undefined, 'a known pack');
    const directory = pack.directory();
    const piece = directory.chunkPiece[chunk] ?? 0;
    const name = `${number}/${piece}`;
    let raw = kept.get(name);
    if (raw === undefined) {
      raw = await readPiece(core.store, pack.id, directory, piece, keys);
      kept.set(name, raw);
      if (kept.size > piecesKept) kept.delete(kept.keys().next().value ?? '');
    }
    return chunkIn(raw, directory, chunk);
  };
  return {
    ...problems,
    get table() {
      return table();
    },
    get hasTable() {
      return filled !== null;
    },
    packOf,
    packs,
    packCounter,
    places,
    place,
    numberOf: (pack) => numbers.get(pack),
    add({ number, id, type, length, directory }) {
      numbersOf = null;
      // Of files that were stored just now nothing is read, and the table has their chunks: nobody needs their directories.
      const encoded = filled === null || type === 'tree' ? directory : emptyDirectory;
      register(number, { id, type, length, encoded, indexed: true });
    },
    async readChunk(id) {
      const first = place(id);
      let failure: unknown = null;
      if (first !== null) {
        try {
          return await read(first);
        } catch (error) {
          failure = error;
        }
      }
      for (const other of places(id)) {
        if (first !== null && other.pack === first.pack) continue;
        try {
          return await read(other);
        } catch (error) {
          failure = error;
        }
      }
      throw failure ?? new CofferError('chunk.missing', { path: 'this entry' });
    },
  };
}

function fillTable(packs: ReadonlyMap<number, KnownPack>): ChunkTable {
  let chunks = 0;
  for (const pack of packs.values()) chunks += Math.floor(pack.encoded.length / (chunkIdBytes + 4));
  const table = createChunkTable(chunks);
  for (const [number, pack] of packs) {
    forEachId(pack.encoded, (at) => {
      table.growFor(chunks--);
      table.add(pack.encoded, at, number);
    });
  }
  return table;
}

/** Names no piece. */
const emptyDirectory = new Uint8Array(4);

const lookups = new WeakMap<PackDirectory, Map<string, number>>();

/** Chunk number in its pack's directory by id, -1 where it is not there. */
function lookup(pack: KnownPack, id: Uint8Array): number {
  const directory = pack.directory();
  let byId = lookups.get(directory);
  if (byId === undefined) {
    byId = new Map();
    for (let chunk = 0; chunk < directory.chunkCount; chunk++)
      byId.set(idText(directory.chunkIds, chunk * chunkIdBytes), chunk);
    lookups.set(directory, byId);
  }
  return byId.get(idText(id, 0)) ?? -1;
}

function chunkNumber(directory: PackDirectory, id: Uint8Array): number {
  const { chunkIds, chunkCount } = directory;
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    if (Buffer.compare(chunkIds.subarray(chunk * chunkIdBytes, (chunk + 1) * chunkIdBytes), id) === 0) return chunk;
  }
  return -1;
}

const idText = (ids: Uint8Array, at: number): string =>
  Buffer.from(ids.buffer, ids.byteOffset + at, chunkIdBytes).toString('latin1');
