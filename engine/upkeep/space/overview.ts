import { fromHex, msOfTime, type PackId } from '../../base/index.ts';
import { decodeDirectory, hashBytes, keyOfPack, parseKey } from '../../format/index.ts';
import {
  createRefsReader,
  fitsSnapshot,
  isUnreadable,
  type RefsReader,
  type StoredSnapshot,
  type Vault,
  type VaultIndex,
} from '../../repository/index.ts';
import { type Age, ageAt, ages } from './ages.ts';
import type { Amount, Share } from './measure.ts';

/** What lies at the place, in whole packs. */
export type AtPlace = {
  /** Of all objects. */
  readonly storedBytes: number;
  /** Of all that is not a pack: indexes, lists, snapshots, logs, keys. */
  readonly otherBytes: number;
  readonly packs: number;
  readonly neededPacks: number;
  readonly neededBytes: number;
};

export type AgePart = { readonly age: Age; readonly snapshots: number; readonly share: Share };

export type Overview = {
  readonly place: AtPlace;
  /** Those that snapshots have, the youngest first. */
  readonly ages: readonly AgePart[];
  /** Of all packs that snapshots need. */
  readonly needed: Amount;
  /** Lists that cannot be read, and packs that they name and the place does not have. */
  readonly lost: number;
};

/** Packs by their ids, rising, as they stand in lists; of each which ages need it. */
type Packs = { readonly ids: Uint8Array; readonly sizes: readonly Amount[]; readonly neededBy: Uint8Array };

/** Without any tree: which packs a snapshot needs its refs say, and how large they are the index. */
export async function overviewOf(
  vault: Vault,
  index: VaultIndex,
  { nowMs, signal }: { readonly nowMs: number; readonly signal?: AbortSignal },
): Promise<Overview> {
  const { packs, storedBytes } = await packsAt(vault, index, signal);
  const reader = createRefsReader(vault, signal);
  const counts = ages.map(() => 0);
  let lost = 0;
  for (const stored of vault.snapshots) {
    signal?.throwIfAborted();
    const age = ages.indexOf(ageAt(nowMs, msOfTime(stored.snapshot.finished)));
    counts[age] = (counts[age] ?? 0) + 1;
    const list = await listOf(vault, reader, stored);
    lost += list === null ? 1 : mark(packs, list, 1 << age);
  }
  const total = packs.neededBy.reduce((count, by) => count + (by === 0 ? 0 : 1), 0);
  const needed = sumOf(packs, (by) => by !== 0);
  return {
    place: {
      storedBytes,
      otherBytes: storedBytes - packs.sizes.reduce((sum, size) => sum + size.storedBytes, 0),
      packs: packs.sizes.length,
      neededPacks: total,
      neededBytes: needed.storedBytes,
    },
    ages: ages.flatMap((age, at) => {
      const unique = sumOf(packs, (by) => by === 1 << at);
      const shared = sumOf(packs, (by) => (by & (1 << at)) !== 0 && by !== 1 << at);
      const snapshots = counts[at] ?? 0;
      return snapshots === 0 ? [] : [{ age, snapshots, share: { unique, shared } }];
    }),
    needed,
    lost,
  };
}

async function packsAt(
  vault: Vault,
  index: VaultIndex,
  signal: AbortSignal | undefined,
): Promise<{ packs: Packs; storedBytes: number }> {
  const found: { readonly id: PackId; readonly size: Amount }[] = [];
  let storedBytes = 0;
  for await (const { key, size } of vault.store.list('', signal)) {
    storedBytes += size;
    const parsed = parseKey(key);
    if (parsed?.kind === 'pack')
      found.push({ id: parsed.pack, size: { bytes: plainBytes(index, parsed.pack), storedBytes: size } });
  }
  found.sort((left, right) => (left.id < right.id ? -1 : 1));
  const ids = new Uint8Array(found.length * hashBytes);
  for (const [at, { id }] of found.entries()) ids.set(fromHex(id), at * hashBytes);
  return { packs: { ids, sizes: found.map(({ size }) => size), neededBy: new Uint8Array(found.length) }, storedBytes };
}

function plainBytes(index: VaultIndex, id: PackId): number {
  const pack = index.packs.get(index.numberOf(id) ?? -1);
  // Decoded and dropped: all directories of a large vault at once would fill the memory.
  return pack === undefined
    ? 0
    : decodeDirectory(pack.encoded, keyOfPack(id)).pieceRaw.reduce((sum, raw) => sum + raw, 0);
}

/** Null where the list cannot be had, and no other one that a repair left behind. */
async function listOf(vault: Vault, reader: RefsReader, { id, snapshot }: StoredSnapshot): Promise<Uint8Array | null> {
  const record = vault.logs.get(snapshot.device)?.records.find(({ entry }) => entry.seq === snapshot.seq);
  if (record?.entry.action.kind !== 'snapshot') return null;
  const { refs } = record.entry.action;
  try {
    const list = await reader.list(refs);
    if (fitsSnapshot(list, snapshot)) return list;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  return (await reader.standIn(id, snapshot, refs))?.packs ?? null;
}

/** Both lists rise, so that one walk through them does. How many of the second are not in the first. */
function mark({ ids, neededBy }: Packs, list: Uint8Array, bit: number): number {
  let missing = 0;
  let at = 0;
  for (let wanted = 0; wanted < list.length; wanted += hashBytes) {
    let order = -1;
    for (; at < neededBy.length; at++) {
      order = compareIds(ids, at * hashBytes, list, wanted);
      if (order >= 0) break;
    }
    if (order === 0) neededBy[at] = (neededBy[at] ?? 0) | bit;
    else missing++;
  }
  return missing;
}

function compareIds(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): number {
  for (let byte = 0; byte < hashBytes; byte++) {
    const difference = (left[leftAt + byte] ?? 0) - (right[rightAt + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function sumOf({ sizes, neededBy }: Packs, wanted: (by: number) => boolean): Amount {
  let [bytes, storedBytes] = [0, 0];
  for (const [at, size] of sizes.entries()) {
    if (!wanted(neededBy[at] ?? 0)) continue;
    bytes += size.bytes;
    storedBytes += size.storedBytes;
  }
  return { bytes, storedBytes };
}
