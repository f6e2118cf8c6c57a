import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceId, packId, snapshotId, toHex, vaultId } from '../../../engine/base/index.ts';
import { applyRefs, diffRefs, encodeRefs, keyOfPack, keyOfRefs, type LogEntry } from '../../../engine/format/index.ts';
import type { Vault } from '../../../engine/repository/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { freedBytes } from '../../../engine/upkeep/retention/freed.ts';

const device = deviceId('01'.repeat(16));
const hashOf = (what: string | Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(what).digest());
const packNames = Array.from({ length: 12 }, (_, pack) => hashOf(`pack ${pack}`)).sort(Buffer.compare);
const sizeOf = (pack: number): number => 1 + 2 ** pack;
const listOf = (packs: readonly number[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat([...packs].sort((left, right) => left - right).map((pack) => packNames[pack] ?? new Uint8Array(0))),
  );

type Made = { readonly packs: readonly number[]; readonly base: number | null; readonly isForgotten: boolean };

/** A place with nothing but packs and lists, and a log that names the lists. */
async function vaultOf(made: readonly Made[]) {
  const store = createMemoryStore();
  for (const [pack, name] of packNames.entries())
    await store.put(keyOfPack(packId(toHex(name))), new Uint8Array(sizeOf(pack)));
  const lists: { readonly hash: string; readonly depth: number; readonly list: Uint8Array }[] = [];
  const ids = made.map((_, at) => snapshotId(toHex(hashOf(`snapshot ${at}`))));
  const none = {
    previous: null,
    requires: [],
    time: { seconds: 0, nanoseconds: 0 },
    vault: vaultId('00'.repeat(16)),
    device,
  };
  const records: { hash: string; entry: LogEntry }[] = [];
  for (const [at, { packs, base }] of made.entries()) {
    const list = listOf(packs);
    const below = base === null ? undefined : lists[base];
    const [snapshot] = [ids[at] ?? snapshotId('')];
    const refs =
      below === undefined
        ? { snapshot, base: null, depth: 0, added: list, removed: new Uint8Array(0) }
        : { snapshot, base: below.hash, depth: below.depth + 1, ...diffRefs(below.list, list) };
    expect(applyRefs(below?.list ?? new Uint8Array(0), refs, 'a list')).toEqual(list);
    const bytes = encodeRefs(refs);
    const hash = toHex(hashOf(bytes));
    await store.put(keyOfRefs(hash), bytes);
    lists.push({ hash, depth: refs.depth, list });
    records.push({
      hash: `${at}`,
      entry: { ...none, seq: at + 1, action: { kind: 'snapshot', snapshot, refs: hash } },
    });
  }
  const forgotten = ids.filter((_, at) => made[at]?.isForgotten);
  const action = { kind: 'forget', snapshots: forgotten, reason: '' } as const;
  records.push({ hash: 'last', entry: { ...none, seq: made.length + 1, action } });
  const logs = new Map([[device, { device, records, broken: null }]]);
  // Nothing else of a vault is looked at.
  return { vault: { store, logs } as unknown as Vault, ids };
}

const made = fc.array(
  fc.record({
    packs: fc.uniqueArray(fc.nat(11), { maxLength: 8 }),
    /** How far back the list it builds on lies. */
    back: fc.option(fc.integer({ min: 1, max: 3 })),
    isForgotten: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
    goes: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

test('what comes free is what nothing that stays has in its list, however lists build on each other', async () => {
  await fc.assert(
    fc.asyncProperty(made, async (all) => {
      const { vault, ids } = await vaultOf(
        all.map(({ back, ...rest }, at) => ({ ...rest, base: back === null || back > at ? null : at - back })),
      );
      const goes = all.filter((one) => one.goes && !one.isForgotten);
      const stays = new Set(all.filter((one) => !one.goes && !one.isForgotten).flatMap(({ packs }) => packs));
      const free = [...new Set(goes.flatMap(({ packs }) => packs))].filter((pack) => !stays.has(pack));
      const going = ids.filter((_, at) => all[at]?.goes && !all[at]?.isForgotten);
      expect(await freedBytes(vault, going)).toBe(free.reduce((sum, pack) => sum + sizeOf(pack), 0));
    }),
    { numRuns: 300 },
  );
});
