import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lengthAfter, planEdits } from '../../bench/edits.ts';
import { createNoise, createRandom } from '../../bench/random.ts';
import { createText } from '../../bench/words.ts';

const megabyte = 1_000_000;

describe('the data of the bench', () => {
  it('is the same for the same seed, however it is asked for', () => {
    for (const create of [createNoise, createText]) {
      expect(Buffer.from(create('seed')(5_000))).toEqual(Buffer.from(create('seed')(5_000)));
      expect(Buffer.from(create('seed')(5_000))).not.toEqual(Buffer.from(create('another')(5_000)));
    }
    const [whole, parts] = [createNoise('seed'), createNoise('seed')];
    expect(Buffer.concat([parts(1_000), parts(4_000)])).toEqual(Buffer.from(whole(5_000)));
  });

  it('has noise that no compressor shortens', () => {
    expect(zstdCompressSync(createNoise('seed')(megabyte)).length).toBeGreaterThan(megabyte);
  });

  it('has text that compresses like prose', () => {
    const ratio = (4 * megabyte) / zstdCompressSync(createText('seed')(4 * megabyte)).length;
    expect(ratio).toBeGreaterThan(2.3);
    expect(ratio).toBeLessThan(3.5);
  });

  it('has random numbers below their limit, and normal ones around zero', () => {
    const random = createRandom('seed');
    const values = Array.from({ length: 10_000 }, () => random.below(7));
    expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    const mean = Array.from({ length: 10_000 }, random.normal).reduce((sum, value) => sum + value, 0) / 10_000;
    expect(Math.abs(mean)).toBeLessThan(0.05);
  });
});

describe('the edits', () => {
  it.each([1, 6, 200])('are %d, in order, apart, and change the length', (count) => {
    const size = 64 * megabyte;
    const edits = planEdits(createRandom('seed'), size, count);
    expect(edits).toHaveLength(count);
    let end = 0;
    for (const edit of edits) {
      expect(edit.offset).toBeGreaterThanOrEqual(end);
      expect(edit.removed + edit.inserted).toBeGreaterThan(0);
      end = edit.offset + edit.removed;
    }
    expect(end).toBeLessThanOrEqual(size);
    expect(lengthAfter(edits, size)).not.toBe(size);
  });

  it('refuse a file that is too short for them', () => {
    expect(() => planEdits(createRandom('seed'), 1_000, 200)).toThrow(RangeError);
  });
});
