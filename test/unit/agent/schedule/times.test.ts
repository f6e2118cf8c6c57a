import { describe, expect, test } from 'vitest';
import { decide, type Situation } from '../../../../engine/agent/schedule/index.ts';
import { berlin, calm, day, hour, minute, utc } from './situation.ts';

const at = (hours: number, minutes = 0): number => hours * 60 + minutes;
const times = (minutes: readonly number[], days: readonly number[] = []) => ({ kind: 'times', minutes, days }) as const;

function atTimes(now: string, done: string | null, change: Partial<Situation> = {}): Situation {
  return calm({ schedule: times([at(22)]), nowMs: utc(now), slotDoneMs: done === null ? null : utc(done), ...change });
}

function codeOf(situation: Situation): string {
  const decision = decide(situation);
  return decision.kind === 'idle' ? 'idle' : decision.reason.code;
}

describe('the schedule of times', () => {
  // Berlin is an hour ahead in winter: 22:00 is 21:00 UTC.
  test.each([
    ['runs at the time', 'run.times', '2026-11-21 21:00', '2026-11-20 21:00'],
    ['and not before', 'idle', '2026-11-21 20:59', '2026-11-20 21:00'],
    ['runs once', 'idle', '2026-11-21 21:00', '2026-11-21 21:00'],
    ['catches up what was missed', 'run.caughtUp', '2026-11-21 21:06', '2026-11-20 21:00'],
    ['catches up a month in one run', 'run.caughtUp', '2026-12-24 10:00', '2026-11-20 21:00'],
    ['and is even then', 'idle', '2026-12-24 10:01', '2026-12-24 10:00'],
    ['counts a run that began later than the time', 'idle', '2026-11-22 09:00', '2026-11-22 08:00'],
    ['runs when nothing is known of the last one', 'run.caughtUp', '2026-11-21 10:00', null],
    ['bears a clock set back a little', 'idle', '2026-11-21 20:30', '2026-11-21 21:00'],
    ['mends a record from far ahead', 'run.caughtUp', '2026-11-21 10:00', '2036-11-21 21:00'],
    ['mends a record after a clock that was far behind', 'run.caughtUp', '2026-11-21 10:00', '1970-01-01 00:00'],
  ])('%s: %s', (_, expected, now, done) => {
    expect(codeOf(atTimes(now, done))).toBe(expected);
  });

  test('is not silenced for an hour by a clock that was set back where slots are minutes apart', () => {
    const everyFive = { schedule: times(Array.from({ length: 288 }, (_, slot) => slot * 5)) };
    expect(codeOf(atTimes('2026-11-21 10:31', '2026-11-21 10:34', everyFive))).toBe('idle');
    expect(codeOf(atTimes('2026-11-21 10:31', '2026-11-21 11:00', everyFive))).toBe('run.times');
  });

  test('runs on chosen days only', () => {
    const mondays = { schedule: times([at(22)], [1]) };
    // 23 November 2026 is a Monday.
    expect(codeOf(atTimes('2026-11-22 21:00', '2026-11-16 21:00', mondays))).toBe('idle');
    expect(codeOf(atTimes('2026-11-23 21:00', '2026-11-16 21:00', mondays))).toBe('run.times');
    expect(decide(atTimes('2026-11-22 21:00', '2026-11-16 21:00', mondays))).toMatchObject({
      nextRunMs: utc('2026-11-23 21:00'),
    });
  });

  test('says what changes wait for', () => {
    const dirty = { oldestMs: 0, newestMs: 0, everything: false };
    const decision = decide(atTimes('2026-11-21 10:00', '2026-11-21 09:00', { dirty }));
    expect(decision).toMatchObject({
      kind: 'wait',
      reason: { code: 'wait.times' },
      nextRunMs: utc('2026-11-21 21:00'),
    });
  });

  test('does not blame a policy for what waits for its time', () => {
    const dirty = { oldestMs: 0, newestMs: 0, everything: false };
    const policies = { ...calm().policies, onBattery: false };
    const unplugged = { policies, dirty, power: { onBattery: true, percent: 50 } };
    expect(codeOf(atTimes('2026-11-21 10:00', '2026-11-21 09:00', unplugged))).toBe('wait.times');
    expect(codeOf(atTimes('2026-11-21 21:00', '2026-11-21 09:00', unplugged))).toBe('wait.onBattery');
  });

  test('begins with a first run whatever the time', () => {
    expect(codeOf(atTimes('2026-11-21 10:00', null, { hasRunBefore: false, lastRun: null }))).toBe('run.first');
  });

  test('runs scan everything', () => {
    expect(decide(atTimes('2026-11-21 21:00', '2026-11-20 21:00'))).toMatchObject({ whole: true });
  });

  test('a clock that jumps to and fro causes one run a minute at most', () => {
    const lastRun = { endedMs: calm().monotonicMs - 30_000, tookMs: 1000, failedInARow: 0, random: 0 };
    expect(codeOf(atTimes('2036-11-21 21:00', '2026-11-20 21:00', { lastRun }))).toBe('wait.spacing');
  });

  test('idles without any time', () => {
    const decision = decide(atTimes('2026-11-21 10:00', null, { schedule: times([]) }));
    expect(decision).toMatchObject({ kind: 'idle', nextRunMs: null });
  });

  /** Looks each minute through a span of time, and tells when runs began. */
  function runsOf(minutes: readonly number[], from: string, to: string): string[] {
    const runs: string[] = [];
    let slotDoneMs = utc(from) - 1;
    for (let nowMs = utc(from); nowMs < utc(to); nowMs += minute) {
      const situation = calm({ schedule: times(minutes), nowMs, slotDoneMs, lastRun: null, wholeScan: null });
      if (decide(situation).kind !== 'run') continue;
      slotDoneMs = nowMs;
      runs.push(new Date(nowMs + berlin(nowMs) * minute).toISOString().slice(5, 16).replace('T', ' '));
    }
    return runs;
  }

  test('a time in the hour that is skipped runs once, after it', () => {
    expect(runsOf([at(2, 30)], '2026-03-28 00:00', '2026-03-30 12:00')).toEqual([
      '03-28 02:30',
      '03-29 03:30',
      '03-30 02:30',
    ]);
  });

  test('a time in the hour that comes twice runs once, the first time', () => {
    expect(runsOf([at(2, 30)], '2026-10-24 00:00', '2026-10-26 12:00')).toEqual([
      '10-24 02:30',
      '10-25 02:30',
      '10-26 02:30',
    ]);
    expect(codeOf(atTimes('2026-10-25 01:30', '2026-10-25 00:30', { schedule: times([at(2, 30)]) }))).toBe('idle');
  });

  test('zones on both edges of the date have their own days', () => {
    for (const offset of [-12 * 60, 14 * 60]) {
      const local = { schedule: times([0]), localOffsetMinutes: () => offset, lastRun: null };
      const midnightMs = utc('2026-11-21 00:00') - offset * minute;
      expect(codeOf(calm({ ...local, nowMs: midnightMs - 1, slotDoneMs: midnightMs - day }))).toBe('idle');
      expect(codeOf(calm({ ...local, nowMs: midnightMs, slotDoneMs: midnightMs - day }))).toBe('run.times');
      expect(codeOf(calm({ ...local, nowMs: midnightMs + hour, slotDoneMs: midnightMs }))).toBe('idle');
    }
  });
});
