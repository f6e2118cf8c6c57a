import { expect, test } from 'vitest';
import { type Clock, CofferError } from '../../../engine/base/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { withDeadline } from '../../../engine/storage/with/index.ts';
import { expectCode, keysOf } from '../../contract/store.ts';
import { inVirtualTime } from '../../support/virtual-clock.ts';

const key = `index/${'1'.repeat(64)}`;
const other = `index/${'2'.repeat(64)}`;
const never = new Promise<never>(() => {});
const patient = { requestMs: 30_000, bytesPerSecondLeast: 1000, sizeOf: () => 50_000 };

/** A store whose calls take so long, or for ever, and which heeds no signal. */
function deaf(clock: Clock, ms: number | null): Store {
  const inner = createMemoryStore();
  const late = async <T>(step: () => Promise<T>): Promise<T> => {
    await (ms === null ? never : clock.sleep(ms));
    return step();
  };
  return {
    ...inner,
    stat: (name) => late(() => inner.stat(name)),
    get: (name, range) => late(() => inner.get(name, range)),
    put: (name, bytes) => late(() => inner.put(name, bytes)),
    adopt: () => late(async () => {}),
    flush: () => late(() => inner.flush()),
    async *listKeys(prefix) {
      yield* inner.listKeys(prefix);
      await never;
    },
  };
}

test('a call that is not answered ends after its time, by what it has to carry', async () => {
  await inVirtualTime(async (clock) => {
    const store = withDeadline(deaf(clock, null), { ...patient, clock });
    const took = async (call: () => Promise<unknown>): Promise<number> => {
      const startMs = clock.monotonic();
      await expectCode(call(), 'store.failed');
      return Math.round((clock.monotonic() - startMs) / 1000);
    };
    expect(await took(() => store.stat(key))).toBe(30);
    expect(await took(() => store.put(key, new Uint8Array(20_000)))).toBe(50);
    expect(await took(() => store.get(key, { offset: 0, length: 10_000 }))).toBe(40);
    expect(await took(() => store.adopt(key, '/file'))).toBe(80);
    expect(await took(() => store.flush())).toBe(300);
    const error = await expectCode(store.stat(key), 'store.failed');
    expect(error.context.detail).toBe('no answer within 30 seconds');
  });
});

test('the signal ends it at once, also where the store does not listen', async () => {
  await inVirtualTime(async (clock) => {
    const store = withDeadline(deaf(clock, null), { ...patient, clock });
    const stopping = new AbortController();
    const startMs = clock.monotonic();
    const call = store.put(key, new Uint8Array(5), stopping.signal);
    await clock.sleep(100);
    const reason = new CofferError('cancelled');
    stopping.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(clock.monotonic() - startMs).toBeLessThan(101);
  });
});

test('what is done after the time is nobody’s answer', async () => {
  await inVirtualTime(async (clock) => {
    const slow = deaf(clock, 100_000);
    const store = withDeadline(slow, { ...patient, clock });
    await expectCode(store.put(key, new Uint8Array(5)), 'store.failed');
    await clock.sleep(100_000);
    const quick = withDeadline(slow, { ...patient, requestMs: 1_000_000, clock });
    expect(await quick.stat(key)).toEqual({ key, size: 5 });
  });
});

test('each step of a listing has its time', async () => {
  await inVirtualTime(async (clock) => {
    const inner = deaf(clock, 0);
    await inner.put(key, new Uint8Array(1));
    await inner.put(other, new Uint8Array(1));
    const store = withDeadline(inner, { ...patient, clock });
    const keys: string[] = [];
    const startMs = clock.monotonic();
    const listing = (async () => {
      for await (const one of store.listKeys('')) {
        keys.push(one);
        await clock.sleep(60_000);
      }
    })();
    await expectCode(listing, 'store.failed');
    expect(keys).toEqual([key, other]);
    expect(Math.round((clock.monotonic() - startMs) / 1000)).toBe(150);
    for await (const one of store.listKeys('')) {
      expect(one).toBe(key);
      break;
    }
    await expect(
      keysOf({ ...store, listKeys: () => store.listKeys('', AbortSignal.abort(new Error('stop'))) }),
    ).rejects.toThrow('stop');
  });
});

test('a line that was quick is not waited for as long as a slow one might need', async () => {
  await inVirtualTime(async (clock) => {
    let takesMs: number | null = 1_000;
    const inner = createMemoryStore();
    const store = withDeadline(
      {
        ...inner,
        put: async (name, bytes) => {
          await (takesMs === null ? never : clock.sleep(takesMs));
          await inner.put(name, bytes);
        },
      },
      { ...patient, clock },
    );
    await store.put(key, new Uint8Array(1_000_000));
    takesMs = null;
    const startMs = clock.monotonic();
    await expectCode(store.put(other, new Uint8Array(1_000_000)), 'store.failed');
    // At the least rate it would be 1,000 seconds.
    expect(Math.round((clock.monotonic() - startMs) / 1000)).toBe(46);
  });
});
