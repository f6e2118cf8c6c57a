import { assert, chunkIdBytes, limits, viewOf } from '../base/index.ts';
import { sealBytes } from './constants.ts';
import { damaged } from './damaged.ts';
import { packHeaderBytes } from './pack.ts';

/**
 * What a pack says about its pieces, in columns: a pack of small files names thousands of chunks, and a start on an empty cache
 * reads all directories of a vault.
 */
export type PackDirectory = {
  readonly pieceCount: number;
  readonly chunkCount: number;
  /** Where each piece begins in the pack, and its length with its tag. */
  readonly pieceOffset: Uint32Array;
  readonly pieceStored: Uint32Array;
  readonly pieceRaw: Uint32Array;
  readonly pieceFlags: Uint8Array;
  /** The number of each piece's first chunk; one more at the end. */
  readonly pieceFirstChunk: Uint32Array;
  /** 32 bytes each, end to end. */
  readonly chunkIds: Uint8Array;
  readonly chunkLength: Uint32Array;
  /** Which piece holds the chunk, and where it begins in the piece's raw bytes. */
  readonly chunkPiece: Uint32Array;
  readonly chunkInner: Uint32Array;
  /** Where the last piece ends. */
  readonly piecesEnd: number;
};

const pieceFlags = { zstd: 1, bundle: 2 } as const;

const countBytes = 4;
const pieceBytes = 16;
const chunkBytes = chunkIdBytes + 4;
const idWords = chunkIdBytes / 4;
const flagsKnown = pieceFlags.zstd | pieceFlags.bundle;

/** Where the records stand, found before anything is allocated by their numbers. */
type Shape = { readonly pieceCount: number; readonly chunkCount: number };

export function decodeDirectory(bytes: Uint8Array, name: string): PackDirectory {
  const shape = shapeOf(bytes, name);
  const directory = emptyColumns(shape);
  const view = viewOf(bytes);
  // Ids are copied word by word: a call of `set` for each would take most of the time.
  const words = wordsOf(bytes);
  const ids = wordsOf(directory.chunkIds);
  let at = countBytes;
  let chunk = 0;
  let offset = packHeaderBytes;
  for (let piece = 0; piece < shape.pieceCount; piece++) {
    const stored = view.getUint32(at, true);
    const raw = view.getUint32(at + 4, true);
    const flags = view.getUint32(at + 8, true);
    const chunks = view.getUint32(at + 12, true);
    at += pieceBytes;
    checkPiece({ stored, raw, flags, chunks }, name);
    directory.pieceOffset[piece] = offset;
    directory.pieceStored[piece] = stored;
    directory.pieceRaw[piece] = raw;
    directory.pieceFlags[piece] = flags;
    directory.pieceFirstChunk[piece] = chunk;
    let inner = 0;
    for (const end = chunk + chunks; chunk < end; chunk++) {
      const length = view.getUint32(at + chunkIdBytes, true);
      if (length === 0) throw damaged(name, 'its directory names an empty chunk');
      for (let word = 0; word < idWords; word++) ids[chunk * idWords + word] = words[at / 4 + word] ?? 0;
      directory.chunkLength[chunk] = length;
      directory.chunkPiece[chunk] = piece;
      directory.chunkInner[chunk] = inner;
      inner += length;
      at += chunkBytes;
    }
    if (inner !== raw) throw damaged(name, 'chunks of its directory do not add up to their piece');
    offset += stored;
  }
  directory.pieceFirstChunk[shape.pieceCount] = chunk;
  if (offset > limits.packBytes) throw damaged(name, 'its directory reaches beyond what a pack may hold');
  return { ...directory, ...shape, piecesEnd: offset };
}

/** Directory records are whole words; what does not begin on one is copied. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

type PieceFields = { readonly stored: number; readonly raw: number; readonly flags: number; readonly chunks: number };

function checkPiece({ stored, raw, flags, chunks }: PieceFields, name: string): void {
  if ((flags & ~flagsKnown) !== 0) throw damaged(name, 'its directory has unknown flags');
  if (raw === 0 || raw > limits.pieceRawBytes) throw damaged(name, 'its directory names a piece of a wrong length');
  if ((flags & pieceFlags.bundle) === 0 && chunks !== 1) throw damaged(name, 'a single piece has several chunks');
  const fits =
    (flags & pieceFlags.zstd) === 0 ? stored === raw + sealBytes : stored > sealBytes && stored < raw + sealBytes;
  if (!fits) throw damaged(name, 'its directory names a piece of a wrong stored length');
}

function shapeOf(bytes: Uint8Array, name: string): Shape {
  const cutShort = (): never => {
    throw damaged(name, 'its directory has a wrong length');
  };
  if (bytes.length < countBytes || bytes.length > limits.packBytes) cutShort();
  const view = viewOf(bytes);
  const pieceCount = view.getUint32(0, true);
  let at = countBytes;
  let chunkCount = 0;
  for (let piece = 0; piece < pieceCount; piece++) {
    if (at + pieceBytes + chunkBytes > bytes.length) cutShort();
    const chunks = view.getUint32(at + 12, true);
    if (chunks === 0) throw damaged(name, 'its directory names a piece without chunks');
    chunkCount += chunks;
    at += pieceBytes + chunks * chunkBytes;
  }
  if (at !== bytes.length) cutShort();
  return { pieceCount, chunkCount };
}

function emptyColumns({ pieceCount, chunkCount }: Shape): Omit<PackDirectory, keyof Shape | 'piecesEnd'> {
  return {
    pieceOffset: new Uint32Array(pieceCount),
    pieceStored: new Uint32Array(pieceCount),
    pieceRaw: new Uint32Array(pieceCount),
    pieceFlags: new Uint8Array(pieceCount),
    pieceFirstChunk: new Uint32Array(pieceCount + 1),
    chunkIds: new Uint8Array(chunkCount * chunkIdBytes),
    chunkLength: new Uint32Array(chunkCount),
    chunkPiece: new Uint32Array(chunkCount),
    chunkInner: new Uint32Array(chunkCount),
  };
}

export type DirectoryPiece = {
  readonly index: number;
  readonly offset: number;
  readonly stored: number;
  readonly raw: number;
  readonly zstd: boolean;
  readonly bundle: boolean;
  readonly firstChunk: number;
  readonly chunks: number;
};

export function directoryPiece(directory: PackDirectory, index: number): DirectoryPiece {
  const flags = directory.pieceFlags[index];
  assert(flags !== undefined, 'a piece of this pack');
  const firstChunk = directory.pieceFirstChunk[index] ?? 0;
  return {
    index,
    offset: directory.pieceOffset[index] ?? 0,
    stored: directory.pieceStored[index] ?? 0,
    raw: directory.pieceRaw[index] ?? 0,
    zstd: (flags & pieceFlags.zstd) !== 0,
    bundle: (flags & pieceFlags.bundle) !== 0,
    firstChunk,
    chunks: (directory.pieceFirstChunk[index + 1] ?? 0) - firstChunk,
  };
}

export function* directoryPieces(directory: PackDirectory): Generator<DirectoryPiece> {
  for (let index = 0; index < directory.pieceCount; index++) yield directoryPiece(directory, index);
}

export type NewPiece = {
  readonly stored: number;
  readonly raw: number;
  readonly zstd: boolean;
  readonly bundle: boolean;
  /** 32 bytes each, end to end, and the chunks' lengths in the same order. */
  readonly ids: Uint8Array;
  readonly lengths: ArrayLike<number>;
};

export type DirectoryBuilder = {
  /** Bytes so far: with them the packer knows whether one more piece still fits. */
  readonly length: number;
  /** By how much a piece with so many chunks would make it longer. */
  growth(chunks: number): number;
  add(piece: NewPiece): void;
  /** The encoded directory, in an array of its own. */
  bytes(): Uint8Array;
};

export function createDirectoryBuilder(): DirectoryBuilder {
  let buffer = new Uint8Array(16 * 1024);
  let view = viewOf(buffer);
  let end = countBytes;
  let pieces = 0;
  const room = (more: number): void => {
    if (end + more <= buffer.length) return;
    const larger = new Uint8Array(Math.max(end + more, 2 * buffer.length));
    larger.set(buffer);
    buffer = larger;
    view = viewOf(buffer);
  };
  const growth = (chunks: number): number => pieceBytes + chunks * chunkBytes;
  return {
    get length() {
      return end;
    },
    growth,
    add: ({ stored, raw, zstd, bundle, ids, lengths }) => {
      assert(ids.length === lengths.length * chunkIdBytes, 'an id for each length');
      room(growth(lengths.length));
      view.setUint32(end, stored, true);
      view.setUint32(end + 4, raw, true);
      view.setUint32(end + 8, (zstd ? pieceFlags.zstd : 0) | (bundle ? pieceFlags.bundle : 0), true);
      view.setUint32(end + 12, lengths.length, true);
      end += pieceBytes;
      for (let chunk = 0; chunk < lengths.length; chunk++) {
        buffer.set(ids.subarray(chunk * chunkIdBytes, (chunk + 1) * chunkIdBytes), end);
        view.setUint32(end + chunkIdBytes, lengths[chunk] ?? 0, true);
        end += chunkBytes;
      }
      view.setUint32(0, ++pieces, true);
    },
    bytes: () => buffer.slice(0, end),
  };
}

export function encodeDirectory(directory: PackDirectory): Uint8Array {
  const builder = createDirectoryBuilder();
  for (const { stored, raw, zstd, bundle, firstChunk, chunks } of directoryPieces(directory)) {
    const end = firstChunk + chunks;
    const ids = directory.chunkIds.subarray(firstChunk * chunkIdBytes, end * chunkIdBytes);
    builder.add({ stored, raw, zstd, bundle, ids, lengths: directory.chunkLength.subarray(firstChunk, end) });
  }
  return builder.bytes();
}
