import { createCipheriv, createHash } from 'node:crypto';

/** Megabytes of bytes that no compressor makes smaller, the same for the same seed; `noise` in trees.ts is for little ones. */
export function fastNoise(length: number, seed: number | string): Uint8Array {
  const key = createHash('sha256').update(`${seed}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
