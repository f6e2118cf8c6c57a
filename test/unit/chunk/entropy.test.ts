import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { looksIncompressible } from '../../../engine/chunk/index.ts';
import { pseudoRandom } from './content.ts';

const words = ['backup', 'folder', 'restore', 'the', 'of', 'a', 'chunk', 'key', 'and', 'vault', 'is', 'to'];
const text = (length: number): Uint8Array => {
  const picks = pseudoRandom(length, 7);
  let all = '';
  for (const pick of picks) {
    if (all.length >= length) break;
    all += `${words[pick % words.length]}${pick > 250 ? '.\n' : ' '}`;
  }
  return Buffer.from(all.slice(0, length), 'latin1');
};

const sizes = [600, 3000, 65_536, 524_288];

/** Scan data of a JPEG: even, but for the zero that must follow each 0xff. */
const jpegLike = (length: number): Uint8Array =>
  Uint8Array.from(
    [...pseudoRandom(length, 8)].flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])).slice(0, length),
  );

const filled = (length: number, write: (view: DataView, at: number) => void, step: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + step <= length; at += step) write(view, at);
  return bytes;
};

describe.each(sizes)('of %i bytes', (size) => {
  test.each([
    ['random bytes', pseudoRandom(size, 9)],
    ['a photograph', jpegLike(size)],
    ['a zstd frame', zstdCompressSync(text(4_000_000)).subarray(1000, 1000 + size)],
    ['a gzip stream', gzipSync(text(4_000_000)).subarray(1000, 1000 + size)],
  ])('%s look incompressible', (_, bytes) => {
    expect(looksIncompressible(bytes)).toBe(true);
  });

  const noise = pseudoRandom(size, 10);
  test.each([
    ['text', text(size)],
    ['zeros', new Uint8Array(size)],
    ['base64', Buffer.from(Buffer.from(noise).toString('base64').slice(0, size), 'latin1')],
    ['hexadecimal', Buffer.from(Buffer.from(noise).toString('hex').slice(0, size), 'latin1')],
    ['a counter', Uint8Array.from(noise, (_, at) => at)],
    ['a repeated block', Uint8Array.from(noise, (_, at) => noise[at % 100] ?? 0)],
    ['numbers', filled(size, (view, at) => view.setUint32(at, at * 3, true), 4)],
    ['measurements', filled(size, (view, at) => view.setFloat64(at, (noise[at] ?? 0) / 3, true), 8)],
    ['sound', filled(size, (view, at) => view.setInt16(at, 8000 * Math.sin(at / 20) + (noise[at] ?? 0), true), 2)],
    ['half random, half zeros', Uint8Array.from(noise, (byte, at) => (at % 512 < 256 ? byte : 0))],
  ])('%s do not', (_, bytes) => {
    expect(looksIncompressible(bytes)).toBe(false);
  });
});

test('a few bytes are never judged', () => {
  for (const size of [0, 1, 100, 511]) expect(looksIncompressible(pseudoRandom(size, 11))).toBe(false);
});
