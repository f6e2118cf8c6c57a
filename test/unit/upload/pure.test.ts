import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../engine/base/index.ts';
import * as concurrency from '../../../engine/storage/upload/concurrency.ts';
import { isSmall, nextToSend, type Waiting } from '../../../engine/storage/upload/order.ts';
import * as patience from '../../../engine/storage/upload/patience.ts';
import { leastRate } from '../../../engine/storage/with/index.ts';

const MiB = 1024 * 1024;

describe('what is sent next', () => {
  const item = (parts: Partial<Waiting>): Waiting => ({
    ...{ bytes: 16 * MiB, sequence: 1, isLeft: false, isUnderWay: false, nextMs: 0 },
    ...parts,
  });
  const next = (items: readonly Waiting[], senders = 4, nowMs = 0): Waiting | null =>
    nextToSend(items, { senders, nowMs });

  test('what an earlier run left, in its order; then the newest small one; then big ones in their order', () => {
    const order: readonly Waiting[] = [
      item({ sequence: 1, isLeft: true }),
      item({ sequence: 2, isLeft: true, bytes: 5 }),
      item({ sequence: 9, bytes: 5 }),
      item({ sequence: 4, bytes: 5 }),
      item({ sequence: 3 }),
      item({ sequence: 8 }),
    ];
    const waiting = new Set(order.toReversed());
    for (const expected of order) {
      expect(next([...waiting])).toBe(expected);
      waiting.delete(expected);
    }
    expect(next([...waiting])).toBeNull();
  });

  test('what waits after a failure is passed over until its time', () => {
    const failed = item({ sequence: 1, nextMs: 500 });
    const other = item({ sequence: 2 });
    expect(next([failed, other])).toBe(other);
    expect(next([failed], 4, 499)).toBeNull();
    expect(next([failed], 4, 500)).toBe(failed);
  });

  test('a sender that is alone takes whatever there is', () => {
    const big = item({ sequence: 1 });
    expect(next([big], 1)).toBe(big);
  });

  test('big ones never take the last of several senders, whatever waits', () => {
    const waiting = fc.record({
      bytes: fc.constantFrom(1, limits.quickObjectBytes, limits.quickObjectBytes + 1, 16 * MiB),
      sequence: fc.nat(),
      isLeft: fc.boolean(),
      isUnderWay: fc.constant(false),
      nextMs: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(waiting), fc.integer({ min: 2, max: 8 }), (given, senders) => {
        const items = given.map((one) => ({ ...one }));
        for (;;) {
          const one = next(items, senders);
          if (one === null) break;
          (one as { isUnderWay: boolean }).isUnderWay = true;
        }
        const underWay = items.filter(({ isUnderWay }) => isUnderWay);
        expect(underWay.length).toBeLessThanOrEqual(senders);
        expect(underWay.filter((one) => !isSmall(one)).length).toBeLessThan(senders);
        // And no sender idles that may work.
        const left = items.filter(({ isUnderWay }) => !isUnderWay);
        if (underWay.length < senders) expect(left.some(isSmall)).toBe(false);
      }),
    );
  });
});

describe('how many are sent at once', () => {
  /** A line that carries so many bytes a second for each sender, and so many in all. */
  function settle(line: { each: number; all: number }, objects: number, from = concurrency.firstConcurrency) {
    let state = from;
    let nowMs = 0;
    for (let number = 0; number < objects; number++) {
      nowMs += (MiB / Math.min(line.each * state.limit, line.all)) * 1000;
      state = concurrency.afterSuccess(state, { bytes: MiB, nowMs, isBusy: true });
    }
    return state;
  }

  test('as many as make it quicker', () => {
    expect(settle({ each: MiB, all: 100 * MiB }, 500).limit).toBe(concurrency.sendersMost);
    expect(settle({ each: MiB, all: 4 * MiB }, 500).limit).toBeGreaterThanOrEqual(4);
    expect(settle({ each: MiB, all: 4 * MiB }, 500).limit).toBeLessThanOrEqual(5);
    expect(settle({ each: 4 * MiB, all: 4 * MiB }, 500).limit).toBeLessThanOrEqual(3);
  });

  test('half as many when the line slows down, or fails; one failure of many that were under way together', () => {
    const quick = settle({ each: MiB, all: 100 * MiB }, 500);
    const slow = settle({ each: MiB / 20, all: 100 * MiB }, 20, { ...quick, window: null });
    expect(slow.limit).toBeLessThan(quick.limit);
    let failing = quick;
    for (let number = 0; number < 5; number++)
      failing = concurrency.afterFailure(failing, { beganMs: 1_000, nowMs: 2_000 + number });
    expect(failing.limit).toBe(4);
    expect(concurrency.afterFailure(failing, { beganMs: 3_000, nowMs: 4_000 }).limit).toBe(2);
  });

  test('nothing is learnt while nothing waits', () => {
    let state = settle({ each: MiB, all: 100 * MiB }, 500);
    const { limit } = state;
    for (let number = 0; number < 100; number++)
      state = concurrency.afterSuccess(state, { bytes: 1, nowMs: 1e6 + number * 1e5, isBusy: false });
    expect(state.limit).toBe(limit);
  });

  test('between two and eight, whatever happens', () => {
    const event = fc.record({ passMs: fc.nat(10_000), bytes: fc.nat(1e8), ok: fc.boolean(), isBusy: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let state = concurrency.firstConcurrency;
        let nowMs = 0;
        for (const { passMs, bytes, ok, isBusy } of events) {
          const beganMs = nowMs;
          nowMs += passMs;
          state = ok
            ? concurrency.afterSuccess(state, { bytes, nowMs, isBusy })
            : concurrency.afterFailure(state, { beganMs, nowMs });
          expect(state.limit).toBeGreaterThanOrEqual(concurrency.sendersLeast);
          expect(state.limit).toBeLessThanOrEqual(concurrency.sendersMost);
        }
      }),
    );
  });
});

describe('when it is enough', () => {
  const fail = (now: patience.Patience, attempts: number, beganMs: number, nowMs = beganMs + 1) =>
    patience.afterFailure(now, { attempts, beganMs, nowMs });

  test('eight rounds without any success; what was under way together is one round', () => {
    let state = patience.firstPatience;
    const verdicts: string[] = [];
    for (let round = 0; round < 8; round++) {
      for (let together = 0; together < 2; together++) {
        const judged = fail(state, 1, round * 1000, round * 1000 + 500);
        state = judged.patience;
        if (together === 1) verdicts.push(judged.verdict);
      }
    }
    expect(verdicts).toEqual([...Array(7).fill('again'), 'giveUp']);
  });

  test('six failures of one object while others arrive', () => {
    let state = patience.firstPatience;
    for (let attempts = 1; attempts <= 6; attempts++) {
      const judged = fail(state, attempts, attempts * 1000);
      expect(judged.verdict).toBe(attempts < 6 ? 'again' : 'park');
      state = patience.afterSuccess(judged.patience);
    }
  });

  test('while nothing arrives, no object is blamed', () => {
    let state = patience.firstPatience;
    for (let attempts = 1; attempts <= 7; attempts++) {
      const judged = fail(state, attempts, attempts * 1000);
      expect(judged.verdict).toBe('again');
      state = judged.patience;
    }
  });

  test('little more than twenty retries and one for each five successes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (outcomes) => {
        let state = patience.firstPatience;
        let [retries, successes] = [0, 0];
        for (const [number, ok] of outcomes.entries()) {
          if (ok) {
            successes++;
            state = patience.afterSuccess(state);
            continue;
          }
          const judged = fail(state, 1, number * 10);
          if (judged.verdict !== 'again') break;
          retries++;
          state = judged.patience;
        }
        expect(retries).toBeLessThanOrEqual(20 + 8 + successes / 5);
      }),
    );
  });
});

test('a transfer may be sixteen times as slow as of late, and never needs to be quicker than the slowest line', () => {
  expect(leastRate(null, 1000)).toBe(1000);
  expect(leastRate(8000, 1000)).toBe(1000);
  expect(leastRate(160_000, 1000)).toBe(10_000);
});
