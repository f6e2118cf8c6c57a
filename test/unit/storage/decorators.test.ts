import { describe, expect, test } from 'vitest';
import { type Log, utf8 } from '../../../engine/base/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { faultPlans, withFaults, withLog, withThrottle } from '../../../engine/storage/with/index.ts';
import { take } from '../../../engine/storage/with/throttle.ts';
import { expectCode, keysOf } from '../../contract/store.ts';
import { makePlace, realFileSystem, steppingClock, writeFile } from './support.ts';

const body = utf8('some bytes');
const keys = ['1', '2', '3'].map((digit) => `index/${digit.repeat(64)}`);
const [first = '', second = '', third = ''] = keys;

describe('throttle', () => {
  test('the bucket fills with time, up to a second’s worth, and lends to one object at a time', () => {
    const full = { tokens: 100, atMs: 0 };
    const once = take(full, 250, 0, 100);
    expect(once).toEqual({ bucket: { tokens: -150, atMs: 0 }, waitMs: 0 });
    expect(take(once.bucket, 10, 500, 100)).toEqual({ bucket: { tokens: -110, atMs: 500 }, waitMs: 1000 });
    expect(take(once.bucket, 10, 60_000, 100)).toEqual({ bucket: { tokens: 90, atMs: 60_000 }, waitMs: 0 });
    // A clock that went back earns nothing and costs nothing.
    expect(take(full, 0, -5000, 100).bucket.tokens).toBe(100);
  });

  test('what goes in and out keeps the average', async () => {
    const clock = steppingClock();
    const place = makePlace();
    const store = withThrottle(createMemoryStore({ fileSystem: realFileSystem }), { bytesPerSecond: 1000, clock });
    const start = clock.monotonic();
    await store.put(first, new Uint8Array(5000));
    await store.get(first);
    await store.get(first, { offset: 0, length: 3000 });
    writeFile(realFileSystem, `${place.root}/file`, new Uint8Array(4000));
    await store.adopt(second, `${place.root}/file`);
    await store.stat(second);
    await store.put(third, new Uint8Array(1));
    place.dispose();
    // 5000 + 5000 + 3000 + 4000 bytes before the last one, less the second's worth that was free.
    expect((clock.monotonic() - start) / 1000).toBeCloseTo(16, 1);
  });
});

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
