import { expect, test } from 'vitest';
import { systemRandom, toHex, utf8 } from '../../../engine/base/index.ts';
import {
  constantTimeEqual,
  createSha256,
  deviceIdOf,
  sha256,
  sha256Hex,
  signingKeyFromSeed,
  verifySignature,
} from '../../../engine/crypto/index.ts';

test('hashing in pieces is hashing the whole', () => {
  const bytes = systemRandom.bytes(10_000);
  const pieces = () =>
    createSha256().update(bytes.subarray(0, 1)).update(bytes.subarray(1, 1)).update(bytes.subarray(1));
  expect(pieces().digest()).toEqual(sha256(bytes));
  expect(pieces().hex()).toBe(sha256Hex(bytes));
});

test('constant-time comparison', () => {
  expect(constantTimeEqual(utf8('abc'), utf8('abc'))).toBe(true);
  expect(constantTimeEqual(utf8('abc'), utf8('abd'))).toBe(false);
  expect(constantTimeEqual(utf8('abc'), utf8('ab'))).toBe(false);
});

test('a device is named by its public key', () => {
  const key = signingKeyFromSeed(systemRandom.bytes(32));
  expect(key.device).toBe(toHex(sha256(key.publicKey)).slice(0, 32));
  expect(deviceIdOf(key.publicKey)).toBe(key.device);
});

test('no malformed signature or key passes, and none throws', () => {
  const key = signingKeyFromSeed(systemRandom.bytes(32));
  const message = utf8('message');
  const good = { publicKey: key.publicKey, message, signature: key.sign(message) };
  expect(verifySignature(good)).toBe(true);
  for (const length of [0, 31, 33, 63, 65]) {
    expect(verifySignature({ ...good, publicKey: systemRandom.bytes(length) })).toBe(false);
    expect(verifySignature({ ...good, signature: systemRandom.bytes(length) })).toBe(false);
  }
  expect(verifySignature({ ...good, publicKey: new Uint8Array(32).fill(0xff) })).toBe(false);
  expect(verifySignature({ ...good, signature: new Uint8Array(64).fill(0xff) })).toBe(false);
});
