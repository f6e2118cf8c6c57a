import { CofferError, type DeviceId, type SnapshotId } from '../base/index.ts';
import { openObject, sha256Hex } from '../crypto/index.ts';
import { decodeSnapshot, keyOfSnapshot, type Snapshot, snapshotPath } from '../format/index.ts';
import type { VaultCore } from './vault-core.ts';

export type StoredSnapshot = { readonly id: SnapshotId; readonly snapshot: Snapshot; readonly key: string };

/** A snapshot that a log entry names, proven to be that one. */
export async function readSnapshot(
  core: VaultCore,
  named: { readonly device: DeviceId; readonly seq: number; readonly id: SnapshotId },
  signal?: AbortSignal,
): Promise<Snapshot> {
  const { device, seq, id } = named;
  const key = keyOfSnapshot(device, seq, id);
  const sealed = await core.store.get(key, undefined, signal);
  const refuse = (reason: string): CofferError => new CofferError('object.damaged', { key, reason });
  if (sha256Hex(sealed) !== id) throw refuse('it is not what its name says');
  const path = snapshotPath(device, seq);
  const open = (): Snapshot => {
    const opened = openObject({ keys: core.keys, vault: core.id, kind: 'snapshot', path }, sealed, key);
    const snapshot = decodeSnapshot(opened, key);
    if (snapshot.device !== device || snapshot.seq !== seq) throw refuse('it belongs elsewhere');
    return snapshot;
  };
  return core.opened?.recall(core, key, id, open) ?? open();
}
