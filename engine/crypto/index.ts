import { later } from '../base/index.ts';

export { openObject, type SealedKind, type SealedObject, type SealOptions, sealObject } from './envelope.ts';
export {
  type GcmBox,
  nonceBytes,
  open,
  openInto,
  type Parts,
  seal,
  sealInto,
  tagBytes,
} from './gcm.ts';
export { constantTimeEqual, createSha256, type Sha256, sha256, sha256Hex } from './hash.ts';
export { type IdAlgorithm, type IdHasher, loadIdHasher } from './keyed-id.ts';
export { deriveGearTable, deriveKeys, hkdf, rootKeyBytes, type VaultKeys } from './keys.ts';
export { release } from './memory.ts';
export { merkleRoot } from './merkle.ts';
export {
  createPackCipher,
  type PackCipher,
  type PackCipherOptions,
  type PackType,
  type PieceName,
  packSaltBytes,
  packTrailerBytes,
} from './pack-cipher.ts';
export { deviceIdOf, type SigningKey, signingKeyFromSeed, verifySignature } from './signing.ts';
export {
  type Argon2Cost,
  argon2Default,
  checkArgon2Cost,
  deriveSlotKeys,
  passphraseMaterial,
  type SlotKeys,
  type SlotKind,
  type SlotSecret,
  unwrapRootKey,
  type WrappedSlot,
  wrapRootKey,
} from './slots.ts';
export { compress, decompress, decompressesTo, type Effort } from './zstd.ts';

/** The words come as a package that only few runs need. */
const phrases = () => import('./phrase.ts');
export const bytesFromPhrase = later(async () => (await phrases()).bytesFromPhrase);
export const phraseFromBytes = later(async () => (await phrases()).phraseFromBytes);
