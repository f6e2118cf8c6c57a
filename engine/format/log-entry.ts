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
import { hashBytes, seqMost } from './constants.ts';
import { type Fields, fieldsOf, isArray, isUint, mapOf, timeValue } from './fields.ts';
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

/** An entry as another names it: whose it is, and its number. */
export type EntryName = Pick<LogEntry, 'device' | 'seq'>;

export type LogAction =
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotId; readonly refs: string }
  | { readonly kind: 'forget' | 'pin'; readonly snapshots: readonly SnapshotId[]; readonly reason: string }
  /** Pack hashes end to end: there may be two million. */
  | { readonly kind: 'sweep-mark'; readonly packs: Uint8Array; readonly reason: string }
  /** Forgotten snapshots of which nothing may be left once this is written. */
  | { readonly kind: 'sweep-delete'; readonly snapshots: readonly SnapshotId[] }
  /** Takes back entries of any device. */
  | { readonly kind: 'revoke'; readonly entries: readonly EntryName[] }
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
    case 'pin':
      return [hashesJoined(action.snapshots), action.reason];
    case 'sweep-mark':
      return [action.packs, action.reason];
    case 'sweep-delete':
      return hashesJoined(action.snapshots);
    case 'revoke':
      return action.entries.map(({ device, seq }) => [fromHex(device), seq]);
    case 'slot-change':
      return action.change;
    case 'device-name':
      return action.name;
  }
}

const hashesJoined = (hashes: readonly string[]): Uint8Array => concatBytes(hashes.map((hash) => fromHex(hash)));

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

const deviceBytes = 16;

const otherKinds = new Set<string>([
  'forget',
  'pin',
  'sweep-mark',
  'sweep-delete',
  'revoke',
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
    case 'pin': {
      const { hashes, reason } = reasonedHashes(fields, value);
      return { kind, snapshots: snapshotsIn(hashes), reason };
    }
    case 'sweep-mark': {
      const { hashes, reason } = reasonedHashes(fields, value);
      return { kind, packs: hashes, reason };
    }
    case 'sweep-delete': {
      const hashes = fields.bytes('value');
      return hashes.length % hashBytes === 0 ? { kind, snapshots: snapshotsIn(hashes) } : fields.refuse('value');
    }
    case 'revoke':
      return { kind, entries: entriesOf(fields, value) };
    case 'slot-change':
      return typeof value === 'string' ? { kind, change: value } : fields.refuse('value');
    case 'device-name':
      return typeof value === 'string' ? { kind, name: value } : fields.refuse('value');
    default:
      return { kind: 'unknown', called: kind };
  }
}

/** Whole hashes, and why. */
function reasonedHashes(fields: Fields, value: CborValue): { hashes: Uint8Array; reason: string } {
  const [hashes, reason] = isArray(value) && value.length === 2 ? value : [];
  if (!(hashes instanceof Uint8Array) || hashes.length % hashBytes !== 0) return fields.refuse('value');
  return typeof reason === 'string' ? { hashes, reason } : fields.refuse('value');
}

function snapshotsIn(hashes: Uint8Array): SnapshotId[] {
  const count = hashes.length / hashBytes;
  return Array.from({ length: count }, (_, at) =>
    snapshotId(toHex(hashes.subarray(at * hashBytes, (at + 1) * hashBytes))),
  );
}

function entriesOf(fields: Fields, value: CborValue): EntryName[] {
  if (!isArray(value)) return fields.refuse('value');
  return value.map((item) => {
    const [device, seq] = isArray(item) && item.length === 2 ? item : [];
    if (!(device instanceof Uint8Array) || device.length !== deviceBytes) return fields.refuse('value');
    return isUint(seq) && seq >= 1 && seq <= seqMost
      ? { device: deviceId(toHex(device)), seq }
      : fields.refuse('value');
  });
}
