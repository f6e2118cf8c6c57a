import { crashPoint } from '../../base/index.ts';
import { hashBytes, keyOfPack, keyOfRefs, keyPrefixes } from '../../format/index.ts';
import type { Vault } from '../../repository/index.ts';
import type { Looks } from './looks.ts';
import type { PackList } from './pack-list.ts';
import type { Amount } from './plan.ts';
import type { Survey } from './survey.ts';

/** Packs deleted between two looks at the clock, and objects deleted at once. */
const batchObjects = 32;

type Deleting = { readonly signal?: AbortSignal; readonly onProgress?: (deleted: Amount) => void };

/** `chosen` are numbers of the list on which `looks` look. */
export async function deletePacks(
  vault: Vault,
  chosen: Uint32Array,
  looks: Looks,
  { signal, onProgress }: Deleting,
): Promise<Amount> {
  const deleted = { packs: 0, bytes: 0 };
  const { list } = looks.latest;
  for (let from = 0; from < chosen.length; from += batchObjects) {
    const free = await looks.mayGo();
    const batch = [...chosen.subarray(from, from + batchObjects)].filter(free.has);
    crashPoint('sweep.deleted.before');
    await Promise.all(batch.map((pack) => vault.store.delete(keyOfPack(list.idOf(pack)), signal)));
    crashPoint('sweep.deleted.after');
    for (const pack of batch) {
      deleted.packs++;
      deleted.bytes += list.sizes[pack] ?? 0;
    }
    onProgress?.({ ...deleted });
  }
  await vault.store.flush(signal);
  return deleted;
}

/** What a sweep has left must be all that is needed. */
export function lostMeanwhile({ list, needed }: Survey, left: PackList): string[] {
  let lost = 0;
  for (let pack = 0; pack < list.count; pack++) {
    if (needed.has(pack) && left.find(list.hashes, pack * hashBytes) < 0) lost++;
  }
  return lost === 0 ? [] : [`${lost} packs that snapshots need went while it was under way`];
}

/** Forgotten snapshots that were given up, then their lists of packs, but for lists that others build on. */
export async function freeSnapshots(vault: Vault, survey: Survey, signal?: AbortSignal): Promise<number> {
  const { stale, snapshotKeys, refsNeeded } = survey;
  if (stale.length === 0) return 0;
  const snapshots = stale.flatMap(({ id }) => snapshotKeys.get(id) ?? []);
  crashPoint('sweep.freed.before');
  await deleteAll(vault, snapshots, signal);
  if (refsNeeded !== null) {
    const named = new Set(
      stale
        .map(({ refs }) => refs)
        .filter((refs) => !refsNeeded.has(refs))
        .map(keyOfRefs),
    );
    const lying: string[] = [];
    for await (const key of vault.store.listKeys(keyPrefixes.refs, signal)) if (named.has(key)) lying.push(key);
    await deleteAll(vault, lying, signal);
  }
  crashPoint('sweep.freed.after');
  return snapshots.length;
}

async function deleteAll(vault: Vault, keys: readonly string[], signal?: AbortSignal): Promise<void> {
  for (let from = 0; from < keys.length; from += batchObjects)
    await Promise.all(keys.slice(from, from + batchObjects).map((key) => vault.store.delete(key, signal)));
}
