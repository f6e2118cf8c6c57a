import { CofferError, type SnapshotId } from '../../base/index.ts';
import type { EntryName } from '../../format/index.ts';
import {
  givenSnapshots,
  holdingRecords,
  logChange,
  type Ports,
  pinnedSnapshots,
  type Vault,
} from '../../repository/index.ts';

export type SnapshotChange = {
  readonly change: 'forget' | 'unforget' | 'pin' | 'unpin';
  readonly snapshots: readonly SnapshotId[];
  /** Kept with what is forgotten or pinned. */
  readonly reason: string;
};

/**
 * Says it to all devices, in this device's log. What is forgotten is no longer shown; all it needs stays where it is until a sweep,
 * and whatever device forgot it, any device can take that back.
 */
export async function changeSnapshots(
  vault: Vault,
  ports: Ports,
  { change, snapshots, reason }: SnapshotChange,
): Promise<void> {
  switch (change) {
    case 'forget':
      refusePinned(vault, snapshots);
      return await logChange(vault, ports, { kind: 'forget', snapshots, reason });
    case 'pin':
      return await logChange(vault, ports, { kind: 'pin', snapshots, reason });
    case 'unforget':
      await takeBack(vault, ports, 'forget', new Set(snapshots));
      return await giveUpLate(vault, ports, snapshots);
    case 'unpin':
      return await takeBack(vault, ports, 'pin', new Set(snapshots));
  }
}

/** A pin that another device writes at the same moment wins too, by what entries mean. */
function refusePinned(vault: Vault, snapshots: readonly SnapshotId[]): void {
  const pinned = pinnedSnapshots(vault.logs);
  const held = snapshots.find((id) => pinned.has(id));
  if (held !== undefined) throw new CofferError('snapshot.pinned', { snapshot: held.slice(0, 8) });
}

/**
 * A sweep that was about to delete them may not have seen that they were taken back; if it does not say here that it gives them
 * up, it has [Note: who sees whom]. One that is half gone must not be shown as if it could be had.
 */
async function giveUpLate(vault: Vault, ports: Ports, snapshots: readonly SnapshotId[]): Promise<void> {
  const given = givenSnapshots(await vault.readLogsAgain());
  const late = snapshots.filter((id) => given.has(id));
  if (late.length === 0) return;
  await logChange(vault, ports, { kind: 'forget', snapshots: late, reason: 'taken back when a sweep had begun' });
  throw new CofferError('forgotten.swept', { snapshot: late.map((id) => id.slice(0, 8)).join(', ') });
}

/** What an entry says of other snapshots is said again first, so that whoever is interrupted has changed too little. */
async function takeBack(
  vault: Vault,
  ports: Ports,
  kind: 'forget' | 'pin',
  snapshots: ReadonlySet<SnapshotId>,
): Promise<void> {
  const revoked: EntryName[] = [];
  for (const { entry } of holdingRecords(vault.logs)) {
    const { action } = entry;
    if (action.kind !== kind || !action.snapshots.some((id) => snapshots.has(id))) continue;
    revoked.push({ device: entry.device, seq: entry.seq });
    const others = action.snapshots.filter((id) => !snapshots.has(id));
    if (others.length > 0) await logChange(vault, ports, { kind, snapshots: others, reason: action.reason });
  }
  if (revoked.length > 0) await logChange(vault, ports, { kind: 'revoke', entries: revoked });
}
