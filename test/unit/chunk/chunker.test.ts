import { describe, expect, test } from 'vitest';
import { AssertionError, fromHex, toHex } from '../../../engine/base/index.ts';
import { areChunkerParameters, chunkEnds, createChunker } from '../../../engine/chunk/index.ts';
import { deriveGearTable, sha256Hex } from '../../../engine/crypto/index.ts';
import { pseudoRandom } from './content.ts';

const defaults = { min: 262_144, average: 524_288, max: 4_194_304 };
const small = { min: 256, average: 1024, max: 4096 };
const table = deriveGearTable(fromHex('00'.repeat(32)));

const lengthsOf = (ends: readonly number[]): number[] => ends.map((end, at) => end - (ends[at - 1] ?? 0));

// Computed from FORMAT.md by a program in another language.
test('the cuts of known content never change', () => {
  expect(sha256Hex(table)).toBe('62ce235c8b138e0defd0961b786e83f34b2912951af2ed5a27f022c5c8707c2a');
  const content = pseudoRandom(20_000, 1);
  expect(toHex(content.subarray(0, 8))).toBe('a88c5d2d7c04bc76');
  expect(chunkEnds(createChunker(small, table), content)).toEqual([
    299, 2924, 4786, 5276, 6034, 7483, 8779, 10250, 10867, 11386, 12287, 14676, 16840, 17958, 19150, 19751, 20000,
  ]);
});

describe('lengths', () => {
  const content = pseudoRandom(3_000_000, 2);
  const lengths = lengthsOf(chunkEnds(createChunker(small, table), content));

  test('keep to the least and the most', () => {
    const whole = lengths.slice(0, -1);
    expect(Math.min(...whole)).toBeGreaterThanOrEqual(small.min);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(small.max);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(content.length);
  });

  test('have the average that was asked for', () => {
    const mean = content.length / lengths.length;
    expect(mean).toBeGreaterThan(small.average * 0.94);
    expect(mean).toBeLessThan(small.average * 1.03);
  });

  test('are the most where content is all alike', () => {
    const zeros = lengthsOf(chunkEnds(createChunker(small, table), new Uint8Array(10_000)));
    expect(zeros).toEqual([4096, 4096, 1808]);
  });
});

describe('an edit', () => {
  const content = pseudoRandom(2_000_000, 3);
  const chunksOf = (bytes: Uint8Array): Set<string> => {
    const ends = chunkEnds(createChunker(small, table), bytes);
    return new Set(ends.map((end, at) => sha256Hex(bytes.subarray(ends[at - 1] ?? 0, end))));
  };
  const before = chunksOf(content);

  test.each([
    ['of one byte', 0, 1],
    ['that inserts a byte', 1, 0],
    ['that removes 100 bytes', -100, 0],
    ['that inserts 5,000 bytes', 5000, 0],
  ])('%s in the middle makes few new chunks', (_, inserted, replaced) => {
    const middle = 1_000_000;
    const changed = Buffer.concat([
      content.subarray(0, middle + Math.min(0, inserted)),
      pseudoRandom(Math.max(0, inserted) + replaced, 4),
      content.subarray(middle + replaced),
    ]);
    const added = [...chunksOf(changed)].filter((chunk) => !before.has(chunk));
    expect(added.length).toBeGreaterThan(0);
    expect(added.length).toBeLessThanOrEqual(4 + Math.ceil(Math.max(0, inserted) / small.min));
  });
});

test('another key cuts elsewhere', () => {
  const content = pseudoRandom(200_000, 5);
  const mine = new Set(chunkEnds(createChunker(small, table), content));
  const other = chunkEnds(createChunker(small, deriveGearTable(fromHex('01'.repeat(32)))), content);
  expect(other.filter((end) => mine.has(end)).length).toBeLessThan(other.length / 10);
});

describe('cutting while reading', () => {
  test('asks for more bytes until it can be sure', () => {
    const chunker = createChunker(small, table);
    chunker.slab.set(new Uint8Array(8192));
    expect(chunker.cut(0, 0, false)).toBe(0);
    expect(chunker.cut(0, 0, true)).toBe(0);
    expect(chunker.cut(0, 256, false)).toBe(0);
    expect(chunker.cut(0, 256, true)).toBe(256);
    expect(chunker.cut(0, 4095, false)).toBe(0);
    expect(chunker.cut(0, 4096, false)).toBe(4096);
    expect(chunker.cut(4096, 8192, false)).toBe(8192);
    expect(chunker.cut(8192, 8192, true)).toBe(0);
  });

  test('a place outside the slab is our own mistake', () => {
    const chunker = createChunker(small, table, 8192);
    expect(() => chunker.cut(10, 5, true)).toThrow(AssertionError);
    expect(() => chunker.cut(0, 8193, true)).toThrow(AssertionError);
    expect(() => chunker.cut(-1, 5, true)).toThrow(AssertionError);
    expect(() => createChunker(small, table, 4095)).toThrow(AssertionError);
    expect(() => createChunker(small, table.subarray(1))).toThrow(AssertionError);
  });
});

test('parameters outside the limits of the format are refused', () => {
  expect(areChunkerParameters(defaults)).toBe(true);
  expect(areChunkerParameters({ min: 65, average: 67, max: 67 })).toBe(true);
  for (const wrong of [
    { min: 64 },
    { min: 524_288 },
    { min: 524_287 },
    { average: 4_194_305 },
    { max: 8_388_609 },
    { min: 300.5 },
    { average: Number.NaN },
  ]) {
    expect(areChunkerParameters({ ...defaults, ...wrong })).toBe(false);
    expect(() => createChunker({ ...defaults, ...wrong }, table)).toThrow(AssertionError);
  }
});
