import { describe, expect, test } from 'vitest';
import { packTypes } from '../../../engine/format/constants.ts';
import { packLayout, padme, sealedTrailerBytes } from '../../../engine/format/index.ts';

const MiB = 1024 * 1024;

describe('Padmé', () => {
  test.each([
    [8, 8],
    [9, 10],
    [100, 104],
    [1000, 1024],
    [1_000_000, 1_015_808],
    [16 * MiB, 16 * MiB],
    [16 * MiB - 1, 16 * MiB],
    [16 * MiB - 300_000, 16_515_072],
  ])('pads %i to %i', (length, padded) => {
    expect(padme(length)).toBe(padded);
  });

  test('never shrinks, costs at most 12 %, and leaves padded lengths alone', () => {
    let before = 0;
    for (let length = 100; length < 16 * MiB; length = Math.ceil(length * 1.003) + 1) {
      const padded = padme(length);
      expect(padded).toBeGreaterThanOrEqual(Math.max(length, before));
      expect(padded).toBeLessThan(length * 1.12 + 1);
      expect(padme(padded)).toBe(padded);
      before = padded;
    }
  });
});

test('a pack is laid out to its padded length', () => {
  const { piecesEnd, directoryOffset, directoryLength, length } = packLayout(1_000_000, 500);
  expect(directoryLength).toBe(516);
  expect(length).toBe(padme(1_000_000 + 516 + sealedTrailerBytes));
  expect(directoryOffset + directoryLength + sealedTrailerBytes).toBe(length);
  expect(directoryOffset).toBeGreaterThanOrEqual(piecesEnd);
});

test('pack types keep their codes', () => {
  expect(packTypes.map((type, at) => [type, at + 1])).toEqual([
    ['data', 1],
    ['tree', 2],
  ]);
});
