import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNames, decodePath, nameBytes } from '../../engine/filesystem/index.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
/** Bytes near the edges of UTF-8, which random ones seldom hit. */
const edges = fc
  .array(fc.constantFrom(0x61, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5), {
    maxLength: 12,
  })
  .map((list) => Uint8Array.from(list));

test('any bytes come back from path text', () => {
  fc.assert(
    fc.property(fc.oneof(bytes, edges), (name) => {
      expect(nameBytes(decodePath(name))).toEqual(name);
    }),
    { numRuns: 2000 },
  );
});

test('names compare as their bytes do', () => {
  fc.assert(
    fc.property(fc.oneof(bytes, edges), fc.oneof(bytes, edges), (left, right) => {
      expect(Math.sign(compareNames(decodePath(left), decodePath(right)))).toBe(Buffer.compare(left, right));
    }),
    { numRuns: 2000 },
  );
});

test('text is decoded as the strict decoder of the platform does where nothing is invalid', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodePath(Buffer.from(text, 'utf8'))).toBe(text);
    }),
  );
});
