import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { createChunkTable, idAt } from '../../../engine/repository/index.ts';

const idsOf = (count: number, seed = 1): Uint8Array => seededRandom(seed).bytes(count * 32);

describe('the table of chunks', () => {
  test('gives each id to exactly one of many threads', async () => {
    const count = 40_000;
    const ids = idsOf(count);
    const table = createChunkTable(count);
    const wins = await Promise.all(
      [1, 7919, 104_729, 31].map(
        (stride, number) =>
          new Promise<Uint8Array>((resolve, reject) => {
            const data = { segments: table.segments, ids, start: number * 17, stride };
            const worker = new Worker(new URL('./claim-worker.ts', import.meta.url), { workerData: data });
            worker.once('message', resolve);
            worker.once('error', reject);
          }),
      ),
    );
    const owners = Array.from({ length: count }, (_, at) => wins.reduce((sum, won) => sum + (won[at] ?? 0), 0));
    expect(owners.filter((owned) => owned !== 1)).toEqual([]);
    for (let at = 0; at < count; at += 997) expect(table.has(ids, at * 32)).toBe(true);
  });

  test('compares all 32 bytes', () => {
    const table = createChunkTable();
    const [id] = [idAt(idsOf(1), 0)];
    expect(table.claim(id)).toBe(true);
    for (let byte = 4; byte < 32; byte++) {
      const near = id.slice();
      near[byte] = (near[byte] ?? 0) ^ 1;
      expect(table.has(near)).toBe(false);
      expect(table.claim(near)).toBe(true);
    }
    expect(table.claim(id)).toBe(false);
  });

  test('grows without losing or moving anything', () => {
    const count = 150_000;
    const ids = idsOf(count, 3);
    const table = createChunkTable();
    const refs: number[] = [];
    for (let at = 0; at < count; at++) {
      if (!table.claim(ids, at * 32)) expect.fail(`chunk ${at} was not new`);
      refs.push(table.find(ids, at * 32));
      table.growIfNeeded();
    }
    expect(table.segments.length).toBeGreaterThan(1);
    for (let at = 0; at < count; at++) if (table.find(ids, at * 32) !== refs[at]) expect.fail(`chunk ${at} moved`);
    for (let at = 0; at < count; at += 101) expect(table.claim(ids, at * 32)).toBe(false);
  });

  test('takes little more room than the chunks that are known need', () => {
    const count = 900_000;
    const ids = idsOf(count, 4);
    const table = createChunkTable(count);
    for (let at = 0; at < count; at++) {
      table.growFor(count - at);
      table.add(ids, at * 32, at % 7);
    }
    const slots = table.segments.reduce((sum, { states }) => sum + states.length, 0);
    expect(slots).toBeLessThan(1.5 * count);
    for (let at = 0; at < count; at += 97) expect(table.packOf(table.find(ids, at * 32))).toBe(at % 7);
  });

  test('that nobody lets grow still never says that it has what it has not', () => {
    const table = createChunkTable();
    const count = 65_536 + 300;
    const ids = idsOf(count, 5);
    for (let at = 0; at < count; at++) table.claim(ids, at * 32);
    const strangers = idsOf(100, 6);
    for (let at = 0; at < 100; at++) expect(table.has(strangers, at * 32)).toBe(false);
  });

  test('takes a chunk back when its pack failed, for the next one to claim', () => {
    const table = createChunkTable();
    const id = idAt(idsOf(1, 9), 0);
    expect([table.claim(id), table.claim(id)]).toEqual([true, false]);
    table.placeIn(id, 0, 5);
    expect(table.packOf(table.find(id))).toBe(5);
    table.void(id, 0);
    expect(table.has(id)).toBe(false);
    expect(table.packOf(table.find(id))).toBe(-1);
    expect([table.claim(id), table.claim(id)]).toEqual([true, false]);
  });

  test('keeps the first pack that has a chunk, and prefers it over a pending claim', () => {
    const table = createChunkTable();
    const ids = idsOf(2, 11);
    table.add(ids, 0, 3);
    table.add(ids, 0, 4);
    expect(table.packOf(table.find(ids, 0))).toBe(3);
    table.claim(ids, 32);
    expect(table.packOf(table.find(ids, 32))).toBe(-1);
    table.add(ids, 32, 7);
    expect(table.packOf(table.find(ids, 32))).toBe(7);
  });
});
