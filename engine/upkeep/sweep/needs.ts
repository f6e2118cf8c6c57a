import { CofferError, toHex } from '../../base/index.ts';
import { hashBytes, keyOfRefs, type Refs } from '../../format/index.ts';
import { createPackBits, type PackBits } from './pack-bits.ts';
import type { PackList } from './pack-list.ts';

/** The packs of one list, as far as the place lists them. */
export type Named = {
  readonly packs: PackBits;
  /** Names of those that it does not list. */
  readonly absent: ReadonlySet<string>;
};

export type Needs = {
  /** What a list of packs stands for; `object.damaged` or `store.objectMissing` when it, or one it builds on, cannot be had. */
  named(refs: string): Promise<Named>;
  /** The same for a whole list that was read elsewhere. */
  namedIn(packs: Uint8Array): Named;
  /** The lists that were read, and all those they build on. */
  readonly read: ReadonlySet<string>;
};

/** Lists kept: each snapshot of a device mostly builds on the one before it, and devices take turns. */
const listsKept = 16;

/**
 * Reads lists of packs as sets over the packs that are listed. Thousands of lists of a million packs would be gigabytes of
 * names; sets that differ by what changed cost the same as one.
 */
export function createNeeds(list: PackList, read: (refs: string) => Promise<Refs>): Needs {
  const kept = new Map<string, Named & { readonly depth: number }>();
  const readSoFar = new Set<string>();

  const chainOf = async (hash: string): Promise<{ readonly hash: string; readonly refs: Refs }[]> => {
    const chain: { hash: string; refs: Refs }[] = [];
    for (let next: string | null = hash; next !== null && !kept.has(next); ) {
      const refs: Refs = await read(next);
      const above = chain.at(-1);
      if (above !== undefined && above.refs.depth !== refs.depth + 1) throw damaged(above.hash);
      chain.push({ hash: next, refs });
      next = refs.base;
    }
    return chain.reverse();
  };
  return {
    read: readSoFar,
    namedIn: (added) => apply(list, null, { added, removed: new Uint8Array(0) }, 'list'),
    async named(hash) {
      const known = kept.get(hash);
      if (known !== undefined) return known;
      for (const { hash: own, refs } of await chainOf(hash)) {
        const base = refs.base === null ? null : (kept.get(refs.base) ?? null);
        if (refs.base !== null && base?.depth !== refs.depth - 1) throw damaged(own);
        kept.set(own, { ...apply(list, base, refs, own), depth: refs.depth });
        readSoFar.add(own);
        if (kept.size > listsKept) kept.delete(kept.keys().next().value ?? '');
      }
      const named = kept.get(hash);
      if (named === undefined) throw damaged(hash);
      return named;
    },
  };
}

const damaged = (hash: string): CofferError =>
  new CofferError('object.damaged', { key: keyOfRefs(hash), reason: 'it does not fit the list it builds on' });

function apply(
  list: PackList,
  base: Named | null,
  { added, removed }: Pick<Refs, 'added' | 'removed'>,
  hash: string,
): Named {
  const packs = base?.packs.copy() ?? createPackBits(list.count);
  const absent = new Set(base?.absent);
  for (let at = 0; at < removed.length; at += hashBytes) {
    const pack = list.find(removed, at);
    const name = pack < 0 ? toHex(removed.subarray(at, at + hashBytes)) : '';
    if (pack < 0 ? !absent.delete(name) : !packs.has(pack)) throw damaged(hash);
    if (pack >= 0) packs.remove(pack);
  }
  for (let at = 0; at < added.length; at += hashBytes) {
    const pack = list.find(added, at);
    if (pack >= 0 && packs.has(pack)) throw damaged(hash);
    if (pack < 0) absent.add(toHex(added.subarray(at, at + hashBytes)));
    else packs.add(pack);
  }
  return { packs, absent };
}
