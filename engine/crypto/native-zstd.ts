import { assert } from '../base/index.ts';
import { bindNative, type NativeCall, whenThreadEnds } from './native.ts';

/**
 * The zstd that is part of Node (native.ts), with contexts that stay. Node makes one for each call, with buffers of several
 * megabytes for a stream that there is not: a fifth of the time, and a hundred megabytes of a process that does it all day.
 */
export type NativeZstd = {
  /** Length of the frame in `out`; 0 where `out` is too short. */
  compress(bytes: Uint8Array, out: Uint8Array, level: number, hashLog: number): number;
  /** Whether this is one frame, and yields exactly as many bytes as `out` has. */
  decompress(frame: Uint8Array, out: Uint8Array): boolean;
};

const signatures = {
  compressor: 'void* ZSTD_createCCtx()',
  decompressor: 'void* ZSTD_createDCtx()',
  set: 'size_t ZSTD_CCtx_setParameter(void*, int, int)',
  compress: 'size_t ZSTD_compress2(void*, void*, size_t, const void*, size_t)',
  decompress: 'size_t ZSTD_decompressDCtx(void*, void*, size_t, const void*, size_t)',
  frameLength: 'size_t ZSTD_findFrameCompressedSize(const void*, size_t)',
  isError: 'unsigned int ZSTD_isError(size_t)',
  dropCompressor: 'size_t ZSTD_freeCCtx(void*)',
  dropDecompressor: 'size_t ZSTD_freeDCtx(void*)',
} as const;

const levelParameter = 100;
const hashLogParameter = 102;

/** Null where there is no such library, or where it does not do what it should. */
export function loadNativeZstd(): NativeZstd | null {
  try {
    const zstd = create(bindNative(signatures));
    return worksWell(zstd) ? zstd : null;
  } catch {
    // No koffi for this processor, or no such names in this program: nothing is lost but speed.
    return null;
  }
}

function create(calls: Readonly<Record<keyof typeof signatures, NativeCall>>): NativeZstd {
  const compressor = calls.compressor();
  const decompressor = calls.decompressor();
  assert(Boolean(compressor) && Boolean(decompressor), 'two contexts');
  whenThreadEnds(() => {
    calls.dropCompressor(compressor);
    calls.dropDecompressor(decompressor);
  });
  const lengthOf = (answer: unknown): number => (calls.isError(answer) === 0 ? Number(answer) : -1);
  let known = { level: 0, hashLog: 0 };
  const set = (level: number, hashLog: number): void => {
    if (known.level === level && known.hashLog === hashLog) return;
    assert(lengthOf(calls.set(compressor, levelParameter, level)) >= 0, 'a level of zstd');
    assert(lengthOf(calls.set(compressor, hashLogParameter, hashLog)) >= 0, 'a size of zstd’s table');
    known = { level, hashLog };
  };
  return {
    compress(bytes, out, level, hashLog) {
      set(level, hashLog);
      return Math.max(0, lengthOf(calls.compress(compressor, out, out.length, bytes, bytes.length)));
    },
    decompress: (frame, out) =>
      // It would go on with a second frame behind the first, of which FORMAT.md knows nothing.
      lengthOf(calls.frameLength(frame, frame.length)) === frame.length &&
      lengthOf(calls.decompress(decompressor, out, out.length, frame, frame.length)) === out.length,
  };
}

function worksWell(zstd: NativeZstd): boolean {
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 50);
  const out = new Uint8Array(1000);
  const length = zstd.compress(bytes, out, 3, 0);
  const back = new Uint8Array(1000);
  return length > 0 && zstd.decompress(out.subarray(0, length), back) && Buffer.compare(back, bytes) === 0;
}
