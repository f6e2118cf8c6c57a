import { assert, CofferError, equalBytes, type PackId, type VaultId } from '../base/index.ts';
import { createPackCipher, decompress, type IdHasher, type PackCipher, type PackType } from '../crypto/index.ts';
import {
  type DirectoryPiece,
  decodeDirectory,
  decodePackHeader,
  decodeTrailer,
  directoryPiece,
  keyOfPack,
  type PackDirectory,
  packHeaderBytes,
  sealedTrailerBytes,
} from '../format/index.ts';
import type { Store } from '../storage/index.ts';
import { idAt } from './chunk-table.ts';

export type PackKeys = { readonly packKey: Uint8Array; readonly vault: VaultId; readonly idOf: IdHasher };

/** The cipher of a pack that is in the store, from its first 64 bytes. */
export function packCipherFrom(
  header: Uint8Array,
  pack: PackId,
  keys: PackKeys,
): { type: PackType; cipher: PackCipher } {
  const name = keyOfPack(pack);
  const { type, salt, commitment } = decodePackHeader(header, name);
  const { packKey, vault } = keys;
  return { type, cipher: createPackCipher({ packKey, vault, type, salt, commitment, name }) };
}

export type FoundDirectory = { readonly type: PackType; readonly length: number; readonly bytes: Uint8Array };

/** The directory as the pack itself holds it. */
export async function readPackDirectory(
  store: Store,
  pack: PackId,
  length: number,
  keys: PackKeys,
): Promise<FoundDirectory> {
  const name = keyOfPack(pack);
  if (length < packHeaderBytes + sealedTrailerBytes)
    throw new CofferError('object.damaged', { key: name, reason: 'it is cut short' });
  const header = await store.get(name, { offset: 0, length: packHeaderBytes });
  const { type, cipher } = packCipherFrom(header, pack, keys);
  const sealedTrailer = await store.get(name, { offset: length - sealedTrailerBytes, length: sealedTrailerBytes });
  const trailer = decodeTrailer(cipher.openTrailer(sealedTrailer), length, name);
  const sealed = await store.get(name, { offset: trailer.directoryOffset, length: trailer.directoryLength });
  const bytes = cipher.openDirectory(sealed);
  const directory = decodeDirectory(bytes, name);
  if (directory.piecesEnd !== trailer.piecesEnd) {
    throw new CofferError('object.damaged', { key: name, reason: 'its directory does not fit its pieces' });
  }
  return { type, length, bytes };
}

/** Opens one piece and proves every chunk in it by its id. */
export function openPiece(
  cipher: PackCipher,
  directory: PackDirectory,
  piece: DirectoryPiece,
  sealed: Uint8Array,
  check: { readonly idOf: IdHasher; readonly pack: PackId; readonly into?: Uint8Array },
): Uint8Array {
  const name = keyOfPack(check.pack);
  const label = piece.bundle ? 'bundle' : idAt(directory.chunkIds, piece.firstChunk);
  const payload = cipher.openPiece(piece.index, label, sealed, check.into);
  const raw = piece.zstd ? decompress(payload, piece.raw, name) : payload;
  if (raw.length !== piece.raw)
    throw new CofferError('object.damaged', { key: name, reason: 'a piece of a wrong length' });
  for (let chunk = piece.firstChunk; chunk < piece.firstChunk + piece.chunks; chunk++) {
    const from = directory.chunkInner[chunk] ?? 0;
    const bytes = raw.subarray(from, from + (directory.chunkLength[chunk] ?? 0));
    if (!equalBytes(check.idOf(bytes), idAt(directory.chunkIds, chunk))) {
      throw new CofferError('object.damaged', { key: name, reason: 'a chunk that is not what its id says' });
    }
  }
  return raw;
}

/** Reads whole pieces of one pack and keeps its cipher. */
export async function readPiece(
  store: Store,
  pack: PackId,
  directory: PackDirectory,
  piece: number,
  keys: PackKeys,
): Promise<Uint8Array> {
  const header = await store.get(keyOfPack(pack), { offset: 0, length: packHeaderBytes });
  const { cipher } = packCipherFrom(header, pack, keys);
  const place = directoryPiece(directory, piece);
  const sealed = await store.get(keyOfPack(pack), { offset: place.offset, length: place.stored });
  return openPiece(cipher, directory, place, sealed, { idOf: keys.idOf, pack });
}

export function chunkIn(raw: Uint8Array, directory: PackDirectory, chunk: number): Uint8Array {
  const from = directory.chunkInner[chunk] ?? 0;
  const length = directory.chunkLength[chunk] ?? 0;
  assert(from + length <= raw.length, 'a chunk inside its piece');
  return raw.subarray(from, from + length);
}
