import { assert } from '../base/index.ts';
import { sha256, sha256Bytes } from './hash.ts';

/** The Merkle root over sorted, distinct hashes laid end to end (FORMAT.md section 10); 32 zero bytes for none. */
export function merkleRoot(hashes: Uint8Array): Uint8Array {
  assert(hashes.length % sha256Bytes === 0, 'whole hashes');
  const count = hashes.length / sha256Bytes;
  if (count === 0) return new Uint8Array(sha256Bytes);
  const leafInput = new Uint8Array(1 + sha256Bytes);
  let level = new Uint8Array(hashes.length);
  for (let at = 0; at < hashes.length; at += sha256Bytes) {
    leafInput.set(hashes.subarray(at, at + sha256Bytes), 1);
    level.set(sha256(leafInput), at);
  }
  while (level.length > sha256Bytes) level = levelAbove(level);
  return level;
}

/** Two hashes become one; an odd one at the end moves up unchanged. */
function levelAbove(level: Uint8Array): Uint8Array<ArrayBuffer> {
  const pairBytes = 2 * sha256Bytes;
  const above = new Uint8Array(Math.ceil(level.length / pairBytes) * sha256Bytes);
  const nodeInput = new Uint8Array(1 + pairBytes).fill(1, 0, 1);
  for (let at = 0; at < level.length; at += pairBytes) {
    const pair = level.subarray(at, at + pairBytes);
    if (pair.length === pairBytes) {
      nodeInput.set(pair, 1);
      above.set(sha256(nodeInput), at / 2);
    } else {
      above.set(pair, at / 2);
    }
  }
  return above;
}
