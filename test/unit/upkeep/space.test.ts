import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packId } from '../../../engine/base/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { createDirectoryBuilder } from '../../../engine/format/directory.ts';
import { loadIndex } from '../../../engine/repository/index.ts';
import { measureSpace, type SpaceBy } from '../../../engine/upkeep/index.ts';
import { ageAt } from '../../../engine/upkeep/space/ages.ts';
import { chunkSizes } from '../../../engine/upkeep/space/chunk-sizes.ts';
import { noise, writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, removeObjects, type TestVault } from '../../support/vault.ts';

async function spaceIn(vault: TestVault, asked: { by?: SpaceBy; path?: string }) {
  const opened = await vault.open();
  const index = await loadIndex(opened, { without: new Set() });
  return measureSpace(opened, index, { ...asked, nowMs: vault.clock.now() });
}

describe('what a chunk takes', () => {
  const ids = seededRandom(5).bytes(6 * 32);
  const idsOf = (...chunks: number[]): Uint8Array =>
    new Uint8Array(Buffer.concat(chunks.map((chunk) => ids.subarray(chunk * 32, chunk * 32 + 32))));
  const packOf = (name: string, ...pieces: { stored: number; lengths: number[]; ids: Uint8Array }[]) => {
    const builder = createDirectoryBuilder();
    for (const piece of pieces) {
      const raw = piece.lengths.reduce((sum, length) => sum + length, 0);
      builder.add({ ...piece, raw, zstd: true, bundle: true });
    }
    return { id: packId(name.repeat(64)), encoded: builder.bytes() };
  };

  test('is its share of its piece, so that all of them together are the piece', () => {
    const lengths = [1, 700, 3, 2_000];
    const sizes = chunkSizes([packOf('a', { stored: 1_001, lengths, ids: idsOf(0, 1, 2, 3) })]);
    const numbers = [0, 1, 2, 3].map((chunk) => sizes.numberOf(ids, chunk * 32));
    expect(numbers.map((number) => sizes.plain[number])).toEqual(lengths);
    const stored = numbers.map((number) => sizes.stored[number] ?? 0);
    expect(stored.reduce((sum, one) => sum + one, 0)).toBe(1_001);
    expect(stored[1]).toBeCloseTo((1_001 * 700) / 2_704, -1);
    expect(sizes.numberOf(ids, 4 * 32)).toBe(-1);
  });

  test('counts once where several packs have it, as the first has it', () => {
    const sizes = chunkSizes([
      packOf('a', { stored: 100, lengths: [500], ids: idsOf(0) }),
      packOf('b', { stored: 300, lengths: [500, 500], ids: idsOf(0, 1) }),
    ]);
    expect(sizes.stored[sizes.numberOf(ids, 0)]).toBe(100);
    expect(sizes.stored[sizes.numberOf(ids, 32)]).toBe(150);
  });
});

test('the age of a snapshot is that of its clock, and of one that is to come the youngest', () => {
  const day = 86_400_000;
  const now = 1_000 * day;
  const at = [1_200, 999.5, 996, 980, 700, 600].map((days) => ageAt(now, days * day));
  expect(at).toEqual(['day', 'day', 'week', 'month', 'year', 'older']);
});

test('a path with a slash at its end, a folder above the sources and a file are found', async () => {
  const vault = await makeVault();
  writeTree(vault.files, { one: { 'a.raw': noise(50_000, 1) }, two: { 'a.raw': noise(50_000, 1), b: 'b' } });
  await vault.backup();
  const one = await spaceIn(vault, { path: join(vault.files, 'one/') });
  expect(one.shared.bytes).toBe(50_000);
  expect(one.unique.bytes).toBeLessThan(1_000);
  const above = await spaceIn(vault, { path: vault.folder });
  expect(above.parts.map(({ name }) => name)).toEqual([vault.files]);
  expect(above.shared.bytes).toBe(0);
  const file = await spaceIn(vault, { path: join(vault.files, 'one/a.raw') });
  expect(file).toMatchObject({ versions: 1, snapshots: 1, unique: { bytes: 0 }, shared: { bytes: 50_000 } });
});

test('what cannot be read is counted, and the rest measured', async () => {
  const vault = await makeVault();
  writeTree(vault.files, { 'a.raw': noise(50_000, 1) });
  await vault.backup();
  const before = new Set(objectsIn(vault.store, 'packs/'));
  writeTree(vault.files, { in: { 'b.raw': noise(60_000, 2) } });
  await vault.backup();
  const added = objectsIn(vault.store, 'packs/').filter((key) => !before.has(key));
  // Its pieces do not open any more; that it has them the index says.
  for (const key of added) flipByte(join(vault.store, key), 70);
  expect((await spaceIn(vault, { by: 'age' })).lost).toBe(1);
  for (const key of added) removeObjects(vault.store, key);
  const exact = await spaceIn(vault, { by: 'age' });
  expect(exact.lost).toBeGreaterThan(0);
  expect(exact.unique.bytes).toBeGreaterThanOrEqual(50_000);
  expect((await spaceIn(vault, {})).lost).toBeGreaterThan(0);
  removeObjects(vault.store, 'refs/');
  expect((await spaceIn(vault, {})).lost).toBe(2);
});
