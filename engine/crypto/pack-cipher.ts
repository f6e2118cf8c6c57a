import { assert, type ChunkId, CofferError, chunkIdBytes, utf8, type VaultId, viewOf } from '../base/index.ts';
import { type GcmBox, nonceBytes, openInto, opensTo, type Parts, partsLength, sealInto, tagBytes } from './gcm.ts';
import { constantTimeEqual } from './hash.ts';
import { deriveSealingKeys } from './keys.ts';

/**
 * Seals and opens what a pack holds (FORMAT.md section 7). Each pack has its own salt, and by that its own key; within a
 * pack each piece has its own number, and by that its own nonce. [Note: I4] No number is sealed twice under one salt: numbers
 * must rise, directory and trailer are sealed once, and this is asserted always, not only in tests.
 */
export type PackType = 'data' | 'tree';

const typeCodes = { data: 1, tree: 2 } as const;

export const packSaltBytes = 24;
/** Pieces of one pack; far more than 16 MiB can hold. */
const pieceIndexEnd = 2 ** 24;
export const packTrailerBytes = 16;

const directoryIndex = 0xfffffffe;
const trailerIndex = 0xffffffff;

export type PackCipherOptions = {
  readonly packKey: Uint8Array;
  readonly vault: VaultId;
  readonly type: PackType;
  readonly salt: Uint8Array;
  /** The pack's key in the store, for errors. */
  readonly name: string;
  /** As read from the pack's header; another one than the keys yield is `object.damaged`. */
  readonly commitment?: Uint8Array;
};

/** What a piece is bound to: the one chunk it holds, or the fact that it is a bundle. */
export type PieceName = ChunkId | 'bundle';

export type PackCipher = {
  readonly commitment: Uint8Array;
  /** Each `seal…` writes to `out` from `at` on and returns the sealed length: that of the input and 16 bytes. */
  sealPiece(index: number, piece: PieceName, payload: Parts, out: Uint8Array, at: number): number;
  sealDirectory(directory: Parts, out: Uint8Array, at: number): number;
  sealTrailer(trailer: Uint8Array, out: Uint8Array, at: number): number;
  /** The plaintext: at the start of `out` where that is given, else in an array of its own. */
  openPiece(index: number, piece: PieceName, sealed: Uint8Array, out?: Uint8Array): Uint8Array;
  /** Whether a sealed piece opens to exactly this payload. */
  opensTo(index: number, piece: PieceName, sealed: Uint8Array, payload: Uint8Array): boolean;
  openDirectory(sealed: Uint8Array): Uint8Array;
  openTrailer(sealed: Uint8Array): Uint8Array;
};

export function createPackCipher(options: PackCipherOptions): PackCipher {
  const { type, salt, name, vault } = options;
  assert(salt.length === packSaltBytes, 'a pack salt of 24 bytes');
  const info = `coffer/v1/pack/${type}/${vault}`;
  const { key, nonce: base, commitment } = deriveSealingKeys({ material: options.packKey, salt, info });
  if (options.commitment && !constantTimeEqual(commitment, options.commitment)) {
    throw new CofferError('object.damaged', { key: name, reason: 'its commitment does not fit' });
  }
  const boxes = createBoxes({ key, base, typeCode: typeCodes[type] });
  const sealed = createOnce();

  const openWith = (box: GcmBox, bytes: Uint8Array, out?: Uint8Array): Uint8Array => {
    const plain = out ?? new Uint8Array(Math.max(0, bytes.length - tagBytes));
    return plain.subarray(0, openInto(box, bytes, plain, 0, name));
  };
  return {
    commitment,
    sealPiece: (index, piece, payload, out, at) => {
      sealed.piece(index);
      return sealInto(boxes.piece(index, piece), payload, out, at);
    },
    sealDirectory: (directory, out, at) => {
      sealed.last(directoryIndex);
      return sealInto(boxes.directory(), directory, out, at);
    },
    sealTrailer: (trailer, out, at) => {
      assert(partsLength(trailer) === packTrailerBytes, 'a trailer of 16 bytes');
      sealed.last(trailerIndex);
      return sealInto(boxes.trailer(), trailer, out, at);
    },
    openPiece: (index, piece, bytes, out) => {
      assert(isPieceIndex(index), 'a piece number');
      return openWith(boxes.piece(index, piece), bytes, out);
    },
    opensTo: (index, piece, bytes, payload) => opensTo(boxes.piece(index, piece), bytes, payload),
    openDirectory: (bytes) => openWith(boxes.directory(), bytes),
    openTrailer: (bytes) => openWith(boxes.trailer(), bytes),
  };
}

const isPieceIndex = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < pieceIndexEnd;

/** Numbers rise, and the two of directory and trailer come after all pieces: so none can come twice. */
function createOnce(): { piece(index: number): void; last(index: number): void } {
  let latest = -1;
  const rise = (index: number): void => {
    assert(index > latest, `number ${index} sealed after ${latest} under one salt`);
    latest = index;
  };
  return {
    piece: (index) => {
      assert(isPieceIndex(index), 'a piece number');
      rise(index);
    },
    last: rise,
  };
}

type Boxes = {
  piece(index: number, piece: PieceName): GcmBox;
  directory(): GcmBox;
  trailer(): GcmBox;
};

type BoxInput = { readonly key: GcmBox['key']; readonly base: Uint8Array; readonly typeCode: number };

/** Nonce and associated data are written into the same few bytes each time: a pack may have 100,000 pieces. */
function createBoxes({ key, base, typeCode }: BoxInput): Boxes {
  const nonce = new Uint8Array(base);
  const nonceView = viewOf(nonce);
  const baseTail = viewOf(base).getUint32(nonceBytes - 4, false);
  const boxFor = (label: Uint8Array): ((index: number) => GcmBox) => {
    const aad = new Uint8Array(5 + label.length);
    const view = viewOf(aad);
    aad[0] = typeCode;
    aad.set(label, 5);
    const box = { key, nonce, aad };
    return (index) => {
      nonceView.setUint32(nonceBytes - 4, (baseTail ^ index) >>> 0, false);
      view.setUint32(1, index, true);
      return box;
    };
  };
  const chunkLabel = boxFor(new Uint8Array(chunkIdBytes));
  const bundle = boxFor(utf8('bundle'));
  const directory = boxFor(utf8('directory'));
  const trailer = boxFor(utf8('trailer'));
  return {
    piece: (index, piece) => {
      if (piece === 'bundle') return bundle(index);
      assert(piece.length === chunkIdBytes, 'a chunk id');
      const box = chunkLabel(index);
      box.aad.set(piece, 5);
      return box;
    },
    directory: () => directory(directoryIndex),
    trailer: () => trailer(trailerIndex),
  };
}
