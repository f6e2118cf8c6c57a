import { assert, type DeviceId, deviceId, type PackId, packId, type SnapshotId, snapshotId } from '../base/index.ts';
import { seqMost } from './constants.ts';

/** Names of a vault's objects (FORMAT.md section 2). Hashes are 64 hex characters. */
export type ObjectKey =
  | { readonly kind: 'config' }
  | { readonly kind: 'slot'; readonly hash: string }
  | { readonly kind: 'pack'; readonly pack: PackId }
  | { readonly kind: 'index'; readonly hash: string }
  | { readonly kind: 'snapshot'; readonly device: DeviceId; readonly seq: number; readonly snapshot: SnapshotId }
  | { readonly kind: 'refs'; readonly hash: string }
  | { readonly kind: 'head'; readonly device: DeviceId; readonly seq: number };

export const configKey = 'config';

/** What to list to find the objects of a kind. */
export const keyPrefixes = {
  slots: 'keys/',
  packs: 'packs/',
  indexes: 'index/',
  snapshots: 'snapshots/',
  refs: 'refs/',
  heads: 'heads/',
} as const;

const seqText = (seq: number): string => {
  assert(Number.isInteger(seq) && seq >= 1 && seq <= seqMost, 'a sequence number');
  return String(seq).padStart(10, '0');
};

export const keyOfSlot = (hash: string): string => `keys/${hash}`;
export const keyOfPack = (pack: PackId): string => `packs/${pack.slice(0, 2)}/${pack}`;
export const keyOfIndex = (hash: string): string => `index/${hash}`;
export const keyOfRefs = (hash: string): string => `refs/${hash}`;
export const keyOfHead = (device: DeviceId, seq: number): string => `heads/${device}/${seqText(seq)}`;
export const keyOfSnapshot = (device: DeviceId, seq: number, snapshot: SnapshotId): string =>
  `${snapshotPath(device, seq)}-${snapshot}`;

/** What a sealed snapshot is bound to; its key has its hash too, which cannot be known before it is sealed. */
export const snapshotPath = (device: DeviceId, seq: number): string => `snapshots/${device}/${seqText(seq)}`;

const shape =
  /^(?:(config)|keys\/([0-9a-f]{64})|packs\/([0-9a-f]{2})\/([0-9a-f]{64})|index\/([0-9a-f]{64})|refs\/([0-9a-f]{64})|snapshots\/([0-9a-f]{32})\/(\d{10})-([0-9a-f]{64})|heads\/([0-9a-f]{32})\/(\d{10}))$/;

/** Null for a key that is not of the format: readers ignore it. */
export function parseKey(key: string): ObjectKey | null {
  const match = shape.exec(key);
  if (match === null) return null;
  const [, config, slot, folder, pack, index, refs, snapshotDevice, snapshotSeq, snapshot, headDevice, headSeq] = match;
  if (config !== undefined) return { kind: 'config' };
  if (slot !== undefined) return { kind: 'slot', hash: slot };
  if (pack !== undefined) return pack.startsWith(folder ?? '-') ? { kind: 'pack', pack: packId(pack) } : null;
  if (index !== undefined) return { kind: 'index', hash: index };
  if (refs !== undefined) return { kind: 'refs', hash: refs };
  if (snapshotDevice !== undefined && snapshot !== undefined) {
    const seq = Number(snapshotSeq);
    if (seq === 0) return null;
    return { kind: 'snapshot', device: deviceId(snapshotDevice), seq, snapshot: snapshotId(snapshot) };
  }
  const seq = Number(headSeq);
  return headDevice === undefined || seq === 0 ? null : { kind: 'head', device: deviceId(headDevice), seq };
}
