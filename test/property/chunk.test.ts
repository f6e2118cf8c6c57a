import fc from 'fast-check';
import { expect, test } from 'vitest';
import { referenceEnds } from '../../engine/chunk/gear-reference.ts';
import { type ChunkerParameters, chunkEnds, createChunker } from '../../engine/chunk/index.ts';

const table = fc.uint8Array({ minLength: 2048, maxLength: 2048 });

const parameters: fc.Arbitrary<ChunkerParameters> = fc
  .record({
    min: fc.integer({ min: 65, max: 400 }),
    above: fc.integer({ min: 2, max: 600 }),
    spare: fc.integer({ min: 0, max: 2000 }),
  })
  .map(({ min, above, spare }) => ({ min, average: min + above, max: min + above + spare }));

/** Random bytes, and runs of one value, which find the ends that random ones never reach. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .record({ byte: fc.nat(255), length: fc.nat(3000) })
        .map(({ byte, length }) => new Uint8Array(length).fill(byte)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

test('WebAssembly cuts where the plain words of the format cut', () => {
  fc.assert(
    fc.property(table, parameters, content, (gear, sizes, bytes) => {
      expect(chunkEnds(createChunker(sizes, gear, sizes.max), bytes)).toEqual(referenceEnds(sizes, gear, bytes));
    }),
    { numRuns: 300 },
  );
});

test('cuts do not depend on how the content arrives', () => {
  const reads = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(table, parameters, content, reads, (gear, sizes, bytes, lengths) => {
      expect(readAndCut(sizes, gear, bytes, lengths)).toEqual(referenceEnds(sizes, gear, bytes));
    }),
    { numRuns: 300 },
  );
});

/** Reads a few bytes at a time, as a pipeline does, and moves what is left to the front when the slab is full. */
function readAndCut(sizes: ChunkerParameters, gear: Uint8Array, bytes: Uint8Array, reads: readonly number[]): number[] {
  const chunker = createChunker(sizes, gear, sizes.max + 777);
  const { slab } = chunker;
  const ends: number[] = [];
  let read = 0;
  let from = 0;
  let filled = 0;
  for (let turn = 0; read < bytes.length; turn++) {
    if (filled === slab.length) {
      slab.copyWithin(0, from, filled);
      filled -= from;
      from = 0;
    }
    const more = bytes.subarray(read, read + Math.min(reads[turn % reads.length] ?? 1, slab.length - filled));
    slab.set(more, filled);
    filled += more.length;
    read += more.length;
    for (let end = chunker.cut(from, filled, read === bytes.length); end > 0; ) {
      ends.push(read - filled + end);
      from = end;
      end = chunker.cut(from, filled, read === bytes.length);
    }
  }
  return ends;
}

test('what follows a cut is cut the same whatever came before it', () => {
  fc.assert(
    fc.property(table, parameters, content, (gear, sizes, bytes) => {
      const ends = chunkEnds(createChunker(sizes, gear), bytes);
      const first = ends[0] ?? 0;
      const rest = chunkEnds(createChunker(sizes, gear), bytes.subarray(first));
      expect(rest.map((end) => end + first)).toEqual(ends.slice(1));
    }),
    { numRuns: 100 },
  );
});
