import { decode as cborgDecode, encode as cborgEncode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCofferError } from '../../engine/base/index.ts';
import { type CborValue, encodeCbor, isMap } from '../../engine/format/cbor-writer.ts';
import { applyRefs, decodeTree, diffRefs, encodeTree, type Refs, readTree } from '../../engine/format/index.ts';
import { codecs } from './format-codecs.ts';
import { cborValue, hashList, refs, tree } from './format-values.ts';

const decoded = (run: () => unknown): boolean => {
  try {
    run();
    return true;
  } catch (error) {
    // Anything else is a crash, and fails the test.
    if (isCofferError(error, 'object.damaged') || isCofferError(error, 'slot.damaged')) return false;
    throw error;
  }
};

describe.each(Object.entries(codecs))('%s', (_, codec) => {
  test('comes back, and encodes to the same bytes again', () => {
    codec(({ value, encode, decode }) =>
      fc.assert(
        fc.property(value, (some) => {
          const bytes = encode(some);
          const back = decode(bytes);
          expect(back).toEqual(some);
          expect(encode(back)).toEqual(bytes);
          // From the middle of a larger Buffer, as it comes from a store.
          const inside = Buffer.concat([Buffer.of(9), bytes, Buffer.of(9)]).subarray(1, bytes.length + 1);
          expect(encode(decode(inside))).toEqual(bytes);
        }),
        { numRuns: 200 },
      ),
    );
  });

  test('is refused or read when bytes are changed, never anything else; and what is read is the only way to write it', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.constantFrom('set', 'insert', 'remove') });
    codec(({ value, encode, decode }) =>
      fc.assert(
        fc.property(value, fc.array(change, { minLength: 1, maxLength: 3 }), (some, changes) => {
          let bytes = [...encode(some)];
          for (const { at, byte, kind } of changes) {
            const place = at % (bytes.length + 1);
            if (kind === 'set' && place < bytes.length) bytes[place] = byte;
            else
              bytes = [
                ...bytes.slice(0, place),
                ...(kind === 'remove' ? [] : [byte]),
                ...bytes.slice(place + (kind === 'remove' ? 1 : 0)),
              ];
          }
          const changed = Uint8Array.from(bytes);
          if (decoded(() => decode(changed)))
            expect(Buffer.from(encode(decode(changed)))).toEqual(Buffer.from(canonical(changed)));
        }),
        { numRuns: 1000 },
      ),
    );
    // Headers are read from the front of a larger object.
    function canonical(bytes: Uint8Array): Uint8Array {
      return codec(({ encode, decode }) => bytes.subarray(0, encode(decode(bytes)).length));
    }
  });

  test('random bytes are refused without a crash', () => {
    codec(({ decode }) =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          decoded(() => decode(bytes));
        }),
        { numRuns: 1000 },
      ),
    );
  });

  test('a cut is noticed wherever it is', () => {
    codec(({ value, encode, decode }) =>
      fc.assert(
        fc.property(value, fc.nat(), (some, at) => {
          const bytes = encode(some);
          expect(decoded(() => decode(bytes.subarray(0, at % bytes.length)))).toBe(false);
        }),
        { numRuns: 200 },
      ),
    );
  });
});

describe('CBOR, against another implementation', () => {
  const options = { useMaps: true, strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true };

  test('writes the same bytes', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        expect(encodeCbor(value)).toEqual(new Uint8Array(cborgEncode(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('writes what it reads to the same values', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        expect(plain(cborgDecode(encodeCbor(value), options))).toEqual(plain(value));
      }),
      { numRuns: 500 },
    );
  });

  test('reads trees to the same arrays', () => {
    fc.assert(
      fc.property(tree, ({ header, entries }) => {
        const items = cborgDecode(encodeTree(header, entries), options) as unknown[][];
        expect(items[0]?.[0]).toBe(1);
        const names = items.slice(1).map((item) => item[1]);
        expect(names).toEqual(entries.map(({ name }) => name));
      }),
    );
  });
});

/** Numbers that fit either way are compared as one kind. */
function plain(value: CborValue): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value);
  if (value instanceof Uint8Array || value === null || typeof value !== 'object') return value;
  return isMap(value) ? new Map([...value].map(([key, item]) => [key, plain(item)])) : value.map(plain);
}

test('a tree read entry by entry is the tree', () => {
  fc.assert(
    fc.property(tree, ({ header, entries }) => {
      const bytes = encodeTree(header, entries);
      const reading = readTree(bytes, 'it');
      expect(reading.count).toBe(entries.length);
      expect([...reading.entries]).toEqual(decodeTree(bytes, 'it').entries);
    }),
  );
});

describe('lists of packs', () => {
  test('the difference of two lists leads from one to the other', () => {
    fc.assert(
      fc.property(hashList, hashList, hashList, refs, (common, left, right, some) => {
        const before = merge(common, left);
        const after = merge(common, right);
        const change: Refs = { ...some, base: '11'.repeat(32), depth: 1, ...diffRefs(before, after) };
        expect(applyRefs(before, change, 'it')).toEqual(after);
      }),
    );
  });

  test('a difference against another list is refused or gives a rising list', () => {
    fc.assert(
      fc.property(hashList, refs, (base, some) => {
        const start = some.base === null ? new Uint8Array(0) : base;
        if (decoded(() => applyRefs(start, some, 'it'))) {
          const all = applyRefs(start, some, 'it');
          expect(merge(all, new Uint8Array(0))).toEqual(all);
        }
      }),
    );
  });

  function merge(left: Uint8Array, right: Uint8Array): Uint8Array {
    const all = new Map<string, Buffer>();
    for (const list of [left, right]) {
      for (let at = 0; at < list.length; at += 32) {
        const hash = Buffer.from(list.subarray(at, at + 32));
        all.set(hash.toString('hex'), hash);
      }
    }
    return new Uint8Array(Buffer.concat([...all.values()].sort(Buffer.compare)));
  }
});
