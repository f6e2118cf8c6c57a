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
import { forgetHalfGone } from '../sweep/whole.ts';

export type SnapshotChange = {
  readonly change: 'forget' | 'unforget' | 'pin' | 'unpin';
  readonly snapshots: readonly SnapshotId[];
  /** Kept with what is forgotten or pinned. */
  readonly reason: string;
};

/**
 * Says it to all devices, in this device's log. What is forgotten is no longer shown; all it needs stays where it is until a sweep,
 * and whatever device forgot it, any device can take that back. Returns calm remarks for the person.
 */
export async function changeSnapshots(
  vault: Vault,
  ports: Ports,
  { change, snapshots, reason }: SnapshotChange,
): Promise<readonly string[]> {
  switch (change) {
    case 'forget':
      refusePinned(vault, snapshots);
      await logChange(vault, ports, { kind: 'forget', snapshots, reason });
      return [];
    case 'pin':
      await logChange(vault, ports, { kind: 'pin', snapshots, reason });
      return [];
    case 'unforget':
      await takeBack(vault, ports, 'forget', new Set(snapshots));
      return await giveUpLate(vault, ports, snapshots);
    case 'unpin':
      await takeBack(vault, ports, 'pin', new Set(snapshots));
      return [];
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
 * up, it has [Note: who sees whom]. That it said so is no proof that it did: it may have died right after, or a stolen device may
 * lie. So what is whole stays taken back, and any later look of a sweep spares it; a sweep that looked before sees it at its end.
 */
async function giveUpLate(vault: Vault, ports: Ports, snapshots: readonly SnapshotId[]): Promise<readonly string[]> {
  const given = givenSnapshots(await vault.readLogsAgain());
  const doubtful = snapshots.filter((id) => given.has(id));
  if (doubtful.length === 0) return [];
  const late = await forgetHalfGone(vault, ports, doubtful);
  if (late.length > 0) throw new CofferError('forgotten.swept', { snapshot: shortNames(late) });
  return [
    `A sweep had said that it deletes ${shortNames(doubtful)}. All packs are there, and from now on they stay; should it be under way just now, it may still take some. Run soon: coffer check`,
  ];
}

const shortNames = (snapshots: readonly SnapshotId[]): string => snapshots.map((id) => id.slice(0, 8)).join(', ');

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
