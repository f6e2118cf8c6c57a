import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CofferError, equalBytes } from '../base/index.ts';
import { release } from './memory.ts';
import { loadNativeZstd, type NativeZstd } from './native-zstd.ts';

let loaded: NativeZstd | null | undefined;
const native = (): NativeZstd | null => {
  if (loaded === undefined) loaded = loadNativeZstd();
  return loaded;
};

/** For tests: what is there when nothing native is. */
export function useNativeZstd(use: boolean): void {
  loaded = use ? undefined : null;
}

/**
 * A level of zstd, or `quick`: level 1 with a table of 2¹⁵ entries. On bundles of small texts that is 3 % larger than level 2,
 * and a third quicker in both directions (measured); level 1 as it comes is 8 % larger.
 */
export type Effort = number | 'quick';

const quick = { level: 1, hashLog: 15 };
const parametersOf = (effort: Effort): { level: number; hashLog: number } =>
  effort === 'quick' ? quick : { level: effort, hashLog: 0 };

/** One zstd frame of the bytes, or null where that saves less than a part in `gain` (33: keep what saves 3 %). */
export function compress(bytes: Uint8Array, effort: Effort, gain = 33): Uint8Array | null {
  if (bytes.length === 0) return null;
  const most = Math.floor(bytes.length - bytes.length / gain);
  const zstd = native();
  return zstd === null ? compressByNode(bytes, effort, most) : compressNatively(zstd, bytes, effort, most);
}

function compressNatively(zstd: NativeZstd, bytes: Uint8Array, effort: Effort, most: number): Uint8Array | null {
  const { level, hashLog } = parametersOf(effort);
  const out = workspace(most);
  const length = most === 0 ? 0 : zstd.compress(bytes, out, level, hashLog);
  return length === 0 ? null : out.slice(0, length);
}

function compressByNode(bytes: Uint8Array, effort: Effort, most: number): Uint8Array | null {
  const { level, hashLog } = parametersOf(effort);
  const frame = zstdCompressSync(bytes, {
    chunkSize: outputChunk(bytes.length),
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_hashLog]: hashLog },
  });
  if (frame.length <= most) return plain(frame);
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
  const zstd = native();
  if (zstd !== null) {
    // Not zeroed first: all of it is written, or nobody sees it.
    const raw = plain(Buffer.allocUnsafeSlow(rawLength));
    if (zstd.decompress(frame, raw)) return raw;
    throw refuse();
  }
  let raw: Buffer;
  try {
    raw = zstdDecompressSync(frame, { chunkSize: outputChunk(rawLength), maxOutputLength: rawLength });
  } catch (cause) {
    throw refuse(cause);
  }
  if (raw.length !== rawLength) throw refuse();
  return plain(raw);
}

/** Whether a frame yields exactly these bytes. */
export function decompressesTo(frame: Uint8Array, raw: Uint8Array): boolean {
  const zstd = native();
  if (zstd !== null) {
    const again = workspace(raw.length);
    return zstd.decompress(frame, again) && equalBytes(again, raw);
  }
  try {
    const again = zstdDecompressSync(frame, { chunkSize: outputChunk(raw.length), maxOutputLength: raw.length });
    const same = equalBytes(again, raw);
    release(again);
    return same;
  } catch {
    return false;
  }
}

/** Node's default of 16 KiB would copy the result together from many small pieces. */
const outputChunk = (length: number): number => Math.min(Math.max(length, 1024), 8 * 1024 * 1024);

/** Most pieces fit the least; what is larger than the most that is kept is rare, and must not be held for ever. */
const workspaceLeast = 1024 * 1024;
const workspaceKept = 8 * 1024 * 1024;
let kept = new Uint8Array(0);

/** Reused between calls; what is larger than any piece of a pack is not kept. */
function workspace(length: number): Uint8Array {
  if (length > workspaceKept) return new Uint8Array(length);
  if (kept.length < length) kept = new Uint8Array(Math.max(length, workspaceLeast));
  return kept.subarray(0, length);
}

/** The same memory without a Buffer's own `slice`, which would be a view where everybody expects a copy. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
