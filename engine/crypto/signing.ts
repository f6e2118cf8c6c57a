import { createPrivateKey, createPublicKey, type KeyObject, sign as signWith, verify as verifyWith } from 'node:crypto';
import { assert, concatBytes, type DeviceId, deviceId, equalBytes, fromHex, toHex } from '../base/index.ts';
import { sha256 } from './hash.ts';

const publicKeyBytes = 32;
const signatureBytes = 64;
const deviceIdBytes = 16;

/** An Ed25519 key pair. Its 32-byte seed is all that has to be kept. */
export type SigningKey = {
  readonly publicKey: Uint8Array;
  readonly device: DeviceId;
  sign(message: Uint8Array): Uint8Array;
};

// The DER wrapping (RFC 8410) of a raw key: Node takes raw Ed25519 keys in no other form that BoringSSL shares.
const privatePrefix = fromHex('302e020100300506032b657004220420');
const publicPrefix = fromHex('302a300506032b6570032100');

export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  assert(seed.length === 32, 'an Ed25519 seed has 32 bytes');
  const key = createPrivateKey({ key: Buffer.from(concatBytes([privatePrefix, seed])), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(publicPrefix.length));
  return {
    publicKey,
    device: deviceIdOf(publicKey),
    sign: (message) => new Uint8Array(signWith(null, message, key)),
  };
}

/** A device's id is the first half of its public key's SHA-256, so that nobody can sign under another's id. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
  return deviceId(toHex(sha256(publicKey).subarray(0, deviceIdBytes)));
}

export type Signed = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };

/** False for whatever is not a good signature, malformed keys included. */
export function verifySignature({ publicKey, message, signature }: Signed): boolean {
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
  const key = keyObjectOf(publicKey);
  return key !== null && verifyWith(null, message, key, signature);
}

/** A log has thousands of entries by one device, and to import its key takes nearly as long as to verify with it. */
let imported: { readonly publicKey: Uint8Array; readonly key: KeyObject } | null = null;

function keyObjectOf(publicKey: Uint8Array): KeyObject | null {
  if (imported !== null && equalBytes(imported.publicKey, publicKey)) return imported.key;
  try {
    const der = Buffer.from(concatBytes([publicPrefix, publicKey]));
    imported = { publicKey: publicKey.slice(), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
    return imported.key;
  } catch {
    return null;
  }
}
