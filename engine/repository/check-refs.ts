import { CofferError, equalBytes, type SnapshotId, toHex } from '../base/index.ts';
import { merkleRoot, sha256Hex } from '../crypto/index.ts';
import { applyRefs, decodeRefs, hashBytes, keyOfRefs, keyPrefixes, type Refs, type Snapshot } from '../format/index.ts';
import { isUnreadable } from './unreadable.ts';
import type { VaultCore } from './vault-core.ts';

/** Lists of packs by the refs object that stands for them. */
export type RefsReader = {
  /** The rising list; `object.damaged` or `store.objectMissing` when it, or one it builds on, cannot be had. */
  list(hash: string): Promise<Uint8Array>;
  /** Another refs object for the snapshot that fits it, as a repair leaves behind; null where there is none. */
  standIn(
    id: SnapshotId,
    snapshot: Snapshot,
    except: string,
  ): Promise<{ readonly key: string; readonly packs: Uint8Array } | null>;
};

/** Lists kept: the snapshots of a device build on each other, and a list of a million packs has 32 MB. */
const listsKept = 4;

export function createRefsReader(core: VaultCore, signal?: AbortSignal): RefsReader {
  const kept = new Map<string, Uint8Array>();
  let bySnapshot: Map<string, string[]> | null = null;

  /** The object and those below it, down to one whose list is known or full. */
  const chainOf = async (hash: string): Promise<{ hash: string; refs: Refs }[]> => {
    const chain: { hash: string; refs: Refs }[] = [];
    for (let next: string | null = hash; next !== null && !kept.has(next); ) {
      const refs = await readRefs(core, next, signal);
      const above = chain.at(-1);
      if (above !== undefined && above.refs.depth !== refs.depth + 1) {
        throw new CofferError('object.damaged', {
          key: keyOfRefs(above.hash),
          reason: 'its depth does not follow its base',
        });
      }
      chain.push({ hash: next, refs });
      next = refs.base;
    }
    return chain;
  };
  const list = async (hash: string): Promise<Uint8Array> => {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const chain = await chainOf(hash);
    const lowest = chain.at(-1)?.refs.base ?? null;
    let packs = lowest === null ? new Uint8Array(0) : (kept.get(lowest) ?? new Uint8Array(0));
    for (const { hash: own, refs } of chain.reverse()) packs = applyRefs(packs, refs, keyOfRefs(own));
    kept.set(hash, packs);
    if (kept.size > listsKept) kept.delete(kept.keys().next().value ?? '');
    return packs;
  };
  /** Which refs objects there are for each snapshot, by their clear headers; only read when one is in need. */
  const findAll = async (): Promise<Map<string, string[]>> => {
    const all = new Map<string, string[]>();
    for await (const key of core.store.listKeys(keyPrefixes.refs, signal)) {
      try {
        const bytes = await core.store.get(key, { offset: 0, length: 40 }, signal);
        const snapshot = toHex(bytes.subarray(8, 40));
        all.set(snapshot, [...(all.get(snapshot) ?? []), key.slice(keyPrefixes.refs.length)]);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
      }
    }
    return all;
  };
  return {
    list,
    async standIn(id, snapshot, except) {
      bySnapshot ??= await findAll();
      for (const hash of bySnapshot.get(id) ?? []) {
        if (hash === except) continue;
        try {
          const packs = await list(hash);
          if (fitsSnapshot(packs, snapshot)) return { key: keyOfRefs(hash), packs };
        } catch (error) {
          if (!isUnreadable(error)) throw error;
        }
      }
      return null;
    },
  };
}

/** One object, proven to be the one that a log entry, or another list, names. */
export async function readRefs(core: VaultCore, hash: string, signal?: AbortSignal): Promise<Refs> {
  const key = keyOfRefs(hash);
  const bytes = await core.store.get(key, undefined, signal);
  if (sha256Hex(bytes) !== hash)
    throw new CofferError('object.damaged', { key, reason: 'it is not what its name says' });
  return decodeRefs(bytes, key);
}

/** Whether the list is the one the snapshot was sealed with. */
export function fitsSnapshot(packs: Uint8Array, { packs: { count, root } }: Snapshot): boolean {
  return packs.length === count * hashBytes && equalBytes(merkleRoot(packs), root);
}
