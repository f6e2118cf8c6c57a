import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '../../../engine/base/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { day, freely, hour, minute, second, utc } from '../../unit/agent/schedule/situation.ts';
import { type Life, startLife } from './life.ts';

type Live = { readonly kind: 'live'; readonly ms: number; readonly changeEveryMs: number };
type Turn =
  | { readonly kind: 'sleep'; readonly ms: number; readonly countsMonotonic: boolean }
  | { readonly kind: 'setClock'; readonly ms: number }
  | { readonly kind: 'power'; readonly onBattery: boolean; readonly percent: number }
  | { readonly kind: 'fail'; readonly count: number }
  | { readonly kind: 'restart' };

type Step = Live | Turn;

const longJump = fc.integer({ min: -3650, max: 3650 }).map((days) => days * day);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('live' as const),
      ms: fc.oneof(fc.integer({ min: second, max: hour }), fc.integer({ min: hour, max: day })),
      changeEveryMs: fc.constantFrom(second, 7 * second, 3 * minute, hour),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('sleep' as const),
      ms: fc.integer({ min: 10 * second, max: 3 * day }),
      countsMonotonic: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('setClock' as const),
      ms: fc.oneof(longJump, fc.integer({ min: -2 * hour, max: 2 * hour })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('power' as const), onBattery: fc.boolean(), percent: fc.nat(100) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

const policies = { ...freely, batteryPercentMin: 30 };

test('changes are saved within the promised exposure, runs are spaced, and nothing is scanned for nothing, whatever clocks do', () => {
  const given = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    quietSeconds: fc.constantFrom(0, 1, 5, 60, 1200),
    exposureMinutes: fc.constantFrom(1, 15, 240),
    seed: fc.nat(),
  });
  const property = fc.property(given, ({ steps, quietSeconds, exposureMinutes, seed }) => {
    const exposureMs = exposureMinutes * minute;
    const schedule = { kind: 'continuous', quietSeconds, exposureMinutes } as const;
    const life = startLife({ schedule, policies }, seededRandom(seed), utc('2026-01-01 00:00'));
    life.runsTakeAtMost(exposureMs / 4);
    const check = (): void => {
      promiseHolds(life, exposureMs);
      scanIsYoung(life, exposureMs);
    };
    let reasonsToScan = 1;
    for (const each of steps) {
      if (each.kind === 'sleep' || each.kind === 'setClock') reasonsToScan += 1;
      if (each.kind === 'restart') {
        runsAreSpaced(life, exposureMs);
        reasonsToScan = 1;
      }
      if (each.kind === 'live') {
        const startMs = life.now().monotonicMs;
        // Dense changes for hours, rare ones for days: as many looks either way.
        life.live(Math.min(each.ms, 2000 * each.changeEveryMs), { changeEveryMs: each.changeEveryMs, check });
        reasonsToScan += (life.now().monotonicMs - startMs) / day;
      } else takeTurn(life, each);
      const scans = life.runs.filter((run) => run.whole && !run.failed);
      expect(scans.length).toBeLessThanOrEqual(Math.ceil(reasonsToScan));
    }
    runsAreSpaced(life, exposureMs);
  });
  fc.assert(property, { numRuns: 100 });
}, 60_000);

function takeTurn(life: Life, turn: Turn): void {
  switch (turn.kind) {
    case 'sleep':
      return life.sleep(turn.ms, turn.countsMonotonic);
    case 'setClock':
      return life.setClock(turn.ms);
    case 'power':
      return life.set({ power: turn });
    case 'fail':
      return life.failNext(turn.count);
    case 'restart':
      return life.restart();
  }
}

/** Counted from the moment since which nothing forbids a run. */
function promiseHolds(life: Life, exposureMs: number): void {
  const { dirty, monotonicMs } = life.now();
  const exposedMs = dirty === null ? 0 : monotonicMs - Math.max(dirty.oldestMs, life.heldMs());
  assert(exposedMs <= exposureMs, `changes are unsaved for ${exposedMs} ms`);
  const last = life.runs.at(-1);
  if (last === undefined || last.failed || last.oldestMs === null) return;
  const savedAfterMs = last.endedMs - Math.max(last.oldestMs, Math.min(life.heldMs(), last.beganMs));
  assert(savedAfterMs <= exposureMs, `changes were saved after ${savedAfterMs} ms`);
}

function scanIsYoung(life: Life, exposureMs: number): void {
  const { wholeScan, monotonicMs } = life.now();
  if (wholeScan === null) return;
  // A run may be under way when the day is over, the next is spaced from it by an hour at most, and takes its time itself.
  const ageMs = monotonicMs - Math.max(wholeScan.beganMs, life.heldMs() - day);
  assert(ageMs <= day + hour + exposureMs / 2 + minute, `the last scan began ${ageMs} ms ago`);
}

function runsAreSpaced(life: Life, exposureMs: number): void {
  for (const [index, run] of life.runs.entries()) {
    const last = life.runs[index - 1];
    if (last === undefined) continue;
    const tookMs = last.endedMs - last.beganMs;
    const restMs = run.beganMs - last.endedMs;
    const isPressed = run.code === 'run.exposure' || run.code === 'run.first' || last.failed;
    const spacingMs = isPressed ? second : Math.min(10 * tookMs, hour);
    expect(restMs, `${run.code} after ${tookMs} ms`).toBeGreaterThanOrEqual(Math.min(spacingMs, exposureMs));
  }
}
