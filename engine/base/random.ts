import { randomFillSync } from 'node:crypto';

/** Randomness as a parameter; tests pass a seeded one. */
export type Random = {
  bytes(length: number): Uint8Array;
  /** An integer in [0, below). */
  integer(below: number): number;
};

export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
  integer: (below) => {
    const [value = 0] = randomFillSync(new Uint32Array(1));
    return Math.floor((value / 2 ** 32) * below);
  },
};
