import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../engine/base/index.ts';
import { sha256Hex } from '../../../engine/crypto/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import {
  backoffCeilingMs,
  type Fault,
  type FaultPlan,
  faultPlans,
  type StoreOperation,
  withFaults,
  withRetry,
} from '../../../engine/storage/with/index.ts';
import { expectCode, keysOf } from '../../contract/store.ts';
import { highestRandom, realFileSystem, steppingClock } from './support.ts';

const body = utf8('some bytes');
const hash = sha256Hex(body);
const key = `packs/${hash.slice(0, 2)}/${hash}`;
const policy = { attempts: 4, baseMs: 100, capMs: 250 };

let inner: Store;
let clock: ReturnType<typeof steppingClock>;
let calls: StoreOperation[];
beforeEach(() => {
  inner = createMemoryStore({ fileSystem: realFileSystem });
  clock = steppingClock();
  calls = [];
});

const over = (plan: FaultPlan): Store => {
  const counted: FaultPlan = (call) => {
    calls.push(call.operation);
    return plan(call);
  };
  return withRetry(withFaults(inner, { plan: counted }), { ...policy, clock, random: highestRandom });
};

test('the pause doubles up to its cap', () => {
  expect([1, 2, 3, 4, 60, 2000].map((failures) => backoffCeilingMs(failures, policy))).toEqual([
    100, 200, 250, 250, 250, 250,
  ]);
});

describe('what may pass', () => {
  test.each(['get', 'stat', 'put', 'delete'] as const)('%s is tried again until it succeeds', async (operation) => {
    await inner.put('config', body);
    const store = over(firstFails(3, { kind: 'fail' }));
    const actions: Record<typeof operation, () => Promise<unknown>> = {
      get: () => store.get('config'),
      stat: () => store.stat('config'),
      put: () => store.put(key, body),
      delete: () => store.delete('config'),
    };
    await actions[operation]();
    expect(calls).toEqual([operation, operation, operation, operation]);
    expect(clock.pauses).toEqual([100, 200, 250]);
  });

  test('is told after the last try', async () => {
    const store = over(faultPlans.everyCall({ kind: 'fail' }));
    await expectCode(store.get(key), 'store.failed');
    expect(calls).toHaveLength(4);
  });

  test('stops waiting when told to', async () => {
    const controller = new AbortController();
    const store = over(() => {
      controller.abort(new Error('enough'));
      return { kind: 'fail' };
    });
    await expect(store.put(key, body, controller.signal)).rejects.toThrow('enough');
    expect(calls).toHaveLength(1);
  });
});

describe('what needs a person or is an answer', () => {
  test.each(['store.full', 'store.denied', 'store.missing', 'store.objectMissing', 'object.damaged'] as const)(
    '%s is told at once',
    async (code) => {
      const store = over(faultPlans.everyCall({ kind: 'fail', code }));
      await expectCode(store.put(key, body), code);
      await expectCode(store.get(key), code);
      await expectCode(keysOf(store), code);
      expect(calls).toEqual(['put', 'get', 'listKeys']);
      expect(clock.pauses).toEqual([]);
    },
  );

  test('a failed flush or settle is never repeated', async () => {
    const store = over(faultPlans.everyCall({ kind: 'fail' }));
    await expectCode(store.flush(), 'store.failed');
    await expectCode(store.settle(), 'store.failed');
    expect(calls).toEqual(['flush', 'settle']);
  });
});

describe('a lost answer', () => {
  test('of a put counts as success when the object holds our bytes', async () => {
    await over(faultPlans.nthCall(1, { kind: 'lostAnswer' })).put(key, body);
    expect(calls).toEqual(['put', 'put', 'get']);
    expect(await inner.get(key)).toEqual(body);
  });

  test('of a put does not when somebody else’s bytes are there', async () => {
    await inner.put('config', utf8('another'));
    const store = over(faultPlans.nthCall(1, { kind: 'fail' }));
    await expectCode(store.put('config', body), 'store.objectExists');
    expect(await inner.get('config')).toEqual(utf8('another'));
  });

  test('is thought of too when a request may have arrived twice', async () => {
    await inner.put(key, body);
    await over(() => null).put(key, body);
    expect(calls).toEqual(['put', 'get']);
  });
});

describe('a listing that breaks off', () => {
  test('goes on after what it gave, each entry once', async () => {
    const keys = ['1', '2', '3', '4', '5'].map((digit) => `index/${digit.repeat(64)}`);
    for (const one of keys) await inner.put(one, body);
    let after = 0;
    const plan: FaultPlan = () => {
      after += 2;
      return after > keys.length ? null : { kind: 'breakOff', after };
    };
    expect(await keysOf(over(plan), 'index/')).toEqual(keys);
    expect(calls).toHaveLength(3);
  });

  test('is told when it gets no further', async () => {
    await inner.put(key, body);
    await expectCode(keysOf(over(faultPlans.everyCall({ kind: 'breakOff', after: 1 }))), 'store.failed');
    expect(calls).toHaveLength(4);
  });
});

function firstFails(count: number, fault: Fault): FaultPlan {
  return (call) => (call.number <= count ? fault : null);
}
