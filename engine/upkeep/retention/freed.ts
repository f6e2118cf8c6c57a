import type { SnapshotId } from '../../base/index.ts';
import { hashBytes, keyPrefixes, parseKey } from '../../format/index.ts';
import {
  allRecords,
  createRefsReader,
  forgottenSnapshots,
  isUnreadable,
  readRefs,
  type Vault,
} from '../../repository/index.ts';

/** A snapshot that is shown, and the hash of its list of packs. */
type Named = { readonly id: SnapshotId; readonly refs: string };

/**
 * Bytes of packs at the place that only these snapshots need. Null where a list cannot be read, for then nothing is known to be
 * free. Of a list that builds on one which was looked at already, only what it adds is looked at.
 */
export async function freedBytes(
  vault: Vault,
  snapshots: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<number | null> {
  const going = new Set(snapshots);
  const shown = shownSnapshots(vault);
  const stays = shown.filter(({ id }) => !going.has(id));
  const goes = shown.filter(({ id }) => going.has(id));
  try {
    const needed = new Set<string>();
    const read = await addLists(vault, stays, needed, new Set(), signal);
    const named = new Set<string>();
    await addLists(vault, goes, named, read, signal);
    let bytes = 0;
    for await (const { key, size } of vault.store.list(keyPrefixes.packs, signal)) {
      const parsed = parseKey(key);
      if (parsed?.kind !== 'pack') continue;
      const name = nameOf(Buffer.from(parsed.pack, 'hex'), 0);
      if (named.has(name) && !needed.has(name)) bytes += size;
    }
    return bytes;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

function shownSnapshots(vault: Vault): Named[] {
  const forgotten = forgottenSnapshots(vault.logs);
  const shown: Named[] = [];
  for (const { entry } of allRecords(vault.logs)) {
    const { action } = entry;
    if (action.kind !== 'snapshot' || forgotten.has(action.snapshot)) continue;
    shown.push({ id: action.snapshot, refs: action.refs });
  }
  return shown;
}

/** Returns which lists are in `packs` now, or were in `before`. */
async function addLists(
  vault: Vault,
  snapshots: readonly Named[],
  packs: Set<string>,
  before: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Set<string>> {
  const lists = createRefsReader(vault, signal);
  const read = new Set(before);
  for (const { refs } of snapshots) {
    signal?.throwIfAborted();
    const { base, added } = await readRefs(vault, refs, signal);
    const names = base !== null && read.has(base) ? added : await lists.list(refs);
    for (let at = 0; at < names.length; at += hashBytes) packs.add(nameOf(names, at));
    read.add(refs);
  }
  return read;
}

/** A letter for each byte: several times quicker than hex. */
const nameOf = (hashes: Uint8Array, at: number): string =>
  Buffer.from(hashes.buffer, hashes.byteOffset + at, hashBytes).toString('latin1');
