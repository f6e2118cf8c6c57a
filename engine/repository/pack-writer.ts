import {
  assert,
  type ChunkId,
  concatBytes,
  limits,
  type PackId,
  packId,
  type Random,
  type VaultId,
} from '../base/index.ts';
import {
  createPackCipher,
  createSha256,
  type PackCipher,
  type PackType,
  packSaltBytes,
  tagBytes,
} from '../crypto/index.ts';
import type { FileSystem } from '../filesystem/index.ts';
import {
  createDirectoryBuilder,
  decodeDirectory,
  encodePackHeader,
  encodeTrailer,
  packHeaderBytes,
  packLayout,
  sealedTrailerBytes,
} from '../format/index.ts';
import { idAt } from './chunk-table.ts';

export type PieceChunk = { readonly id: ChunkId; readonly length: number };

export type NewPiece = {
  readonly chunks: readonly PieceChunk[];
  /** What is encrypted: the raw bytes, or one zstd frame of them. */
  readonly payload: Uint8Array;
  readonly rawLength: number;
  readonly compressed: boolean;
};

/** A pack that is written, not yet durable and not yet in the store. */
export type SealedPack = {
  readonly number: number;
  readonly id: PackId;
  readonly type: PackType;
  readonly path: string;
  readonly length: number;
  readonly directory: Uint8Array;
};

export type PackWriter = {
  readonly number: number;
  fits(storedBytes: number, chunks: number): boolean;
  add(piece: NewPiece): void;
  seal(): SealedPack;
  /** Removes the file; returns the chunks nobody has now. */
  abandon(): readonly PieceChunk[];
};

/** Write-back is started whenever this much has gathered, so that the closing sync finds little left to do. */
const writebackBytes = 4 * 1024 * 1024;
/** A pack this close below a padding step is full enough: the next piece would cost more padding than it saves. */
const enoughBytes = 12 * 1024 * 1024;

/**
 * One pack on its way to the spool: each piece is encrypted, decrypted again and compared, hashed and written at once,
 * so a pack needs no memory of its own. What cannot be written throws; the caller abandons the pack.
 */
export function createPackWriter(options: {
  readonly type: PackType;
  readonly number: number;
  readonly path: string;
  readonly packKey: Uint8Array;
  readonly vault: VaultId;
  readonly fileSystem: FileSystem;
  readonly random: Random;
}): PackWriter {
  const { fileSystem, random, type, path } = options;
  const salt = random.bytes(packSaltBytes);
  const cipher: PackCipher = createPackCipher({
    packKey: options.packKey,
    vault: options.vault,
    type,
    salt,
    name: path,
  });
  const hash = createSha256();
  const directory = createDirectoryBuilder();
  const fd = fileSystem.open(path, 'create', 0o600);
  let end = 0;
  let pieces = 0;
  let chunks = 0;
  let flushed = 0;
  let isOpen = true;

  /** Once only, also when it fails: by the second time the number may belong to another thread's file. */
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    fileSystem.close(fd);
  };

  const append = (bytes: Uint8Array): void => {
    hash.update(bytes);
    fileSystem.write(fd, bytes, end);
    end += bytes.length;
    if (end - flushed < writebackBytes) return;
    fileSystem.startWriteback(fd, flushed, end - flushed);
    flushed = end;
  };
  const discard = (): void => {
    for (const action of [close, () => fileSystem.removeFile(path)]) {
      try {
        action();
      } catch {
        // The next run clears the spool.
      }
    }
  };
  try {
    append(encodePackHeader({ type, salt, commitment: cipher.commitment }));
  } catch (error) {
    discard();
    throw error;
  }

  return {
    number: options.number,
    fits(storedBytes, count) {
      if (pieces === 0) return true;
      if (chunks + count > limits.packChunks) return false;
      const after = packLayout(end + storedBytes, directory.length + directory.growth(count)).length;
      if (after > limits.packBytes) return false;
      const now = packLayout(end, directory.length);
      const paddingNow = now.directoryOffset - now.piecesEnd;
      return end < enoughBytes || paddingNow > now.length / 200 || after === now.length;
    },
    add({ chunks: held, payload, rawLength, compressed }) {
      const [first] = held;
      assert(first !== undefined, 'a piece without chunks');
      const bundle = held.length > 1;
      const name = bundle ? 'bundle' : first.id;
      const sealed = workspace(payload.length + tagBytes);
      cipher.sealPiece(pieces, name, payload, sealed, 0);
      // Memory and codecs fail in the field: what cannot be opened again must not leave this computer.
      assert(cipher.opensTo(pieces, name, sealed, payload), 'a piece that opens to what was sealed');
      append(sealed);
      const ids = concatBytes(held.map((chunk) => chunk.id));
      const lengths = held.map((chunk) => chunk.length);
      directory.add({ stored: sealed.length, raw: rawLength, zstd: compressed, bundle, ids, lengths });
      pieces++;
      chunks += held.length;
    },
    seal() {
      const listing = directory.bytes();
      const layout = packLayout(end, listing.length);
      assert(layout.length <= limits.packBytes, 'a pack within its limit');
      append(random.bytes(layout.directoryOffset - layout.piecesEnd));
      const tail = new Uint8Array(layout.directoryLength + sealedTrailerBytes);
      cipher.sealDirectory(listing, tail, 0);
      cipher.sealTrailer(encodeTrailer(layout), tail, layout.directoryLength);
      append(tail);
      assert(end === layout.length && end > packHeaderBytes, 'a pack of the planned length');
      close();
      return { number: options.number, id: packId(hash.hex()), type, path, length: end, directory: listing };
    },
    abandon() {
      discard();
      return pieces === 0 ? [] : chunksIn(directory.bytes(), path);
    },
  };
}

/** From the directory alone: an object for each chunk would hold ten times as much while a pack fills with tiny files. */
function chunksIn(directory: Uint8Array, path: string): PieceChunk[] {
  const { chunkIds, chunkLength } = decodeDirectory(directory, path);
  return Array.from(chunkLength, (length, chunk) => ({ id: idAt(chunkIds, chunk), length }));
}

/** Reused between pieces: fresh megabytes for each would cost more than encrypting them. One per thread. */
let sealedWorkspace = new Uint8Array(0);

function workspace(length: number): Uint8Array {
  if (sealedWorkspace.length < length) sealedWorkspace = new Uint8Array(Math.max(length, 1024 * 1024));
  return sealedWorkspace.subarray(0, length);
}
