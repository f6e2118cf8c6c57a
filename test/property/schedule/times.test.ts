import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '../../../engine/base/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { calm, day, freely, hour, minute, utc } from '../../unit/agent/schedule/situation.ts';
import { type Life, slotsBetween, startLife } from './life.ts';

type Step =
  | { readonly kind: 'live' | 'sleep'; readonly ms: number; readonly countsMonotonic: boolean }
  | { readonly kind: 'power'; readonly onBattery: boolean };

const span = fc.oneof(fc.integer({ min: minute, max: day }), fc.integer({ min: day, max: 20 * day }));
const stepOf = (kind: 'live' | 'sleep') =>
  fc.record({ kind: fc.constant(kind), ms: span, countsMonotonic: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: stepOf('live') },
  { weight: 3, arbitrary: stepOf('sleep') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('power' as const), onBattery: fc.boolean() }) },
);
/** Many in the hours that are skipped and that come twice. */
const minuteOfDay = fc.oneof(fc.integer({ min: 110, max: 190 }), fc.nat(1439));
const minutes = fc.uniqueArray(minuteOfDay, { minLength: 1, maxLength: 3 });
const policies = { ...freely, onBattery: false };
const lookEveryMs = 20 * minute;

function begin(chosen: readonly number[], seed: number, startMs: number): Life {
  const schedule = { kind: 'times', minutes: chosen, days: [] } as const;
  const life = startLife({ schedule, policies }, seededRandom(seed), startMs);
  life.set({ hasRunBefore: true, slotDoneMs: startMs });
  life.runsTakeAtMost(20_000);
  return life;
}

test('each time runs once, or is caught up with the others that were missed, through sleep, batteries and summer time', () => {
  const given = fc.record({
    steps: fc.array(step, { minLength: 5, maxLength: 12 }),
    minutes,
    startDay: fc.nat(1000),
    seed: fc.nat(),
  });
  const property = fc.property(given, ({ steps, minutes: chosen, startDay, seed }) => {
    const startMs = utc('2026-01-01 11:00') + startDay * day;
    const life = begin(chosen, seed, startMs);
    /** Wall times between which a run could begin. */
    const able: { fromMs: number; toMs: number }[] = [];
    for (const each of steps) {
      const fromMs = life.now().nowMs;
      if (each.kind === 'power') life.set({ power: { onBattery: each.onBattery, percent: 50 } });
      else if (each.kind === 'sleep') life.sleep(each.ms, each.countsMonotonic);
      else {
        life.liveSlowly(each.ms, lookEveryMs);
        if (!life.now().power.onBattery) able.push({ fromMs, toMs: life.now().nowMs });
      }
    }
    const slots = slotsBetween(chosen, startMs + minute, life.now().nowMs + 1);
    const bounds = [startMs, ...slots, Number.POSITIVE_INFINITY];
    for (const [index, slotMs] of bounds.entries()) {
      const nextMs = bounds[index + 1] ?? Number.POSITIVE_INFINITY;
      const runs = life.runs.filter(({ wallMs }) => wallMs >= slotMs && wallMs < nextMs);
      assert(runs.length <= (index === 0 ? 0 : 1), `${runs.length} runs of one slot`);
      const couldRun = able.some(
        ({ fromMs, toMs }) => Math.min(toMs, nextMs) - Math.max(fromMs, slotMs) > lookEveryMs + 2 * minute,
      );
      assert(index === 0 || !couldRun || runs.length === 1, 'a slot that could run is lost');
    }
  });
  fc.assert(property, { numRuns: 30 });
}, 60_000);

test('clocks that jump by years make it neither run in a loop nor fall silent', () => {
  const jump = fc.oneof(
    fc.integer({ min: -3650, max: 3650 }).map((days) => days * day),
    fc.integer({ min: -3 * hour, max: 3 * hour }),
  );
  const given = fc.record({ jumps: fc.array(jump, { maxLength: 8 }), minutes, seed: fc.nat() });
  const property = fc.property(given, ({ jumps, minutes: chosen, seed }) => {
    const life = begin(chosen, seed, utc('2026-03-01 12:00'));
    for (const ms of jumps) {
      life.setClock(ms);
      const before = life.runs.length;
      life.liveSlowly(2 * day, lookEveryMs);
      const runs = life.runs.length - before;
      // Two days hold each time at least once even where one of them lacks an hour and the clock was an hour ahead.
      expect(runs).toBeGreaterThanOrEqual(1);
      expect(runs).toBeLessThanOrEqual(2 * chosen.length + 2);
    }
  });
  fc.assert(property, { numRuns: 30 });
}, 60_000);

test('chosen days are kept for years', () => {
  const life = begin([150, 22 * 60], 7, utc('2026-01-01 12:00'));
  life.set({ schedule: { kind: 'times', minutes: [150, 22 * 60], days: [0, 3] } });
  life.liveSlowly(3 * 365 * day, 90 * minute);
  const { localOffsetMinutes } = calm();
  const weekdays = life.runs.map(({ wallMs }) => new Date(wallMs + localOffsetMinutes(wallMs) * minute).getUTCDay());
  expect(new Set(weekdays)).toEqual(new Set([0, 3]));
  // 157 Sundays and 156 Wednesdays lie between 1 January 2026, a Thursday, and noon of 31 December 2028, a Sunday.
  expect(life.runs).toHaveLength(2 * (157 + 156) - 1);
}, 60_000);
