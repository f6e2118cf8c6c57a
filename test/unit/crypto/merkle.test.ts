import { expect, test } from 'vitest';
import { concatBytes, systemRandom } from '../../../engine/base/index.ts';
import { merkleRoot, sha256 } from '../../../engine/crypto/index.ts';

const leaf = (hash: Uint8Array): Uint8Array => sha256(concatBytes([Uint8Array.of(0), hash]));
const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concatBytes([Uint8Array.of(1), left, right]));

test('the root of few hashes, by hand', () => {
  const [a, b, c, d, e] = Array.from({ length: 5 }, () => systemRandom.bytes(32)) as [
    // Five are made, five are named.
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const root = (...hashes: Uint8Array[]): Uint8Array => merkleRoot(concatBytes(hashes));
  expect(root()).toEqual(new Uint8Array(32));
  expect(root(a)).toEqual(leaf(a));
  expect(root(a, b)).toEqual(node(leaf(a), leaf(b)));
  expect(root(a, b, c)).toEqual(node(node(leaf(a), leaf(b)), leaf(c)));
  const four = node(node(leaf(a), leaf(b)), node(leaf(c), leaf(d)));
  expect(root(a, b, c, d, e)).toEqual(node(four, leaf(e)));
});
