import { crashPoint, fromHex, limits, type PackId } from '../../base/index.ts';
import { openObject, sealObject, sha256Hex } from '../../crypto/index.ts';
import {
  decodeIndex,
  encodeIndex,
  type IndexedPack,
  type IndexObject,
  keyOfIndex,
  keyPrefixes,
} from '../../format/index.ts';
import { isUnreadable, type Ports, type Vault } from '../../repository/index.ts';
import { createHashes } from './hashes.ts';
import type { PackBits } from './pack-bits.ts';
import type { PackList } from './pack-list.ts';

/** Packs that are needed and have another length than an index says: they are damaged, and copies of theirs must stay. */
export async function countCutPacks(
  vault: Vault,
  { list, needed }: { readonly list: PackList; readonly needed: PackBits },
  signal?: AbortSignal,
): Promise<number> {
  const cut = new Set<PackId>();
  for await (const { object } of readIndexes(vault, signal)) {
    for (const { pack, length } of object.packs) {
      const number = list.find(fromHex(pack), 0);
      if (number >= 0 && needed.has(number) && list.sizes[number] !== length) cut.add(pack);
    }
  }
  return cut.size;
}

/**
 * Writes indexes anew that name packs which a sweep took, then deletes the old ones. Whoever lists them meanwhile finds one or
 * both, and both are right about the packs that are there.
 */
export async function renewIndexes(
  vault: Vault,
  ports: Ports,
  { list, marked }: { readonly list: PackList; readonly marked: readonly Uint8Array[] },
  signal?: AbortSignal,
): Promise<number> {
  const ofMarks = marked.map(createHashes);
  const isGone = ({ pack }: IndexedPack): boolean => {
    const hash = fromHex(pack);
    return list.find(hash, 0) < 0 && ofMarks.some(({ find }) => find(hash, 0) >= 0);
  };
  let renewed = 0;
  let old: string[] = [];
  let packs: IndexedPack[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    if (old.length === 0) return;
    crashPoint('sweep.indexed.before');
    if (packs.length > 0) {
      const payload = encodeIndex({ supersedes: old, packs });
      const object = { keys: vault.keys, vault: vault.id, kind: 'index', path: 'index' } as const;
      const sealed = sealObject(object, payload, { random: ports.random, level: 1 });
      await vault.store.put(keyOfIndex(sha256Hex(sealed)), sealed, signal);
      await vault.store.flush(signal);
    }
    crashPoint('sweep.indexed.after');
    for (const hash of old) await vault.store.delete(keyOfIndex(hash), signal);
    renewed += old.length;
    [old, packs, bytes] = [[], [], 0];
  };
  for await (const { hash, object } of readIndexes(vault, signal)) {
    const left = object.packs.filter((pack) => !isGone(pack));
    if (left.length === object.packs.length) continue;
    old.push(hash);
    packs.push(...left);
    for (const { directory } of left) bytes += directory.length;
    if (bytes >= limits.indexBytes) await write();
  }
  await write();
  return renewed;
}

/** Those that can be read: the others accelerate nothing, and are for a repair. */
async function* readIndexes(
  vault: Vault,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly hash: string; readonly object: IndexObject }> {
  const keys: string[] = [];
  for await (const key of vault.store.listKeys(keyPrefixes.indexes, signal)) keys.push(key);
  for (const key of keys) {
    try {
      const sealed = await vault.store.get(key, undefined, signal);
      const payload = openObject({ keys: vault.keys, vault: vault.id, kind: 'index', path: 'index' }, sealed, key);
      yield { hash: key.slice(keyPrefixes.indexes.length), object: decodeIndex(payload, key) };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
  }
}
