import { expect, test } from 'vitest';
import { snapshotId } from '../../../../engine/base/index.ts';
import { seededRandom } from '../../../../engine/filesystem/simulated/index.ts';
import type { Refs } from '../../../../engine/format/index.ts';
import { createMemoryStore } from '../../../../engine/storage/memory/store.ts';
import { createNeeds } from '../../../../engine/upkeep/sweep/needs.ts';
import { createPackBits } from '../../../../engine/upkeep/sweep/pack-bits.ts';
import { listPacks } from '../../../../engine/upkeep/sweep/pack-list.ts';
import { planSweep } from '../../../../engine/upkeep/sweep/plan.ts';

const packs = 1_000_000;
const snapshots = 1000;
const chain = 64;
const changedEach = 200;

/** Sorted names of so many packs. */
function manyHashes(): Uint8Array {
  const random = seededRandom(3);
  const hashes = random.bytes(packs * 32);
  const view = new DataView(hashes.buffer);
  for (let pack = 0; pack < packs; pack++) view.setUint32(pack * 32, pack * 4000);
  return hashes;
}

test('a plan over a million packs and a thousand snapshots', { timeout: 120_000 }, async () => {
  const hashes = manyHashes();
  const keyOf = (pack: number): string => {
    const name = Buffer.from(hashes.buffer, pack * 32, 32).toString('hex');
    return `packs/${name.slice(0, 2)}/${name}`;
  };
  const store = {
    ...createMemoryStore(),
    async *list() {
      for (let pack = 0; pack < packs; pack++) yield { key: keyOf(pack), size: 16_000_000 };
    },
  };
  const startedAt = performance.now();
  const list = await listPacks(store);
  expect([list.count, list.find(hashes, 777_777 * 32)]).toEqual([packs, 777_777]);

  const id = snapshotId('0'.repeat(64));
  const part = (from: number, count: number): Uint8Array => hashes.subarray(from * 32, (from + count) * 32);
  /** Full lists, each followed by differences: packs of the first half go, others come. */
  const read = async (name: string): Promise<Refs> => {
    const number = Number(name);
    const depth = number % chain;
    if (depth === 0) return { snapshot: id, base: null, depth, added: part(0, 900_000), removed: new Uint8Array(0) };
    const changed = {
      added: part(900_000 + depth * changedEach, changedEach),
      removed: part(depth * changedEach, changedEach),
    };
    return { snapshot: id, base: `${number - 1}`, depth, ...changed };
  };
  const needs = createNeeds(list, read);
  const needed = createPackBits(list.count);
  for (let number = snapshots / 2; number < snapshots; number++) needed.addAll((await needs.named(`${number}`)).packs);
  const marks = [{ packs: part(950_000, 20_000), ageMs: 40 }];
  const facts = { list, needed, kept: needed, named: needed, marks, unnamedAgeMs: () => 40 };
  const { mark, remove } = planSweep(facts, { graceMs: 30, mostBytes: list.bytes * 0.05 });
  const seconds = (performance.now() - startedAt) / 1000;
  const memory = process.memoryUsage().rss / 1e6;
  // Needed is what full lists name, and 63 times 200 more.
  expect([remove.length, mark.length]).toEqual([20_000, packs - 900_000 - 63 * changedEach - 20_000]);
  expect(seconds).toBeLessThan(60);
  expect(memory).toBeLessThan(400);
});
