import { hashBytes } from '../../format/index.ts';

/** Rising hashes end to end, to look others up in. */
export type Hashes = {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** The number of the hash that begins at `at` of `hashes`, -1 where it is not among these. */
  find(hashes: Uint8Array, at: number): number;
};

export function createHashes(bytes: Uint8Array): Hashes {
  const count = bytes.length / hashBytes;
  return {
    bytes,
    count,
    find(hashes, at) {
      let low = 0;
      for (let high = count - 1; low <= high; ) {
        const middle = (low + high) >>> 1;
        const order = compareHashes(bytes, middle * hashBytes, hashes, at);
        if (order === 0) return middle;
        if (order < 0) low = middle + 1;
        else high = middle - 1;
      }
      return -1;
    },
  };
}

function compareHashes(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): number {
  for (let byte = 0; byte < hashBytes; byte++) {
    const difference = (left[leftAt + byte] ?? 0) - (right[rightAt + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
