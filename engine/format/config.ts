import { assert, fromHex, limits, type Time, toHex, type VaultId, vaultId, viewOf } from '../base/index.ts';
import { decodeCbor } from './cbor-reader.ts';
import { type CborMap, type CborValue, encodeCbor, isMap } from './cbor-writer.ts';
import { formatVersion } from './constants.ts';
import { damaged } from './damaged.ts';
import { type Fields, fieldsOf, mapOf, timeValue } from './fields.ts';

/** A vault's `config` (FORMAT.md section 5): a header in clear, which says how to read on, then a sealed body. */
export const configHeaderBytes = 32;

const magic = fromHex('434f464645520d0a');
const idAlgorithms = ['blake3', 'hmac-sha256'] as const;
const chunkers = ['gear64'] as const;

export type ConfigHeader = {
  readonly version: number;
  /** The least format version that a reader must know. */
  readonly minReader: number;
  readonly vault: VaultId;
  readonly idAlgorithm: (typeof idAlgorithms)[number];
  readonly chunker: (typeof chunkers)[number];
};

/** Whether these are the first bytes of any vault's config, of whatever version. */
export function isConfig(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, at) => bytes[at] === byte);
}

/** A header that this version can read asks for no newer reader; callers turn the other case into `vault.newer`. */
export const needsNewerReader = (header: Pick<ConfigHeader, 'minReader'>): boolean => header.minReader > formatVersion;

export function encodeConfigHeader(header: ConfigHeader): Uint8Array {
  const bytes = new Uint8Array(configHeaderBytes);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint16(8, header.version, true);
  view.setUint16(10, header.minReader, true);
  bytes.set(fromHex(header.vault), 12);
  bytes[28] = idAlgorithms.indexOf(header.idAlgorithm) + 1;
  bytes[29] = chunkers.indexOf(header.chunker) + 1;
  return bytes;
}

/** The two numbers that come first: they are read alone, because a newer version may have changed all that follows. */
export function decodeConfigVersions(bytes: Uint8Array, name = 'config'): { version: number; minReader: number } {
  if (!isConfig(bytes)) throw damaged(name, 'it does not begin as it should');
  if (bytes.length < configHeaderBytes) throw damaged(name, 'it is cut short');
  const view = viewOf(bytes);
  const versions = { version: view.getUint16(8, true), minReader: view.getUint16(10, true) };
  if (versions.minReader < 1 || versions.version < versions.minReader) throw damaged(name, 'its versions do not fit');
  return versions;
}

/** Looks at the first 32 bytes. Check `needsNewerReader(decodeConfigVersions(…))` before. */
export function decodeConfigHeader(bytes: Uint8Array, name = 'config'): ConfigHeader {
  const versions = decodeConfigVersions(bytes, name);
  const idAlgorithm = idAlgorithms[(bytes[28] ?? 0) - 1];
  const chunker = chunkers[(bytes[29] ?? 0) - 1];
  if (idAlgorithm === undefined || chunker === undefined || bytes[30] !== 0 || bytes[31] !== 0) {
    throw damaged(name, 'it names an algorithm that is not known');
  }
  return { ...versions, vault: vaultId(toHex(bytes.subarray(12, 28))), idAlgorithm, chunker };
}

/** Sizes of chunks in bytes. */
export type ChunkSizes = { readonly average: number; readonly max: number; readonly min: number };

export type ConfigBody = {
  readonly chunker: ChunkSizes;
  readonly created: Time;
  /** The zstd level that writers use. */
  readonly level: number;
  readonly treeChunker: ChunkSizes;
  /** What a newer Coffer added: kept, and not understood. */
  readonly unknown?: CborMap;
};

const KiB = 1024;

export const configDefaults: Omit<ConfigBody, 'created'> = {
  chunker: { average: 512 * KiB, max: 4096 * KiB, min: 256 * KiB },
  level: 4,
  treeChunker: { average: 64 * KiB, max: 512 * KiB, min: 32 * KiB },
};

const bodyKeys = new Set(['chunker', 'created', 'level', 'treeChunker']);

function areChunkSizes({ average, max, min }: ChunkSizes): boolean {
  return (
    [average, max, min].every(Number.isInteger) &&
    min > 64 &&
    average >= min + 2 &&
    average <= max &&
    max <= limits.pieceRawBytes
  );
}

const isLevel = (level: number): boolean => Number.isInteger(level) && level >= 1 && level <= 19;

export function encodeConfigBody(body: ConfigBody): Uint8Array {
  assert(
    areChunkSizes(body.chunker) && areChunkSizes(body.treeChunker) && isLevel(body.level),
    'a config within its limits',
  );
  const map = mapOf({
    chunker: mapOf(body.chunker),
    created: timeValue(body.created),
    level: body.level,
    treeChunker: mapOf(body.treeChunker),
  });
  for (const [key, value] of body.unknown ?? []) map.set(key, value);
  return encodeCbor(map);
}

export function decodeConfigBody(bytes: Uint8Array, name = 'config'): ConfigBody {
  const map = decodeCbor(bytes, name);
  const fields = fieldsOf(map, name);
  const level = fields.uint('level');
  if (!isLevel(level)) fields.refuse('level');
  const unknown = isMap(map) ? new Map([...map].filter(([key]: [string, CborValue]) => !bodyKeys.has(key))) : new Map();
  return {
    chunker: readSizes(fields, 'chunker', name),
    created: fields.time('created'),
    level,
    treeChunker: readSizes(fields, 'treeChunker', name),
    ...(unknown.size > 0 ? { unknown } : {}),
  };
}

function readSizes(fields: Fields, key: string, name: string): ChunkSizes {
  const inner = fieldsOf(fields.get(key), name);
  const sizes = { average: inner.uint('average'), max: inner.uint('max'), min: inner.uint('min') };
  return areChunkSizes(sizes) ? sizes : fields.refuse(key);
}
