import { assert, CofferError, isCofferError, limits, type Time, timeOfMs, utf8 } from '../base/index.ts';
import { keyPrefixes } from '../format/index.ts';
import type { Vault } from './open-vault.ts';
import type { Ports } from './ports.ts';
import { logChange } from './publish.ts';
import { type NewSlot, passphraseSlot, phraseSlot, readSlots, type StoredSlot } from './slots.ts';

/** A key slot as people see it. */
export type KeyInfo = {
  /** Name of the slot's object. */
  readonly key: string;
  readonly kind: 'passphrase' | 'phrase' | 'device';
  readonly label: string;
  readonly created: Time;
  /** It opened the vault just now. */
  readonly usedNow: boolean;
  /** Why it opens nothing, in words. */
  readonly damaged: string | null;
};

export async function listKeys(vault: Vault): Promise<KeyInfo[]> {
  const slots = await readSlots(vault.store, vault.id);
  return slots.map((stored) => keyInfo(vault, stored));
}

function keyInfo(vault: Vault, { key, slot }: StoredSlot): KeyInfo {
  const usedNow = key === vault.slotKey;
  if (slot === null) {
    const created = { seconds: 0, nanoseconds: 0 };
    return { key, kind: 'passphrase', label: '', created, usedNow, damaged: 'it is damaged' };
  }
  const { kind, label, created } = slot;
  return { key, kind, label, created: { seconds: created, nanoseconds: 0 }, usedNow, damaged: null };
}

export async function addPassphrase(vault: Vault, ports: Ports, passphrase: string, label: string): Promise<KeyInfo> {
  await assertRoom(vault);
  const created = timeOfMs(ports.clock.now());
  const { id, rootKey } = vault;
  const slot = await passphraseSlot(
    passphrase,
    { vault: id, rootKey, label: shortLabel(label), created },
    ports.random,
  );
  return store(vault, ports, slot);
}

export async function addRecoveryPhrase(
  vault: Vault,
  ports: Ports,
  label: string,
): Promise<{ readonly key: KeyInfo; readonly phrase: string }> {
  await assertRoom(vault);
  const created = timeOfMs(ports.clock.now());
  const slot = await phraseSlot(
    { vault: vault.id, rootKey: vault.rootKey, label: shortLabel(label), created },
    ports.random,
  );
  return { key: await store(vault, ports, slot), phrase: slot.phrase };
}

/** `key` is the slot's name, or the first letters of its hash where they are enough. */
export async function removeKey(vault: Vault, ports: Ports, key: string): Promise<void> {
  const slots = await readSlots(vault.store, vault.id);
  const wanted = key.startsWith(keyPrefixes.slots) ? key : `${keyPrefixes.slots}${key}`;
  const found = key === '' ? [] : slots.filter((slot) => slot.key.startsWith(wanted));
  const [slot] = found;
  if (slot === undefined || found.length > 1) throw new CofferError('slot.unknown', { key });
  // A slot that nobody can open any more keeps nobody in.
  const others = slots.filter((other) => other.key !== slot.key && other.slot !== null);
  if (others.length === 0) throw new CofferError('slot.last');
  await discard(vault, ports, slot.key);
}

export type ChangedPassphrase = KeyInfo & {
  /** The old slot's name when the place refused to delete it: the old passphrase still opens the vault. */
  readonly oldKeyStays: string | null;
};

/** The new slot is durable before the old one goes: at no moment can nobody open the vault. */
export async function changePassphrase(vault: Vault, ports: Ports, passphrase: string): Promise<ChangedPassphrase> {
  const old = (await listKeys(vault)).find((key) => key.usedNow);
  const isPassphrase = old?.kind === 'passphrase';
  const key = await addPassphrase(vault, ports, passphrase, isPassphrase ? old.label : 'passphrase');
  // Opened with the recovery phrase, perhaps because the passphrase is forgotten: the phrase must stay.
  if (!isPassphrase || old.key === key.key) return { ...key, oldKeyStays: null };
  try {
    await discard(vault, ports, old.key);
    return { ...key, oldKeyStays: null };
  } catch (error) {
    if (!isCofferError(error, 'store.denied') && !isCofferError(error, 'store.failed')) throw error;
    return { ...key, oldKeyStays: old.key };
  }
}

async function assertRoom(vault: Vault): Promise<void> {
  const slots = await readSlots(vault.store, vault.id);
  if (slots.length >= limits.slots) throw new CofferError('slot.tooMany', { most: limits.slots });
}

async function store(vault: Vault, ports: Ports, slot: NewSlot): Promise<KeyInfo> {
  await vault.store.put(slot.key, slot.bytes);
  await vault.store.flush();
  await logChange(vault, ports, { kind: 'slot-change', change: `added ${slot.key}` });
  const key = (await listKeys(vault)).find((known) => known.key === slot.key);
  assert(key !== undefined && key.damaged === null, 'a slot that reads back');
  return key;
}

/** Logged only once it has happened: the log says what was, not what was wanted. */
async function discard(vault: Vault, ports: Ports, key: string): Promise<void> {
  await vault.store.delete(key);
  await vault.store.flush();
  await logChange(vault, ports, { kind: 'slot-change', change: `removed ${key}` });
}

/** The label is visible to the store and has a bound; it is cut between characters. */
function shortLabel(label: string): string {
  let short = '';
  for (const character of label) {
    if (utf8(short + character).length > limits.slotLabelBytes) break;
    short += character;
  }
  return short;
}
