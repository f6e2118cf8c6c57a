import * as crypto from 'node:crypto';
import { assert, CofferError, limits, utf8, type VaultId } from '../base/index.ts';
import { open, seal } from './gcm.ts';
import { constantTimeEqual } from './hash.ts';
import { deriveSealingKeys, rootKeyBytes, type SealingKeys } from './keys.ts';

/** Also the names in the derivation (FORMAT.md section 3.1). */
export type SlotKind = 'passphrase' | 'phrase' | 'device';

export type Argon2Cost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };

/** RFC 9106's second choice, and the floor of the format: about 0.15 s. */
export const argon2Default: Argon2Cost = { memoryKiB: 64 * 1024, passes: 3, lanes: 1 };

/** A slot comes from an untrusted store: what it asks for is refused before any work. `key` is the slot's name. */
export function checkArgon2Cost(cost: Argon2Cost, key: string): void {
  const refuse = (reason: string): CofferError => new CofferError('slot.refused', { key, reason });
  const { argonMemoryKiB: memory, argonPasses: passes } = limits;
  if (!within(cost.memoryKiB, memory)) throw refuse(`${cost.memoryKiB} KiB of memory`);
  if (!within(cost.passes, passes)) throw refuse(`${cost.passes} passes`);
  if (cost.lanes !== 1) throw refuse(`${cost.lanes} lanes`);
}

const within = (value: number, { min, max }: { min: number; max: number }): boolean => value >= min && value <= max;

export type PassphraseInput = { readonly passphrase: string; readonly salt: Uint8Array; readonly cost: Argon2Cost };

/** The same passphrase typed on another keyboard may arrive in other code points; NFC makes them one. */
function normalisePassphrase(passphrase: string): string {
  return passphrase.normalize('NFC');
}

/** Argon2id off this thread where the platform has it, else in WebAssembly. `key` is the slot's name, for the error. */
export async function passphraseMaterial(input: PassphraseInput, key: string): Promise<Uint8Array> {
  checkArgon2Cost(input.cost, key);
  const password = utf8(normalisePassphrase(input.passphrase));
  return argon2id({ password, salt: input.salt, cost: input.cost });
}

export type Argon2Input = { readonly password: Uint8Array; readonly salt: Uint8Array; readonly cost: Argon2Cost };

/** Argon2id, version 0x13, 32 bytes. `source` is for the test that both implementations agree. */
export async function argon2id(input: Argon2Input, source?: 'native' | 'wasm'): Promise<Uint8Array> {
  const native = source === 'wasm' ? null : await nativeArgon2id(input);
  assert(native !== null || source !== 'native', 'Argon2id of the platform');
  return native ?? wasmArgon2id(input);
}

/** Null where the platform's crypto has none: BoringSSL lacks it, and older Nodes lack the function. */
function nativeArgon2id({ password, salt, cost }: Argon2Input): Promise<Uint8Array | null> {
  if (typeof crypto.argon2 !== 'function') return Promise.resolve(null);
  const parameters = {
    message: password,
    nonce: salt,
    parallelism: cost.lanes,
    tagLength: 32,
    memory: cost.memoryKiB,
    passes: cost.passes,
  };
  return new Promise((resolve) => {
    try {
      crypto.argon2('argon2id', parameters, (error, tag) => resolve(error ? null : new Uint8Array(tag)));
    } catch {
      resolve(null);
    }
  });
}

async function wasmArgon2id({ password, salt, cost }: Argon2Input): Promise<Uint8Array> {
  const wasm = await import('hash-wasm');
  return wasm.argon2id({
    // hash-wasm refuses an empty password, which RFC 9106 allows; no slot is ever made with one.
    password,
    salt,
    parallelism: cost.lanes,
    iterations: cost.passes,
    memorySize: cost.memoryKiB,
    hashLength: 32,
    outputType: 'binary',
  });
}

export type SlotSecret = {
  readonly kind: SlotKind;
  readonly material: Uint8Array;
  readonly salt: Uint8Array;
  readonly vault: VaultId;
};

export type SlotKeys = SealingKeys;

export function deriveSlotKeys({ kind, material, salt, vault }: SlotSecret): SlotKeys {
  assert(material.length === 32, 'key material of 32 bytes');
  return deriveSealingKeys({ material, salt, info: `coffer/v1/slot/${kind}/${vault}` });
}

/** `clear` is everything of the slot before the wrapped key, the commitment included. */
export function wrapRootKey(keys: SlotKeys, clear: Uint8Array, rootKey: Uint8Array): Uint8Array {
  assert(rootKey.length === rootKeyBytes, 'a root key has 32 bytes');
  return seal({ key: keys.key, nonce: keys.nonce, aad: clear }, rootKey);
}

export type WrappedSlot = {
  /** Everything of the slot before the wrapped key, the commitment included. */
  readonly clear: Uint8Array;
  readonly commitment: Uint8Array;
  readonly wrapped: Uint8Array;
  /** The slot's name, for errors. */
  readonly key: string;
};

/** Null when the secret does not belong to this slot; `slot.damaged` when it does and the slot is not whole. */
export function unwrapRootKey(keys: SlotKeys, slot: WrappedSlot): Uint8Array | null {
  if (!constantTimeEqual(keys.commitment, slot.commitment)) return null;
  try {
    const rootKey = open({ key: keys.key, nonce: keys.nonce, aad: slot.clear }, slot.wrapped, slot.key);
    if (rootKey.length === rootKeyBytes) return rootKey;
  } catch (cause) {
    throw new CofferError('slot.damaged', { key: slot.key }, cause);
  }
  throw new CofferError('slot.damaged', { key: slot.key });
}
