import { createCipheriv, createHash } from 'node:crypto';

/** Random numbers that follow from a seed alone, so that every computer measures the same data. */
export type Random = {
  /** 0 … 2³² − 1. */
  readonly next: () => number;
  /** 0 … limit − 1. */
  readonly below: (limit: number) => number;
  /** Normally distributed, mean 0 and deviation 1. */
  readonly normal: () => number;
};

const digest = (seed: string): Buffer => createHash('sha256').update(seed).digest();

/** sfc32: fast, and passes the usual statistical batteries; nothing here is secret. */
export const createRandom = (seed: string): Random => {
  const start = digest(seed);
  let [a, b, c] = [start.readInt32LE(0), start.readInt32LE(4), start.readInt32LE(8)];
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 15; round += 1) next();
  const fraction = (): number => (next() + 0.5) / 0x1_0000_0000;
  return {
    next,
    below: (limit) => Math.floor(fraction() * limit),
    normal: () => Math.sqrt(-2 * Math.log(fraction())) * Math.cos(2 * Math.PI * fraction()),
  };
};

/** An endless source of bytes; each call continues where the last one ended. */
export type ByteSource = (length: number) => Uint8Array;

/** Bytes that no compressor shortens: an AES-CTR key stream, since that is the fastest generator at hand. */
export const createNoise = (seed: string): ByteSource => {
  const cipher = createCipheriv('aes-256-ctr', digest(seed), Buffer.alloc(16));
  let zeros = Buffer.alloc(0);
  return (length) => {
    if (zeros.length < length) zeros = Buffer.alloc(length);
    return cipher.update(zeros.subarray(0, length));
  };
};
