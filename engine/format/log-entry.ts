import {
  concatBytes,
  type DeviceId,
  deviceId,
  fromHex,
  type SnapshotId,
  snapshotId,
  type Time,
  toHex,
  utf8,
  type VaultId,
  vaultId,
} from '../base/index.ts';
import { decodeCbor } from './cbor-reader.ts';
import { type CborValue, encodeCbor } from './cbor-writer.ts';
import { hashBytes } from './constants.ts';
import { type Fields, fieldsOf, mapOf, timeValue } from './fields.ts';
import { readSeq } from './snapshot.ts';

/** One entry of a device's signed log (FORMAT.md section 12). */
export type LogEntry = {
  readonly device: DeviceId;
  /** SHA-256 (hex) of the whole object before it; null for the first. */
  readonly previous: string | null;
  /** Features that a writer must know; none in version 1. */
  readonly requires: readonly string[];
  readonly seq: number;
  readonly time: Time;
  readonly vault: VaultId;
  readonly action: LogAction;
};

export type LogAction =
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotId; readonly refs: string }
  | { readonly kind: 'forget'; readonly snapshots: readonly SnapshotId[] }
  /** Pack hashes end to end: there may be two million. */
  | { readonly kind: 'sweep-mark'; readonly packs: Uint8Array }
  | { readonly kind: 'slot-change'; readonly change: string }
  | { readonly kind: 'device-name'; readonly name: string }
  /** Of a newer Coffer: readers skip it, writers stop. */
  | { readonly kind: 'unknown'; readonly called: string };

export type SignedLogEntry = {
  /** The encoded entry, as it was signed. */
  readonly entry: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
};

/** What the device signs. */
export function logMessage(entry: Uint8Array): Uint8Array {
  return concatBytes([utf8('coffer/v1/log\0'), entry]);
}

export function encodeSignedLogEntry({ entry, publicKey, signature }: SignedLogEntry): Uint8Array {
  return encodeCbor(mapOf({ entry, key: publicKey, signature }));
}

export function decodeSignedLogEntry(bytes: Uint8Array, name: string): SignedLogEntry {
  const fields = fieldsOf(decodeCbor(bytes, name), name);
  return { entry: fields.bytes('entry'), publicKey: fields.bytes('key', 32), signature: fields.bytes('signature', 64) };
}

/** Entries of an unknown kind are never written. */
export type KnownLogEntry = LogEntry & { readonly action: Exclude<LogAction, { kind: 'unknown' }> };

export function encodeLogEntry(entry: KnownLogEntry): Uint8Array {
  const { action } = entry;
  const isSnapshot = action.kind === 'snapshot';
  return encodeCbor(
    mapOf({
      device: fromHex(entry.device),
      kind: action.kind,
      object: isSnapshot ? fromHex(action.snapshot) : null,
      previous: entry.previous === null ? null : fromHex(entry.previous),
      refs: isSnapshot ? fromHex(action.refs) : null,
      requires: entry.requires,
      seq: entry.seq,
      time: timeValue(entry.time),
      vault: fromHex(entry.vault),
      value: actionValue(action),
    }),
  );
}

function actionValue(action: KnownLogEntry['action']): CborValue {
  switch (action.kind) {
    case 'snapshot':
      return null;
    case 'forget':
      return concatBytes(action.snapshots.map((snapshot) => fromHex(snapshot)));
    case 'sweep-mark':
      return action.packs;
    case 'slot-change':
      return action.change;
    case 'device-name':
      return action.name;
  }
}

export function decodeLogEntry(bytes: Uint8Array, name: string): LogEntry {
  const fields = fieldsOf(decodeCbor(bytes, name), name);
  const previous = fields.bytesOrNull('previous', hashBytes);
  return {
    device: deviceId(toHex(fields.bytes('device', 16))),
    previous: previous === null ? null : toHex(previous),
    requires: fields.texts('requires'),
    seq: readSeq(fields),
    time: fields.time('time'),
    vault: vaultId(toHex(fields.bytes('vault', 16))),
    action: readAction(fields),
  };
}

const otherKinds = new Set<string>([
  'forget',
  'sweep-mark',
  'slot-change',
  'device-name',
] satisfies LogAction['kind'][]);

function readAction(fields: Fields): LogAction {
  const kind = fields.text('kind');
  const object = fields.bytesOrNull('object', hashBytes);
  const refs = fields.bytesOrNull('refs', hashBytes);
  const value = fields.get('value');
  if (otherKinds.has(kind) && (object !== null || refs !== null)) return fields.refuse('object');
  switch (kind) {
    case 'snapshot':
      if (object === null) return fields.refuse('object');
      if (refs === null) return fields.refuse('refs');
      if (value !== null) return fields.refuse('value');
      return { kind, snapshot: snapshotId(toHex(object)), refs: toHex(refs) };
    case 'forget':
      return { kind, snapshots: hashesOf(fields).map((hash) => snapshotId(toHex(hash))) };
    case 'sweep-mark':
      hashesOf(fields);
      return { kind, packs: fields.bytes('value') };
    case 'slot-change':
      return typeof value === 'string' ? { kind, change: value } : fields.refuse('value');
    case 'device-name':
      return typeof value === 'string' ? { kind, name: value } : fields.refuse('value');
    default:
      return { kind: 'unknown', called: kind };
  }
}

function hashesOf(fields: Fields): Uint8Array[] {
  const all = fields.bytes('value');
  if (all.length % hashBytes !== 0) return fields.refuse('value');
  return Array.from({ length: all.length / hashBytes }, (_, at) => all.subarray(at * hashBytes, (at + 1) * hashBytes));
}
