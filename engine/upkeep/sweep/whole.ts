import type { SnapshotId } from '../../base/index.ts';
import {
  allRecords,
  forgottenSnapshots,
  isUnreadable,
  logChange,
  type Ports,
  readRefs,
  readSnapshot,
  type Vault,
} from '../../repository/index.ts';
import type { Published } from './history.ts';
import { countCutPacks } from './indexes.ts';
import { createNeeds } from './needs.ts';
import { listPacks } from './pack-list.ts';

/** Of these, the snapshots that lie at the place with their lists of packs, and each of their packs with its whole length. */
export async function wholeSnapshots(
  vault: Vault,
  wanted: ReadonlySet<SnapshotId>,
  signal?: AbortSignal,
): Promise<Set<SnapshotId>> {
  const lying: Published[] = [];
  for (const { entry } of allRecords(vault.logs)) {
    const { action, device, seq } = entry;
    if (action.kind !== 'snapshot' || !wanted.has(action.snapshot)) continue;
    const published = { id: action.snapshot, device, seq, refs: action.refs };
    if (await canBeHad(() => readSnapshot(vault, published, signal))) lying.push(published);
  }
  const whole = new Set<SnapshotId>();
  if (lying.length === 0) return whole;
  const list = await listPacks(vault.store, signal);
  const needs = createNeeds(list, (hash) => readRefs(vault, hash, signal));
  for (const { id, refs } of lying) {
    const named = await canBeHad(() => needs.named(refs));
    if (named === null || named.absent.size > 0) continue;
    if ((await countCutPacks(vault, { list, needed: named.packs }, signal)) === 0) whole.add(id);
  }
  return whole;
}

async function canBeHad<Read>(read: () => Promise<Read>): Promise<Read | null> {
  try {
    return await read();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/**
 * For who has written what counts, be it that a forget is taken back or that packs are gone, and looks afterwards: of those that are
 * shown, forgets again what is no longer whole, and returns it. One that is half gone must not be shown as if it could be had.
 */
export async function forgetHalfGone(
  vault: Vault,
  ports: Ports,
  snapshots: readonly SnapshotId[],
): Promise<readonly SnapshotId[]> {
  const logs = await vault.readLogsAgain();
  const forgotten = forgottenSnapshots(logs);
  const shown = snapshots.filter((id) => !forgotten.has(id));
  if (shown.length === 0) return [];
  const whole = await wholeSnapshots(vault, new Set(shown));
  const gone = shown.filter((id) => !whole.has(id));
  if (gone.length === 0) return [];
  const action = { kind: 'forget', snapshots: gone, reason: 'taken back when a sweep had deleted of it' } as const;
  await logChange(vault, ports, action);
  return gone;
}
