import { CofferError } from './errors.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 bytes: the keyed hash of a chunk's plaintext. */
export type ChunkId = Branded<Uint8Array, 'ChunkId'>;
/** 64 hex characters: SHA-256 of the pack. */
export type PackId = Branded<string, 'PackId'>;
/** 64 hex characters: SHA-256 of the sealed snapshot. */
export type SnapshotId = Branded<string, 'SnapshotId'>;
/** 32 hex characters: first half of SHA-256 of the device's public key. */
export type DeviceId = Branded<string, 'DeviceId'>;
/** 32 hex characters. */
export type VaultId = Branded<string, 'VaultId'>;

export const chunkIdBytes = 32;

const hex = (value: string, digits: number, what: string): string => {
  if (value.length !== digits || !/^[0-9a-f]*$/.test(value)) {
    throw new CofferError('object.damaged', { key: what, reason: 'a name that is not one' });
  }
  return value;
};

// The casts below are the only way into a branded type; each stands behind its check.
export const packId = (value: string): PackId => hex(value, 64, 'pack') as PackId;
export const snapshotId = (value: string): SnapshotId => hex(value, 64, 'snapshot') as SnapshotId;
export const deviceId = (value: string): DeviceId => hex(value, 32, 'device') as DeviceId;
export const vaultId = (value: string): VaultId => hex(value, 32, 'vault') as VaultId;
export const chunkId = (value: Uint8Array): ChunkId => {
  if (value.length !== chunkIdBytes)
    throw new CofferError('object.damaged', { key: 'chunk', reason: 'an id of wrong length' });
  return value as ChunkId;
};
