import { expect, test } from 'vitest';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { createDirectoryBuilder } from '../../../engine/format/directory.ts';
import { createLookup } from '../../../engine/repository/lookup.ts';

function directoryOf(ids: Uint8Array, from: number, to: number): Uint8Array {
  const builder = createDirectoryBuilder();
  for (let chunk = from; chunk < to; ) {
    const count = Math.min(to - chunk, 1 + (chunk % 3));
    const some = ids.subarray(chunk * 32, (chunk + count) * 32);
    const lengths = new Array<number>(count).fill(10);
    builder.add({ stored: 16 + 10 * count, raw: 10 * count, zstd: false, bundle: count > 1, ids: some, lengths });
    chunk += count;
  }
  return builder.bytes();
}

test('finds each chunk in the first pack that has it, and nothing else', () => {
  const ids = seededRandom(1).bytes(5_000 * 32);
  const lookup = createLookup([
    { number: 7, encoded: directoryOf(ids, 0, 2_000) },
    { number: 3, encoded: directoryOf(ids, 1_500, 4_000) },
    { number: 9, encoded: new Uint8Array(4) },
  ]);
  const found = Array.from({ length: 5_000 }, (_, chunk) => lookup(ids, chunk * 32));
  const expected = Array.from({ length: 5_000 }, (_, chunk) => (chunk < 2_000 ? 7 : chunk < 4_000 ? 3 : -1));
  expect(found).toEqual(expected);
});

test('compares all 32 bytes', () => {
  const ids = seededRandom(2).bytes(32);
  const lookup = createLookup([{ number: 1, encoded: directoryOf(ids, 0, 1) }]);
  expect(lookup(ids, 0)).toBe(1);
  for (let byte = 0; byte < 32; byte++) {
    const near = ids.slice();
    near[byte] = (near[byte] ?? 0) ^ 1;
    expect(lookup(near, 0)).toBe(-1);
  }
});

test('of nothing finds nothing', () => {
  expect(createLookup([])(new Uint8Array(32), 0)).toBe(-1);
});
