import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceId, snapshotId } from '../../../engine/base/index.ts';
import { believedSeqs, type Timed } from '../../../engine/upkeep/retention/believed.ts';
import { type Candidate, planRetention } from '../../../engine/upkeep/retention/plan.ts';
import { emptyPolicy, type RetentionPolicy } from '../../../engine/upkeep/retention/policy.ts';
import { oracleKept } from './oracle.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const device = deviceId('01'.repeat(16));
const start = Date.UTC(2026, 0, 1);

/** Two hours ahead from the end of March to the end of October, else one. */
const offsetAt = (timeMs: number): number => {
  const month = new Date(timeMs).getUTCMonth();
  return month >= 3 && month < 10 ? 120 : 60;
};

const oneRule = fc
  .tuple(fc.constantFrom('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'), fc.integer({ min: 1, max: 6 }))
  .map(([rule, count]) => ({ ...emptyPolicy, [rule]: count }));

const manyRules: fc.Arbitrary<RetentionPolicy> = fc
  .record({
    last: fc.integer({ min: 0, max: 4 }),
    hourly: fc.integer({ min: 0, max: 5 }),
    daily: fc.integer({ min: 0, max: 8 }),
    weekly: fc.integer({ min: 0, max: 5 }),
    monthly: fc.integer({ min: 0, max: 5 }),
    yearly: fc.integer({ min: 0, max: 3 }),
    withinMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 * dayMs })),
    tags: fc.subarray(['a', 'b']),
  })
  .filter(({ tags, ...counts }) => tags.length > 0 || Object.values(counts).some((count) => count > 0));

const policy = fc.oneof(oneRule, manyRules);

const step = fc.oneof(
  fc.integer({ min: 0, max: 2 * hourMs }),
  fc.integer({ min: 0, max: 3 * dayMs }),
  fc.integer({ min: 0, max: 40 * dayMs }),
);
const made = fc.record({
  step,
  /** Rarely, the clock is set. */
  jump: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) }),
  sources: fc.constantFrom('/home', '/photos'),
  tags: fc.subarray(['a', 'b', 'c'], { maxLength: 1 }),
  isPinned: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  ageMs: fc.integer({ min: 0, max: 50 * dayMs }),
});

function candidatesOf(all: readonly (typeof made extends fc.Arbitrary<infer Made> ? Made : never)[]): Candidate[] {
  let timeMs = start;
  return all.map(({ step: stepMs, jump, ...rest }, at) => {
    timeMs += stepMs + jump * 365 * dayMs;
    return { ...rest, device, seq: at + 1, timeMs, id: snapshotId(String(at + 1).padStart(64, '0')) };
  });
}

const plan = (candidates: readonly Candidate[], chosen: RetentionPolicy, log: readonly Timed[] = candidates) =>
  planRetention({ candidates, policy: chosen, offsetAt, logs: new Map([[device, log]]), isBroken: false });

describe('a retention plan', () => {
  test('keeps what an obvious and slow second opinion keeps', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 60 }), policy, (all, chosen) => {
        const candidates = candidatesOf(all);
        const kept = plan(candidates, chosen).keep.map(({ snapshot }) => snapshot.seq);
        expect(kept.sort((left, right) => left - right)).toEqual(oracleKept(candidates, chosen, offsetAt));
      }),
      { numRuns: 1_000 },
    );
  });

  test('followed once, lets nothing more go when it is made again', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 60 }), policy, (all, chosen) => {
        const candidates = candidatesOf(all);
        const kept = plan(candidates, chosen).keep.map(({ snapshot }) => snapshot);
        expect(plan(kept, chosen, candidates).go).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('never lets go what is pinned, the newest of a set of sources, or what has a mark that is kept', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 40 }), policy, (all, chosen) => {
        const candidates = candidatesOf(all);
        const { go } = plan(candidates, chosen);
        for (const { isPinned, tags, seq, sources } of go) {
          expect(isPinned).toBe(false);
          expect(tags.some((tag) => chosen.tags.includes(tag))).toBe(false);
          expect(candidates.some((other) => other.sources === sources && other.seq > seq)).toBe(true);
        }
      }),
    );
  });

  test('keeps, and says so, what was made while the clock was ten years ahead or behind', () => {
    const years = (count: number): number => count * 365 * dayMs;
    const ahead = [0, 1, 2, 3].map((day) => start + day * dayMs);
    const times = [...ahead, start + years(10), start + 4 * dayMs, start - years(10), start + 5 * dayMs];
    const candidates = times.map((timeMs, at) => ({
      ...{ timeMs, device, seq: at + 1, id: snapshotId(String(at).padStart(64, '0')) },
      ...{ sources: '/home', tags: [], isPinned: false, ageMs: years(1) },
    }));
    const { groups } = plan(candidates, { ...emptyPolicy, daily: 2 });
    expect(groups[0]?.judged.map(({ snapshot, reasons }) => [snapshot.seq, reasons.join()])).toEqual([
      ...[[8, 'newest,daily'] as const, [7, 'time'] as const, [6, 'daily'] as const, [5, 'time'] as const],
      ...[4, 3, 2, 1].map((seq) => [seq, '']),
    ]);
  });

  test('keeps both hours when clocks are set back, and counts a day that has 25 hours once', () => {
    const autumn = Date.UTC(2026, 9, 31, 22);
    const candidates = [0, 1, 2, 3].map((hour) => ({
      ...{ timeMs: autumn + hour * hourMs, device, seq: hour + 1, id: snapshotId(String(hour).padStart(64, '0')) },
      ...{ sources: '/home', tags: [], isPinned: false, ageMs: 0 },
    }));
    expect(plan(candidates, { ...emptyPolicy, hourly: 4 }).go).toEqual([]);
  });

  test('refuses to plan by no rule at all', () => {
    expect(() => plan([], emptyPolicy)).toThrow();
  });

  test('for 5,000 snapshots takes no second', () => {
    const candidates = candidatesOf(
      Array.from({ length: 5_000 }, (_, at) => ({
        ...{
          step: 5 * hourMs,
          jump: at % 500 === 499 ? (at % 1000 === 999 ? -3 : 3) : 0,
          ageMs: (5_000 - at) * 5 * hourMs,
        },
        ...{ sources: '/home', tags: [], isPinned: false },
      })),
    );
    const began = performance.now();
    const { go } = plan(candidates, { ...emptyPolicy, last: 10, daily: 30, weekly: 52, monthly: 60, yearly: 10 });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(go.length).toBeGreaterThan(1_000);
  });
});

test('times that are believed rise, and no longer row of rising times exists', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 }), (times) => {
      const log = times.map((timeMs, at) => ({ seq: at + 1, timeMs }));
      const believed = log.filter(({ seq }) => believedSeqs(log).has(seq));
      for (const [at, { timeMs }] of believed.entries())
        expect(timeMs).toBeGreaterThanOrEqual(believed[at - 1]?.timeMs ?? 0);
      const lengths: number[] = [];
      for (const [at, time] of times.entries())
        lengths.push(1 + Math.max(0, ...lengths.filter((_, before) => before < at && (times[before] ?? 0) <= time)));
      expect(believed).toHaveLength(Math.max(0, ...lengths));
    }),
  );
});
