import { createHmac, createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { assert, type ChunkId, chunkIdBytes } from '../base/index.ts';

export type IdAlgorithm = 'blake3' | 'hmac-sha256';

/** The keyed hash of a chunk's plaintext. One hasher serves one thread; each call gives a fresh array. */
export type IdHasher = (bytes: Uint8Array) => ChunkId;

/** `wasm` is for places without the native module, and for the test that both agree. */
export type Blake3Source = 'native' | 'wasm';

/** Loading is asynchronous, hashing is not. Without `source`, the native module where it is there, else WebAssembly. */
export async function loadIdHasher(algorithm: IdAlgorithm, key: Uint8Array, source?: Blake3Source): Promise<IdHasher> {
  assert(key.length === 32, 'a chunk-id key has 32 bytes');
  if (algorithm === 'hmac-sha256') return hmacHasher(key);
  const native = source === 'wasm' ? null : await nativeBlake3();
  if (native) return nativeHasher(native, key);
  assert(source !== 'native', 'the native BLAKE3 module');
  return wasmHasher(key);
}

type NativeBlake3 = typeof import('@napi-rs/blake-hash');

async function nativeBlake3(): Promise<NativeBlake3 | null> {
  try {
    // Straight to where the package itself would look, after it has had Node write a report of 17 ms on each thread.
    if (process.platform === 'linux') {
      return createRequire(import.meta.url)(`@napi-rs/blake-hash-linux-${process.arch}-gnu`) as NativeBlake3;
    }
  } catch {
    // Another C library, or packages laid out in another way.
  }
  try {
    return await import('@napi-rs/blake-hash');
  } catch {
    // A platform without a prebuilt binary; the WebAssembly one gives the same bytes, only slower.
    return null;
  }
}

/**
 * A new keyed hasher costs about 20 µs, `reset` keeps the key and costs 0.3 µs; a digest as text costs a quarter of one as a
 * Buffer, whose memory the native side must register. Together: 3.4 µs for 3 kB, 150 µs for 512 KiB.
 */
function nativeHasher(native: NativeBlake3, key: Uint8Array): IdHasher {
  const hasher = native.Blake3Hasher.newKeyed(Buffer.from(key));
  const digest = Buffer.alloc(chunkIdBytes);
  const id: IdHasher = (bytes) => {
    hasher.reset();
    hasher.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    digest.write(hasher.digest('hex'), 'hex');
    const copy = new Uint8Array(chunkIdBytes);
    copy.set(digest);
    return copy as ChunkId; // 32 bytes by construction; this is the hot path
  };
  const probe = new Uint8Array(1);
  id(probe);
  const fresh = native.Blake3Hasher.newKeyed(Buffer.from(key)).update(Buffer.from(probe)).digestBuffer();
  assert(fresh.equals(id(probe)), 'reset keeps the key');
  return id;
}

async function wasmHasher(key: Uint8Array): Promise<IdHasher> {
  const { createBLAKE3 } = await import('hash-wasm');
  const hasher = await createBLAKE3(256, key);
  return (bytes) => {
    const digest = hasher.init().update(bytes).digest('binary');
    assert(digest.length === chunkIdBytes, 'an id of 32 bytes');
    return digest as ChunkId; // checked above
  };
}

function hmacHasher(key: Uint8Array): IdHasher {
  const secret = createSecretKey(key);
  return (bytes) => new Uint8Array(createHmac('sha256', secret).update(bytes).digest()) as ChunkId; // SHA-256 has 32 bytes
}
