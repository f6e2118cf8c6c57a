import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CofferError } from '../base/index.ts';
import { release } from './memory.ts';

/** Node's default of 16 KiB would copy the result together from many small pieces. */
const outputChunk = (length: number): number => Math.min(Math.max(length, 1024), 8 * 1024 * 1024);

/** One zstd frame of the bytes, or null where that saves less than a part in `gain` (33: keep what saves 3 %). */
export function compress(bytes: Uint8Array, level: number, gain = 33): Uint8Array | null {
  if (bytes.length === 0) return null;
  const frame = zstdCompressSync(bytes, {
    chunkSize: outputChunk(bytes.length),
    params: { [constants.ZSTD_c_compressionLevel]: level },
  });
  if (frame.length + bytes.length / gain <= bytes.length) return plain(frame);
  release(frame);
  return null;
}

/** Exactly `rawLength` bytes, or `object.damaged`; never more memory than that, whatever the frame claims. */
export function decompress(frame: Uint8Array, rawLength: number, name: string): Uint8Array {
  const refuse = (cause?: unknown): CofferError =>
    new CofferError(
      'object.damaged',
      { key: name, reason: 'its compressed bytes do not yield what they should' },
      cause,
    );
  if (rawLength === 0) throw refuse();
  let raw: Buffer;
  try {
    raw = zstdDecompressSync(frame, { chunkSize: outputChunk(rawLength), maxOutputLength: rawLength });
  } catch (cause) {
    throw refuse(cause);
  }
  if (raw.length !== rawLength) throw refuse();
  return plain(raw);
}

/** The same memory without a Buffer's own `slice`, which would be a view where everybody expects a copy. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
