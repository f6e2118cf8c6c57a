import { isCofferError, type PackId, packId, toHex } from '../../../engine/base/index.ts';
import { sha256 } from '../../../engine/crypto/index.ts';
import {
  decodeDirectory,
  decodeRefs,
  decodeTree,
  keyOfPack,
  keyOfRefs,
  type PackDirectory,
  type SnapshotSource,
  type TreeEntry,
} from '../../../engine/format/index.ts';
import {
  allRecords,
  type PackKeys,
  readPackDirectory,
  readPiece,
  type StoredSnapshot,
  type Vault,
} from '../../../engine/repository/index.ts';
import { openAfresh, type World } from './world.ts';

/**
 * Finds every byte of every snapshot by itself, from the packs' own directories: no index object, no table of chunks, no
 * cache. What it cannot find or what is not what its id says makes it throw.
 */
export type Walked = {
  readonly stored: StoredSnapshot;
  /** Entries by path, the sources themselves among them. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Bytes of every file that could be read. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** For each chunk the snapshot stands on: the packs that hold it. */
  readonly holders: ReadonlyMap<string, readonly PackId[]>;
  /** The packs its refs object names, rising. */
  readonly refs: readonly PackId[];
};

type Place = { readonly pack: PackId; readonly chunk: number };

export type ChunkReader = {
  readonly vault: Vault;
  read(id: string): Promise<Uint8Array>;
  holders(id: string): readonly PackId[];
};

/** Reads and proves every pack there is. */
export async function readAllPacks(vault: Vault): Promise<ChunkReader> {
  const places = new Map<string, Place[]>();
  const directories = new Map<PackId, PackDirectory>();
  const keys: PackKeys = { packKey: vault.keys.pack, vault: vault.id, idOf: vault.idOf };
  for await (const { key, size } of vault.store.list('packs/')) {
    const pack = packId(key.slice(key.lastIndexOf('/') + 1));
    const whole = await vault.store.get(key);
    if (toHex(sha256(whole)) !== pack) throw new Error(`${key} is not what its name says`);
    const directory = decodeDirectory((await readPackDirectory(vault.store, pack, size, keys)).bytes, key);
    directories.set(pack, directory);
    for (let chunk = 0; chunk < directory.chunkCount; chunk++) {
      const id = toHex(directory.chunkIds.subarray(chunk * 32, chunk * 32 + 32));
      places.set(id, [...(places.get(id) ?? []), { pack, chunk }]);
    }
  }
  const pieces = new Map<string, Uint8Array>();
  return {
    vault,
    holders: (id) => (places.get(id) ?? []).map(({ pack }) => pack),
    async read(id) {
      const [place] = places.get(id) ?? [];
      const directory = place === undefined ? undefined : directories.get(place.pack);
      if (place === undefined || directory === undefined) throw new Error(`no pack holds chunk ${id}`);
      const piece = directory.chunkPiece[place.chunk] ?? 0;
      const name = `${keyOfPack(place.pack)}#${piece}`;
      const raw = pieces.get(name) ?? (await readPiece(vault.store, place.pack, directory, piece, keys));
      pieces.set(name, raw);
      const from = directory.chunkInner[place.chunk] ?? 0;
      return raw.subarray(from, from + (directory.chunkLength[place.chunk] ?? 0));
    },
  };
}

export async function walkSnapshot(reader: ChunkReader, stored: StoredSnapshot): Promise<Walked> {
  const entries = new Map<string, TreeEntry>();
  const files = new Map<string, Uint8Array>();
  const holders = new Map<string, readonly PackId[]>();
  const bytesOf = async (ids: Uint8Array): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < ids.length; at += 32) {
      const id = toHex(ids.subarray(at, at + 32));
      holders.set(id, reader.holders(id));
      parts.push(await reader.read(id));
    }
    return new Uint8Array(Buffer.concat(parts));
  };
  const visit = async (path: string, entry: TreeEntry): Promise<void> => {
    entries.set(path, entry);
    if (entry.kind === 'file' && entry.content !== null) {
      const bytes = await bytesOf(entry.content);
      if (bytes.length !== entry.size) throw new Error(`${path} has ${bytes.length} bytes, not ${entry.size}`);
      files.set(path, bytes);
    }
    if (entry.kind !== 'folder' || entry.content === null) return;
    for (const below of decodeTree(await bytesOf(entry.content), path).entries) {
      await visit(`${path === '/' ? '' : path}/${Buffer.from(below.name).toString()}`, below);
    }
  };
  for (const { path, entry } of stored.snapshot.sources) await visit(textOf(path), entry);
  return { stored, entries, files, holders, refs: await refsOf(reader.vault, stored) };
}

const textOf = (bytes: SnapshotSource['path']): string => Buffer.from(bytes).toString();

/** Follows the chain of refs objects from the log entry that names the first. */
async function refsOf(vault: Vault, { id }: StoredSnapshot): Promise<PackId[]> {
  const action = [...allRecords(vault.logs)]
    .map((record) => record.entry.action)
    .find((candidate) => candidate.kind === 'snapshot' && candidate.snapshot === id);
  if (action?.kind !== 'snapshot') throw new Error('no log entry names the snapshot');
  const chain = [];
  for (let hash: string | null = action.refs; hash !== null; ) {
    const refs = decodeRefs(await vault.store.get(keyOfRefs(hash)), 'refs');
    chain.push(refs);
    hash = refs.base;
  }
  const packs = new Set<PackId>();
  for (const { added, removed } of chain.reverse()) {
    for (const pack of hashesIn(removed)) packs.delete(pack);
    for (const pack of hashesIn(added)) packs.add(pack);
  }
  return [...packs].sort();
}

const hashesIn = (all: Uint8Array): PackId[] =>
  Array.from({ length: all.length / 32 }, (_, at) => packId(toHex(all.subarray(at * 32, at * 32 + 32))));

/** Every snapshot, oldest first, by a computer that has never seen the vault. Any damage throws. */
export async function walkAll(world: World): Promise<readonly Walked[]> {
  const vault = await openAfresh(world);
  try {
    if (vault.notices.length > 0) throw new Error(`the vault is not whole: ${vault.notices.join(' ')}`);
    const reader = await readAllPacks(vault);
    const walked: Walked[] = [];
    for (const stored of vault.snapshots) walked.push(await walkSnapshot(reader, stored));
    return walked;
  } catch (error) {
    throw isCofferError(error) ? new Error(`${error.code} ${JSON.stringify(error.context)}`, { cause: error }) : error;
  } finally {
    await vault.close();
  }
}

export async function walkNewest(world: World): Promise<Walked> {
  const newest = (await walkAll(world)).at(-1);
  if (newest === undefined) throw new Error('no snapshot');
  return newest;
}
