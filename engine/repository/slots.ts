import { CofferError, concatBytes, limits, type Random, type Time, type VaultId } from '../base/index.ts';
import {
  argon2Default,
  bytesFromPhrase,
  checkArgon2Cost,
  deriveSlotKeys,
  passphraseMaterial,
  phraseFromBytes,
  sha256Hex,
  unwrapRootKey,
  wrapRootKey,
} from '../crypto/index.ts';
import { decodeSlot, encodeSlotClear, keyOfSlot, keyPrefixes, type Slot, slotSaltBytes } from '../format/index.ts';
import type { Store } from '../storage/index.ts';

export type Secret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'phrase'; readonly phrase: string };

/** What a vault was opened with before, for who opens it many times: without the work that makes guessing slow. */
export type KeptKey = { readonly kind: 'kept'; readonly rootKey: Uint8Array; readonly slotKey: string };

export type NewSlot = { readonly key: string; readonly bytes: Uint8Array };
type SlotInput = {
  readonly vault: VaultId;
  readonly rootKey: Uint8Array;
  readonly label: string;
  readonly created: Time;
};

export async function passphraseSlot(passphrase: string, input: SlotInput, random: Random): Promise<NewSlot> {
  if (passphrase === '') throw new CofferError('secret.weak');
  const salt = random.bytes(slotSaltBytes);
  const cost = argon2Default;
  const material = await passphraseMaterial({ passphrase, salt, cost }, 'a new slot');
  return wrap('passphrase', { material, salt, cost }, input);
}

export async function phraseSlot(input: SlotInput, random: Random): Promise<NewSlot & { readonly phrase: string }> {
  const material = random.bytes(32);
  const cost = { memoryKiB: 0, passes: 0, lanes: 0 };
  const slot = wrap('phrase', { material, salt: random.bytes(slotSaltBytes), cost }, input);
  return { ...slot, phrase: await phraseFromBytes(material) };
}

function wrap(
  kind: 'passphrase' | 'phrase',
  secret: { readonly material: Uint8Array; readonly salt: Uint8Array; readonly cost: Slot['cost'] },
  { vault, rootKey, label, created }: SlotInput,
): NewSlot {
  const { material, salt, cost } = secret;
  const keys = deriveSlotKeys({ kind, material, salt, vault });
  const clear = encodeSlotClear({
    kind,
    vault,
    salt,
    cost,
    created: created.seconds,
    label,
    commitment: keys.commitment,
  });
  const bytes = concatBytes([clear, wrapRootKey(keys, clear, rootKey)]);
  return { key: keyOfSlot(sha256Hex(bytes)), bytes };
}

export type StoredSlot = { readonly key: string; readonly slot: Slot | null };

/** All slots; null stands for one that cannot be read. No slot at all is an error, never "nobody may". */
export async function readSlots(store: Store, vault: VaultId, signal?: AbortSignal): Promise<StoredSlot[]> {
  const slots: StoredSlot[] = [];
  for await (const key of store.listKeys(keyPrefixes.slots, signal)) {
    if (slots.length === limits.slots) break;
    const bytes = await store.get(key, undefined, signal);
    slots.push({
      key,
      slot: sha256Hex(bytes) === key.slice(keyPrefixes.slots.length) ? slotOf(bytes, key, vault) : null,
    });
  }
  if (slots.length === 0) throw new CofferError('vault.noKeys', { store: store.url });
  return slots;
}

function slotOf(bytes: Uint8Array, key: string, vault: VaultId): Slot | null {
  try {
    const slot = decodeSlot(bytes, key);
    return slot.vault === vault ? slot : null;
  } catch {
    return null;
  }
}

export type Unlocked = { readonly rootKey: Uint8Array; readonly key: string };

/**
 * Tries the secret on every slot it could belong to. When none opens, the reason that helps most is told: a damaged or
 * refused slot might have been the right one.
 */
export async function unlock(
  slots: readonly StoredSlot[],
  vault: VaultId,
  secret: Secret | KeptKey,
): Promise<Unlocked> {
  if (secret.kind === 'kept') return unlockKept(slots, secret);
  const phrase = secret.kind === 'phrase' ? await bytesFromPhrase(secret.phrase) : null;
  let trouble: CofferError | null = null;
  for (const { key, slot } of slots) {
    if (slot === null) {
      trouble ??= new CofferError('slot.damaged', { key });
      continue;
    }
    if (slot.kind !== secret.kind) continue;
    try {
      const rootKey = await tryUnlock(slot, key, vault, secret, phrase);
      if (rootKey !== null) return { rootKey, key };
    } catch (error) {
      if (!(error instanceof CofferError)) throw error;
      trouble ??= error;
    }
  }
  throw trouble ?? new CofferError('secret.wrong');
}

/** As long as its slot is there: who removed that key wants to be asked. */
function unlockKept(slots: readonly StoredSlot[], { rootKey, slotKey }: KeptKey): Unlocked {
  if (!slots.some(({ key }) => key === slotKey)) throw new CofferError('secret.wrong');
  return { rootKey, key: slotKey };
}

async function tryUnlock(
  slot: Slot,
  key: string,
  vault: VaultId,
  secret: Secret,
  phrase: Uint8Array | null,
): Promise<Uint8Array | null> {
  const { kind, salt, cost, clear, commitment, wrapped } = slot;
  if (kind === 'passphrase') checkArgon2Cost(cost, key);
  const material =
    secret.kind === 'passphrase'
      ? await passphraseMaterial({ passphrase: secret.passphrase, salt, cost }, key)
      : phrase;
  if (material === null) return null;
  return unwrapRootKey(deriveSlotKeys({ kind, material, salt, vault }), { clear, commitment, wrapped, key });
}
