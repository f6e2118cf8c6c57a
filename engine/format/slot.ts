import { assert, CofferError, fromHex, limits, toHex, utf8, type VaultId, vaultId, viewOf } from '../base/index.ts';
import { commitmentBytes } from './constants.ts';

/** A key slot's layout (FORMAT.md section 3.1). What is in it is wrapped and opened by crypto. */
const slotKinds = ['passphrase', 'phrase', 'device'] as const;
export type SlotKind = (typeof slotKinds)[number];

export type SlotClear = {
  readonly kind: SlotKind;
  readonly vault: VaultId;
  readonly salt: Uint8Array;
  /** Argon2id's cost; zeros unless the kind is `passphrase`. Not yet judged: that is the key derivation's first step. */
  readonly cost: { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };
  /** Seconds since 1970. */
  readonly created: number;
  /** Visible to the store. */
  readonly label: string;
  readonly commitment: Uint8Array;
};

export type Slot = SlotClear & {
  /** All bytes before the wrapped key: what it is bound to. */
  readonly clear: Uint8Array;
  readonly wrapped: Uint8Array;
};

export const slotSaltBytes = 32;
const magic = utf8('CFRK');
const version = 1;
const fixedBytes = 78;
const wrappedBytes = 48;
const slotBytesMost = fixedBytes + limits.slotLabelBytes + commitmentBytes + wrappedBytes;

/** The slot is these bytes with the wrapped key behind them. */
export function encodeSlotClear({ kind, vault, salt, cost, created, label, commitment }: SlotClear): Uint8Array {
  const labelBytes = utf8(label);
  assert(
    salt.length === slotSaltBytes && commitment.length === commitmentBytes,
    'salt and commitment of their lengths',
  );
  assert(labelBytes.length <= limits.slotLabelBytes, 'a label of at most 200 bytes');
  const bytes = new Uint8Array(fixedBytes + labelBytes.length + commitmentBytes);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  bytes[4] = version;
  bytes[5] = slotKinds.indexOf(kind) + 1;
  bytes.set(fromHex(vault), 8);
  bytes.set(salt, 24);
  view.setUint32(56, cost.memoryKiB, true);
  view.setUint32(60, cost.passes, true);
  view.setUint32(64, cost.lanes, true);
  view.setBigUint64(68, BigInt(created), true);
  view.setUint16(76, labelBytes.length, true);
  bytes.set(labelBytes, fixedBytes);
  bytes.set(commitment, fixedBytes + labelBytes.length);
  return bytes;
}

/** `key` is the slot's name; every fault is `slot.damaged`. */
export function decodeSlot(bytes: Uint8Array, key: string): Slot {
  const refuse = (cause?: unknown): CofferError => new CofferError('slot.damaged', { key }, cause);
  if (bytes.length < fixedBytes + commitmentBytes + wrappedBytes || bytes.length > slotBytesMost) {
    throw refuse();
  }
  const view = viewOf(bytes);
  const kind = slotKinds[(bytes[5] ?? 0) - 1];
  const begins = magic.every((byte, at) => bytes[at] === byte) && bytes[4] === version;
  if (!begins || kind === undefined || bytes[6] !== 0 || bytes[7] !== 0) throw refuse();
  const labelEnd = fixedBytes + view.getUint16(76, true);
  const clearEnd = labelEnd + commitmentBytes;
  if (labelEnd > fixedBytes + limits.slotLabelBytes || clearEnd + wrappedBytes !== bytes.length) throw refuse();
  const cost = {
    memoryKiB: view.getUint32(56, true),
    passes: view.getUint32(60, true),
    lanes: view.getUint32(64, true),
  };
  if (kind !== 'passphrase' && (cost.memoryKiB | cost.passes | cost.lanes) !== 0) throw refuse();
  const created = view.getBigUint64(68, true);
  if (created > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse();
  let label: string;
  try {
    label = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(fixedBytes, labelEnd));
  } catch (cause) {
    throw refuse(cause);
  }
  // A Buffer's own slice would be a view; these are copies whatever came in.
  const copy = (from: number, end: number): Uint8Array => new Uint8Array(bytes.subarray(from, end));
  return {
    kind,
    vault: vaultId(toHex(bytes.subarray(8, 24))),
    salt: copy(24, 56),
    cost,
    created: Number(created),
    label,
    commitment: copy(labelEnd, clearEnd),
    clear: copy(0, clearEnd),
    wrapped: copy(clearEnd, bytes.length),
  };
}
