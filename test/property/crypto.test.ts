import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkId, isCofferError, type Random, vaultId } from '../../engine/base/index.ts';
import {
  compress,
  createPackCipher,
  decompress,
  deriveKeys,
  open,
  openObject,
  type PackCipherOptions,
  type SealedObject,
  seal,
  sealObject,
} from '../../engine/crypto/index.ts';
import { bytesFromPhrase, phraseFromBytes } from '../../engine/crypto/phrase.ts';

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 5000 }),
  fc
    .record({ byte: fc.nat(255), length: fc.nat(250_000) })
    .map(({ byte, length }) => new Uint8Array(length).fill(byte)),
);
const box = fc.record({ key: bytesOf(32), nonce: bytesOf(12), aad: fc.uint8Array() });
const vault = vaultId('00112233445566778899aabbccddeeff');

const isRefused = (run: () => unknown, code: 'object.damaged' | 'phrase.invalid' = 'object.damaged'): boolean => {
  try {
    run();
  } catch (error) {
    if (isCofferError(error, code)) return true;
    throw error;
  }
  return false;
};

/** A copy with one bit of one byte turned. */
const turned = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 << bit);
  return copy;
};
const place = fc.nat();
const bit = fc.nat(7);

describe('AES-GCM', () => {
  test('opens what it sealed, in parts or whole, and nothing else', () => {
    fc.assert(
      fc.property(box, fc.array(payload, { maxLength: 4 }), place, bit, (some, parts, at, which) => {
        const sealed = seal(some, parts);
        expect(Buffer.compare(open(some, sealed, 'it'), Buffer.concat(parts))).toBe(0);
        expect(isRefused(() => open(some, turned(sealed, at, which), 'it'))).toBe(true);
        expect(isRefused(() => open(some, sealed.subarray(1), 'it'))).toBe(true);
      }),
    );
  });

  test('random bytes do not open', () => {
    fc.assert(
      fc.property(box, fc.uint8Array({ maxLength: 200 }), (some, bytes) => isRefused(() => open(some, bytes, 'it'))),
    );
  });
});

describe('sealed objects', () => {
  const root = bytesOf(32);
  const random = (seed: number): Random => ({ bytes: (length) => new Uint8Array(length).fill(seed), integer: () => 0 });
  const object = fc.record({
    keys: root.map((key) => deriveKeys(key, vault)),
    vault: fc.constant(vault),
    kind: fc.constantFrom('config' as const, 'index' as const, 'snapshot' as const, 'log' as const),
    path: fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.uint8Array()),
  }) satisfies fc.Arbitrary<SealedObject>;

  test('open to what was sealed, and to nothing after any change', () => {
    fc.assert(
      fc.property(object, payload, fc.nat(255), place, bit, (some, bytes, seed, at, which) => {
        const sealed = sealObject(some, bytes, { random: random(seed), level: 3 });
        expect(Buffer.compare(openObject(some, sealed, 'it'), bytes)).toBe(0);
        expect(isRefused(() => openObject(some, turned(sealed, at, which), 'it'))).toBe(true);
        expect(isRefused(() => openObject(some, sealed.subarray(0, at % sealed.length), 'it'))).toBe(true);
      }),
    );
  });

  test('random bytes do not open', () => {
    fc.assert(
      fc.property(object, fc.uint8Array({ maxLength: 300 }), (some, bytes) =>
        isRefused(() => openObject(some, bytes, 'it')),
      ),
    );
  });
});

test('zstd gives back exactly what it took, or nothing', () => {
  fc.assert(
    fc.property(payload, fc.integer({ min: 1, max: 5 }), fc.nat(100_000), (bytes, level, length) => {
      const frame = compress(bytes, level);
      if (frame === null) return;
      expect(frame.length).toBeLessThan(bytes.length);
      expect(Buffer.compare(decompress(frame, bytes.length, 'it'), bytes)).toBe(0);
      expect(length === bytes.length || isRefused(() => decompress(frame, length, 'it'))).toBe(true);
    }),
  );
});

test('random bytes are no zstd frame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1_000_000), (bytes, length) =>
      isRefused(() => decompress(bytes, length, 'it')),
    ),
  );
});

test('pieces of a pack open under their number and name alone', () => {
  const options = fc.record({
    packKey: bytesOf(32),
    vault: fc.constant(vault),
    type: fc.constantFrom('data' as const, 'tree' as const),
    salt: bytesOf(24),
    name: fc.constant('it'),
  }) satisfies fc.Arbitrary<PackCipherOptions>;
  const indexes = fc
    .uniqueArray(fc.nat(2 ** 24 - 1), { minLength: 2, maxLength: 2 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(options, indexes, bytesOf(32), payload, (some, [first = 0, second = 1], id, bytes) => {
      const cipher = createPackCipher(some);
      const out = new Uint8Array(2 * (bytes.length + 16));
      const one = cipher.sealPiece(first, chunkId(id), bytes, out, 0);
      const two = cipher.sealPiece(second, 'bundle', bytes, out, one);
      const reader = createPackCipher({ ...some, commitment: cipher.commitment });
      const [single, bundle] = [out.subarray(0, one), out.subarray(one, one + two)];
      expect(Buffer.compare(reader.openPiece(first, chunkId(id), single), bytes)).toBe(0);
      expect(Buffer.compare(reader.openPiece(second, 'bundle', bundle), bytes)).toBe(0);
      expect(isRefused(() => reader.openPiece(second, chunkId(id), single))).toBe(true);
      expect(isRefused(() => reader.openPiece(first, 'bundle', single))).toBe(true);
      expect(isRefused(() => reader.openPiece(first, 'bundle', bundle))).toBe(true);
    }),
  );
});

describe('recovery phrases', () => {
  test('come back from their words', () => {
    fc.assert(
      fc.property(bytesOf(32), (bytes) => {
        expect(bytesFromPhrase(phraseFromBytes(bytes))).toEqual(bytes);
      }),
    );
  });

  test('are refused for any other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => isRefused(() => bytesFromPhrase(text), 'phrase.invalid')),
    );
  });
});
