import type { DeviceId, SnapshotId, Time } from '../../base/index.ts';
import { keyOfSnapshot } from '../../format/index.ts';
import {
  allRecords,
  forgottenSnapshots,
  givenSnapshots,
  holdingRecords,
  isUnreadable,
  readSnapshot,
  type StoredSnapshot,
  type Vault,
} from '../../repository/index.ts';
import { wholeSnapshots } from '../sweep/whole.ts';

export type ForgottenSnapshot = {
  readonly id: SnapshotId;
  /** Null when nothing is left of it, or a sweep has deleted some of it. */
  readonly stored: StoredSnapshot | null;
  /** Who said it, when by that device's clock, and why. */
  readonly device: DeviceId;
  readonly time: Time;
  readonly reason: string;
};

/** In the order of the logs that say so, the newest of each log last. */
export async function listForgotten(vault: Vault, signal?: AbortSignal): Promise<ForgottenSnapshot[]> {
  const forgotten = forgottenSnapshots(vault.logs);
  const given = forgotten.intersection(givenSnapshots(vault.logs));
  const whole = await wholeSnapshots(vault, given, signal);
  const published = new Map<SnapshotId, { readonly device: DeviceId; readonly seq: number; readonly id: SnapshotId }>();
  for (const { entry } of allRecords(vault.logs)) {
    const { action, device, seq } = entry;
    if (action.kind === 'snapshot') published.set(action.snapshot, { device, seq, id: action.snapshot });
  }
  const listed = new Map<SnapshotId, ForgottenSnapshot>();
  for (const { entry } of holdingRecords(vault.logs)) {
    const { action, device, time } = entry;
    if (action.kind !== 'forget') continue;
    for (const id of action.snapshots) {
      const named = published.get(id);
      if (!forgotten.has(id) || listed.has(id) || named === undefined) continue;
      const stored = given.has(id) && !whole.has(id) ? null : await readIfThere(vault, named, signal);
      listed.set(id, { id, stored, device, time, reason: action.reason });
    }
  }
  return [...listed.values()];
}

async function readIfThere(
  vault: Vault,
  named: { readonly device: DeviceId; readonly seq: number; readonly id: SnapshotId },
  signal?: AbortSignal,
): Promise<StoredSnapshot | null> {
  try {
    const snapshot = await readSnapshot(vault, named, signal);
    return { id: named.id, snapshot, key: keyOfSnapshot(named.device, named.seq, named.id) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/** What this device forgot last and was not taken back; empty when there is nothing. */
export function lastForgotten(vault: Vault): readonly SnapshotId[] {
  const forgotten = forgottenSnapshots(vault.logs);
  const { device } = vault.device();
  let last: readonly SnapshotId[] = [];
  for (const { entry } of holdingRecords(vault.logs)) {
    const { action } = entry;
    if (entry.device !== device || action.kind !== 'forget') continue;
    const hidden = action.snapshots.filter((id) => forgotten.has(id));
    if (hidden.length > 0) last = hidden;
  }
  return last;
}
