import { CofferError, chunkIdBytes, equalBytes, isCofferError, type PackId } from '../base/index.ts';
import { type PackCipher, release, sha256Hex } from '../crypto/index.ts';
import {
  decodeDirectory,
  decodePackHeader,
  decodeTrailer,
  directoryPieces,
  keyOfPack,
  type PackDirectory,
  packHeaderBytes,
  sealedTrailerBytes,
} from '../format/index.ts';
import type { Store } from '../storage/index.ts';
import { openPiece, type PackKeys, packCipherFrom } from './pack-reader.ts';
import { isUnreadable, reasonOf } from './unreadable.ts';

export type PackToVerify = {
  readonly pack: PackId;
  readonly length: number;
  /** What the vault's index goes by. */
  readonly directory: Uint8Array;
};

export type PackVerdict = {
  readonly pack: PackId;
  readonly bytesRead: number;
  /** Null: whole to the last byte. Else in words, to stand behind the pack's name. */
  readonly reason: string | null;
  /** Ids of the chunks that cannot be had from this pack, end to end. */
  readonly lost: Uint8Array;
};

/** Reads packs whole and proves every chunk in them. One per thread: it reuses its memory. */
export type PackVerifier = { verify(pack: PackToVerify): Promise<PackVerdict> };

export function createPackVerifier(store: Store, keys: PackKeys): PackVerifier {
  let into: Uint8Array = new Uint8Array(0);

  /** Which chunks cannot be had. Each piece stands for itself: one flipped byte costs what shares its piece. */
  const provePieces = (cipher: PackCipher, directory: PackDirectory, bytes: Uint8Array, pack: PackId): Uint8Array[] => {
    const lost: Uint8Array[] = [];
    for (const piece of directoryPieces(directory)) {
      try {
        if (into.length < piece.raw) into = new Uint8Array(piece.raw);
        const sealed = bytes.subarray(piece.offset, piece.offset + piece.stored);
        const raw = openPiece(cipher, directory, piece, sealed, { idOf: keys.idOf, pack, into });
        if (raw.buffer !== into.buffer) release(raw);
      } catch (error) {
        if (!isCofferError(error, 'object.damaged')) throw error;
        const { chunkIds } = directory;
        lost.push(chunkIds.subarray(piece.firstChunk * chunkIdBytes, (piece.firstChunk + piece.chunks) * chunkIdBytes));
      }
    }
    return lost;
  };
  const verify = async ({ pack, directory: encoded }: PackToVerify): Promise<PackVerdict> => {
    const name = keyOfPack(pack);
    const directory = decodeDirectory(encoded, name);
    const all = [directory.chunkIds];
    let bytes: Uint8Array;
    try {
      bytes = await store.get(name);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return verdict(pack, 0, reasonOf(error), all);
    }
    const { length } = bytes;
    const isAsNamed = sha256Hex(bytes) === pack;
    const changed = isAsNamed ? null : 'its bytes were changed';
    try {
      const { cipher } = packCipherFrom(bytes.subarray(0, packHeaderBytes), pack, keys);
      const lost = provePieces(cipher, directory, bytes, pack);
      return verdict(pack, length, changed ?? ownFault(cipher, bytes, encoded, lost, name), lost);
    } catch (error) {
      if (!isCofferError(error, 'object.damaged')) throw error;
      return verdict(pack, length, changed ?? reasonOf(error), all);
    } finally {
      release(bytes);
    }
  };
  return { verify };
}

/** A pack that has the right name can only be wrong because its writer was. */
function ownFault(
  cipher: PackCipher,
  bytes: Uint8Array,
  encoded: Uint8Array,
  lost: readonly Uint8Array[],
  name: string,
): string | null {
  const directoryOf = (): Uint8Array => {
    const at = bytes.length - sealedTrailerBytes;
    if (at < packHeaderBytes) throw new CofferError('object.damaged', { key: name, reason: 'it is cut short' });
    decodePackHeader(bytes, name);
    const trailer = decodeTrailer(cipher.openTrailer(bytes.subarray(at)), bytes.length, name);
    return cipher.openDirectory(
      bytes.subarray(trailer.directoryOffset, trailer.directoryOffset + trailer.directoryLength),
    );
  };
  try {
    if (!equalBytes(directoryOf(), encoded)) return 'an index describes it wrongly';
  } catch (error) {
    if (!isCofferError(error, 'object.damaged')) throw error;
    return reasonOf(error);
  }
  return lost.length === 0 ? null : 'some of its pieces do not open';
}

function verdict(pack: PackId, bytesRead: number, reason: string | null, lost: readonly Uint8Array[]): PackVerdict {
  return { pack, bytesRead, reason, lost: new Uint8Array(Buffer.concat(lost)) };
}
