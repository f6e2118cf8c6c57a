import { describe, expect, test } from 'vitest';
import { AssertionError, chunkId, systemRandom, toHex, vaultId } from '../../../engine/base/index.ts';
import { seal } from '../../../engine/crypto/gcm.ts';
import { createPackCipher, type PackCipherOptions } from '../../../engine/crypto/index.ts';
import { hkdf } from '../../../engine/crypto/keys.ts';
import { damageOf } from '../../support/damage.ts';

const vault = vaultId('00112233445566778899aabbccddeeff');
const options: PackCipherOptions = {
  packKey: systemRandom.bytes(32),
  vault,
  type: 'data',
  salt: systemRandom.bytes(24),
  name: 'packs/ab/abc',
};
const id = chunkId(systemRandom.bytes(32));
const payload = systemRandom.bytes(1000);

const isDamage = (run: () => unknown): boolean => damageOf(run)?.key === 'packs/ab/abc';

describe('pieces', () => {
  test('come back under their number and name, and under no other', () => {
    const out = new Uint8Array(3000);
    const writer = createPackCipher(options);
    const first = writer.sealPiece(0, id, payload, out, 0);
    const second = writer.sealPiece(1, 'bundle', [payload.subarray(0, 300), payload.subarray(300)], out, first);
    const reader = createPackCipher({ ...options, commitment: writer.commitment });
    const single = out.subarray(0, first);
    const bundle = out.subarray(first, first + second);
    expect(reader.openPiece(0, id, single)).toEqual(payload);
    expect(reader.openPiece(1, 'bundle', bundle)).toEqual(payload);
    const into = new Uint8Array(2000);
    expect(reader.openPiece(0, id, single, into)).toEqual(payload);
    expect(into.subarray(0, 1000)).toEqual(payload);
    expect(isDamage(() => reader.openPiece(1, id, single))).toBe(true);
    expect(isDamage(() => reader.openPiece(0, 'bundle', single))).toBe(true);
    expect(isDamage(() => reader.openPiece(0, chunkId(systemRandom.bytes(32)), single))).toBe(true);
    expect(isDamage(() => createPackCipher({ ...options, type: 'tree' }).openPiece(0, id, single))).toBe(true);
  });

  test('are sealed as the format says', () => {
    const derived = hkdf({ material: options.packKey, salt: options.salt, info: `coffer/v1/pack/data/${vault}` }, 76);
    const cipher = createPackCipher(options);
    expect(toHex(cipher.commitment)).toBe(toHex(derived.subarray(44)));
    const nonce = derived.slice(32, 44);
    // Number 0x010203, XORed into the last four bytes as a big-endian u32; little-endian in the associated data.
    for (const [at, byte] of [
      [9, 1],
      [10, 2],
      [11, 3],
    ] as const) {
      nonce[at] = (nonce[at] ?? 0) ^ byte;
    }
    const aad = Uint8Array.of(1, 3, 2, 1, 0, ...id);
    const out = new Uint8Array(1016);
    cipher.sealPiece(0x010203, id, payload, out, 0);
    expect(toHex(out)).toBe(toHex(seal({ key: derived.subarray(0, 32), nonce, aad }, payload)));
  });
});

test('directory and trailer come back, and do not pass for each other', () => {
  const cipher = createPackCipher({ ...options, type: 'tree' });
  const out = new Uint8Array(100);
  const directoryLength = cipher.sealDirectory(Uint8Array.of(1, 2, 3), out, 0);
  cipher.sealTrailer(payload.subarray(0, 16), out, 50);
  expect(cipher.openDirectory(out.subarray(0, directoryLength))).toEqual(Uint8Array.of(1, 2, 3));
  expect(cipher.openTrailer(out.subarray(50, 82))).toEqual(payload.subarray(0, 16));
  expect(isDamage(() => cipher.openTrailer(out.subarray(0, directoryLength)))).toBe(true);
});

test('another commitment is refused before anything is opened', () => {
  expect(isDamage(() => createPackCipher({ ...options, commitment: systemRandom.bytes(32) }))).toBe(true);
});

describe('nothing is sealed twice under one salt', () => {
  const out = new Uint8Array(3000);

  test.each([[0], [4], [5]])('number %i after 5', (index) => {
    const cipher = createPackCipher(options);
    cipher.sealPiece(5, id, payload, out, 0);
    expect(() => cipher.sealPiece(index, id, payload, out, 0)).toThrow(AssertionError);
  });

  test('directory, trailer, and pieces behind them', () => {
    const cipher = createPackCipher(options);
    cipher.sealPiece(0, id, payload, out, 0);
    cipher.sealDirectory(payload, out, 0);
    expect(() => cipher.sealDirectory(payload, out, 0)).toThrow(AssertionError);
    expect(() => cipher.sealPiece(1, id, payload, out, 0)).toThrow(AssertionError);
    cipher.sealTrailer(payload.subarray(0, 16), out, 0);
    expect(() => cipher.sealTrailer(payload.subarray(0, 16), out, 0)).toThrow(AssertionError);
  });

  test.each([-1, 0.5, 2 ** 24, 0xfffffffe])('number %d is none', (index) => {
    expect(() => createPackCipher(options).sealPiece(index, id, payload, out, 0)).toThrow(AssertionError);
  });
});
