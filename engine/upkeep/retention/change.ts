import { CofferError, type DeviceId, type SnapshotId } from '../../base/index.ts';
import type { EntryName } from '../../format/index.ts';
import {
  allRecords,
  givenSnapshots,
  holdingRecords,
  type Logs,
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
      await sayUntilItHolds(vault, ports, { kind: 'forget', snapshots, reason });
      return [];
    case 'pin':
      await sayUntilItHolds(vault, ports, { kind: 'pin', snapshots, reason });
      return [];
    case 'unforget':
      await takeBack(vault, ports, 'forget', snapshots);
      return await giveUpLate(vault, ports, snapshots);
    case 'unpin':
      await takeBack(vault, ports, 'pin', snapshots);
      return [];
  }
}

/** So many entries that were not yet written may a hostile device have taken back, until a person is told. */
const voidMost = 100;

/** A revoke names entries by number alone, so one may have stood there first: nobody is told that it is done while it is void. */
async function sayUntilItHolds(vault: Vault, ports: Ports, action: Naming): Promise<void> {
  for (let tries = 0; tries <= voidMost; tries++) {
    await logChange(vault, ports, action);
    const logs = await vault.readLogsAgain();
    const own = logs.get(vault.device().device)?.records.at(-1);
    if ([...holdingRecords(logs)].some((record) => record === own)) return;
  }
  const detail = 'another device of this vault takes back all that this one says, before it is said';
  throw new CofferError('store.failed', { store: vault.url, detail });
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

/** Another computer that changes the same at the same moment makes one more round; more than these, no computers make. */
const roundsMost = 8;

/** Looks again after what it wrote, until nothing names these any more: another computer may have said it anew meanwhile. */
async function takeBack(
  vault: Vault,
  ports: Ports,
  kind: 'forget' | 'pin',
  snapshots: readonly SnapshotId[],
): Promise<void> {
  const back = new Set(snapshots);
  for (let round = 0; round < roundsMost; round++) {
    const logs = await vault.readLogsAgain();
    const naming = recordsNaming(logs, kind, back);
    if (naming.length === 0) return;
    const said = await sayOthersAgain(vault, ports, naming, back);
    const entries = naming.map(({ entry: { device, seq } }) => ({ device, seq }));
    await logChange(vault, ports, { kind: 'revoke', entries });
    const after = await vault.readLogsAgain();
    if (!isRevokedByOthers(after, entries, vault.device().device)) continue;
    for (const id of said) if (!isNamedByOthers(after, kind, id, vault.device().device)) back.add(id);
  }
  const detail = 'other computers change the same snapshots all the time';
  if (recordsNaming(await vault.readLogsAgain(), kind, back).length > 0)
    throw new CofferError('store.failed', { store: vault.url, detail });
}

type Naming = { readonly kind: 'forget' | 'pin'; readonly snapshots: readonly SnapshotId[]; readonly reason: string };

function recordsNaming(logs: Logs, kind: Naming['kind'], snapshots: ReadonlySet<SnapshotId>) {
  const naming: { readonly entry: EntryName; readonly action: Naming }[] = [];
  for (const { entry } of holdingRecords(logs)) {
    const { action } = entry;
    if (action.kind === kind && action.snapshots.some((id) => snapshots.has(id))) naming.push({ entry, action });
  }
  return naming;
}

/** What an entry says of other snapshots is said again first, so that whoever is interrupted has changed too little. */
async function sayOthersAgain(
  vault: Vault,
  ports: Ports,
  naming: ReturnType<typeof recordsNaming>,
  back: ReadonlySet<SnapshotId>,
): Promise<SnapshotId[]> {
  const said: SnapshotId[] = [];
  for (const { action } of naming) {
    const others = action.snapshots.filter((id) => !back.has(id));
    if (others.length > 0) await logChange(vault, ports, { ...action, snapshots: others });
    said.push(...others);
  }
  return said;
}

/** Two computers took back the same entry at once: each said again what it knew only from that, and the other may have meant it. */
function isRevokedByOthers(logs: Logs, entries: readonly EntryName[], own: DeviceId): boolean {
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind !== 'revoke' || entry.device === own) continue;
    const { entries: revoked } = entry.action;
    if (entries.some(({ device, seq }) => revoked.some((one) => one.device === device && one.seq === seq))) return true;
  }
  return false;
}

function isNamedByOthers(logs: Logs, kind: Naming['kind'], id: SnapshotId, own: DeviceId): boolean {
  return recordsNaming(logs, kind, new Set([id])).some(({ entry }) => entry.device !== own);
}
