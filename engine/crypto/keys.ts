import { createSecretKey, hkdfSync } from 'node:crypto';
import { assert, type VaultId } from '../base/index.ts';

export const rootKeyBytes = 32;

/** One key per purpose (FORMAT.md section 3): whoever learns one learns nothing about the others. */
export type VaultKeys = {
  readonly pack: Uint8Array;
  readonly meta: Uint8Array;
  readonly chunkId: Uint8Array;
  readonly chunker: Uint8Array;
  readonly config: Uint8Array;
  readonly head: Uint8Array;
};

export type HkdfInput = { readonly material: Uint8Array; readonly salt: Uint8Array; readonly info: string };

/** HKDF-SHA-256, extract and expand. Bytes in place of a key object cost Node a third more: it asks what they are by a failure. */
export function hkdf({ material, salt, info }: HkdfInput, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', createSecretKey(material), salt, info, length));
}

const noSalt = new Uint8Array(0);

export function deriveKeys(rootKey: Uint8Array, vault: VaultId): VaultKeys {
  assert(rootKey.length === rootKeyBytes, 'a root key has 32 bytes');
  const purposeKey = (purpose: string): Uint8Array =>
    hkdf({ material: rootKey, salt: noSalt, info: `coffer/v1/${purpose}/${vault}` }, 32);
  return {
    pack: purposeKey('pack'),
    meta: purposeKey('meta'),
    chunkId: purposeKey('chunk-id'),
    chunker: purposeKey('chunker'),
    config: purposeKey('config'),
    head: purposeKey('head'),
  };
}

/** The 2,048 bytes of the gear table (FORMAT.md section 6): 256 little-endian u64. */
export function deriveGearTable(chunkerKey: Uint8Array): Uint8Array {
  return hkdf({ material: chunkerKey, salt: noSalt, info: 'coffer/v1/gear64' }, 2048);
}

/** What every sealed thing derives from its own salt: a key of its own, a nonce and a commitment to both. */
export type SealingKeys = { readonly key: Uint8Array; readonly nonce: Uint8Array; readonly commitment: Uint8Array };

export function deriveSealingKeys(input: HkdfInput): SealingKeys {
  const all = hkdf(input, 76);
  return { key: all.slice(0, 32), nonce: all.slice(32, 44), commitment: all.slice(44, 76) };
}
