import { describe, expect, test } from 'vitest';
import { type Clock, type Log, utf8 } from '../../../engine/base/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { faultPlans, withFaults, withLog, withThrottle } from '../../../engine/storage/with/index.ts';
import { filled } from '../../../engine/storage/with/throttle.ts';
import { expectCode, keysOf } from '../../contract/store.ts';
import { makePlace, realFileSystem, steppingClock, writeFile } from './support.ts';

const body = utf8('some bytes');
const keys = ['1', '2', '3'].map((digit) => `index/${digit.repeat(64)}`);
const [first = '', second = '', third = ''] = keys;

describe('throttle', () => {
  test('the bucket fills with time, up to a second’s worth', () => {
    const inDebt = { tokens: -150, atMs: 0 };
    expect(filled(inDebt, 500, 100)).toEqual({ tokens: -100, atMs: 500 });
    expect(filled(inDebt, 60_000, 100)).toEqual({ tokens: 100, atMs: 60_000 });
    // A clock that went back earns nothing and costs nothing.
    expect(filled({ tokens: 100, atMs: 0 }, -5000, 100).tokens).toBe(100);
  });

  test('what is sent keeps the average; what is fetched is not held back', async () => {
    const clock = steppingClock();
    const place = makePlace();
    const store = throttled(clock, () => 1000);
    const start = clock.monotonic();
    await store.put(first, new Uint8Array(5000));
    await store.get(first);
    writeFile(realFileSystem, `${place.root}/file`, new Uint8Array(4000));
    await store.adopt(second, `${place.root}/file`);
    await store.put(third, new Uint8Array(1));
    place.dispose();
    expect((clock.monotonic() - start) / 1000).toBeCloseTo(9, 1);
  });

  test('another rate counts within a second, also that nothing may be sent for a while, or that nothing limits', async () => {
    const clock = steppingClock();
    let rate: number | null = 1;
    const store = throttled(clock, () => rate);
    const start = clock.monotonic();
    const hasPassed = (ms: number): boolean => clock.monotonic() - start >= ms;
    await store.put(first, new Uint8Array(1_000_000));
    const waiting = store.put(second, new Uint8Array(1));
    while (!hasPassed(10_000)) await Promise.resolve();
    rate = 0;
    while (!hasPassed(20_000)) await Promise.resolve();
    rate = null;
    await waiting;
    expect(clock.monotonic() - start).toBeLessThan(22_000);
    rate = 1000;
    await store.put(third, new Uint8Array(1));
    expect(clock.monotonic() - start).toBeLessThan(22_000);
  });
});

function throttled(clock: Clock, bytesPerSecond: () => number | null): Store {
  const sizeOf = (path: string): number => realFileSystem.lstat(path).size;
  return withThrottle(createMemoryStore({ fileSystem: realFileSystem }), { bytesPerSecond, clock, sizeOf });
}

describe('log', () => {
  test('tells every call, failures as warnings and asked-for answers not', async () => {
    const lines: string[] = [];
    const say = (level: string) => (message: string, context?: Readonly<Record<string, unknown>>) =>
      lines.push(`${level} ${message} ${context?.error ?? ''}`.trim());
    const log: Log = { debug: say('debug'), warn: say('warn') };
    const plan = faultPlans.nthCall(3, { kind: 'fail' });
    const store = withLog(withFaults(createMemoryStore(), { plan }), { log, clock: steppingClock() });
    await store.put(first, body);
    await expectCode(store.put(first, body), 'store.objectExists');
    await expectCode(store.get(first), 'store.failed');
    await keysOf(store);
    expect(lines).toEqual([
      'debug store put',
      'debug store put failed store.objectExists',
      'warn store get failed store.failed',
      'debug store listKeys',
    ]);
  });
});

describe('planned faults', () => {
  test('corrupt one byte, or cut the end off, of what is got or put', async () => {
    const store = createMemoryStore();
    await store.put(first, body);
    const corrupt = withFaults(store, { plan: faultPlans.everyCall({ kind: 'corrupt', position: 3 }) });
    const got = await corrupt.get(first);
    expect(got.filter((byte, at) => byte !== body[at])).toHaveLength(1);
    expect(await store.get(first)).toEqual(body);
    await corrupt.put(second, body);
    expect(await store.get(second)).toEqual(got);
    const cut = withFaults(store, { plan: faultPlans.everyCall({ kind: 'truncate', length: 4 }) });
    expect(await cut.get(first)).toEqual(body.slice(0, 4));
  });

  test('lose the answer of a call that was done', async () => {
    const store = createMemoryStore();
    const faulty = withFaults(store, { plan: faultPlans.nthCall(2, { kind: 'lostAnswer' }, 'put') });
    await faulty.put(first, body);
    await expectCode(faulty.put(second, body), 'store.failed');
    await faulty.put(third, body);
    expect(await keysOf(store)).toEqual(keys);
  });

  test('fill the place from a byte on', async () => {
    const faulty = withFaults(createMemoryStore(), { plan: faultPlans.fullAfter(2 * body.length) });
    await faulty.put(first, body);
    await faulty.put(second, body);
    await expectCode(faulty.put(third, body), 'store.full');
    expect(await keysOf(faulty)).toEqual([first, second]);
  });

  test('leave entries out of listings without a word, or slow calls down', async () => {
    const clock = steppingClock();
    const drop = faultPlans.nthCall(4, { kind: 'dropEntries', drops: (key) => key === second });
    const slow = faultPlans.everyCall({ kind: 'slow', delayMs: 7 }, 'put');
    const faulty = withFaults(createMemoryStore(), { plan: faultPlans.firstOf(drop, slow), clock });
    for (const key of keys) await faulty.put(key, body);
    expect(await keysOf(faulty)).toEqual([first, third]);
    expect(await keysOf(faulty)).toEqual(keys);
    expect(clock.pauses).toEqual([7, 7, 7]);
  });

  test('come out the same for the same seed, in the share that was asked for', () => {
    const drawn = (seed: number): boolean[] => {
      const plan = faultPlans.seededFaults({ seed, share: 0.25, faults: [{ kind: 'fail' }] });
      return Array.from(
        { length: 2000 },
        (_, at) => plan({ operation: 'get', key: first, number: at + 1, bytes: 0, bytesBefore: 0 }) !== null,
      );
    };
    expect(drawn(5)).toEqual(drawn(5));
    expect(drawn(5)).not.toEqual(drawn(6));
    expect(drawn(5).filter(Boolean).length / 2000).toBeCloseTo(0.25, 1);
  });
});
