import { concatBytes } from '../base/index.ts';
import { sha256 } from '../crypto/index.ts';

const leaf = Uint8Array.of(0);
const node = Uint8Array.of(1);

/** Root over sorted, distinct pack hashes (FORMAT.md section 10). */
export function merkleRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes.map((hash) => sha256(concatBytes([leaf, hash])));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = level.slice(at, at + 2);
      if (left !== undefined) above.push(right === undefined ? left : sha256(concatBytes([node, left, right])));
    }
    level = above;
  }
  return level[0] ?? new Uint8Array(32);
}
