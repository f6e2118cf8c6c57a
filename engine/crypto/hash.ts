import { createHash, hash, timingSafeEqual } from 'node:crypto';

export const sha256Bytes = 32;

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}

/** Lower-case hexadecimal SHA-256: how objects are named. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

export type Sha256 = {
  update(bytes: Uint8Array): Sha256;
  /** Ends the hash; neither it nor `hex` may be called after that. */
  digest(): Uint8Array;
  hex(): string;
};

/** For what is written or read in pieces, such as a pack on its way to the spool. */
export function createSha256(): Sha256 {
  const state = createHash('sha256');
  const self: Sha256 = {
    update: (bytes) => {
      state.update(bytes);
      return self;
    },
    digest: () => new Uint8Array(state.digest()),
    hex: () => state.digest('hex'),
  };
  return self;
}

/** For commitments: the time it takes tells nothing about where the two differ. */
export function constantTimeEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
