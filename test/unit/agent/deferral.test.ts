import { describe, expect, test } from 'vitest';
import { deferralAfter, turnOf } from '../../../engine/agent/deferral.ts';
import { readMsOf } from '../../../engine/agent/run-time.ts';
import { type Decision, decide } from '../../../engine/agent/schedule/index.ts';
import type { Deferred } from '../../../engine/snapshot/index.ts';
import { calm, changed, continuous, hour, minute, ranAgo, second, utc } from './schedule/situation.ts';

const schedule = (exposureMinutes: number) => ({ ...continuous, exposureMinutes });
const daily = { kind: 'times', minutes: [600], days: [] } as const;

describe('how long a run may read', () => {
  test('is a third of the promise, so that a change comes with the next run at the latest', () => {
    expect(readMsOf(schedule(15), 0)).toBe(5 * minute);
  });

  test('is enough to get anywhere, however little is promised, and not for ever, however much is', () => {
    expect(readMsOf(schedule(0.1), 0)).toBe(30 * second);
    expect(readMsOf(daily, 0)).toBe(30 * minute);
    expect(readMsOf({ ...daily, minutes: [] }, 0)).toBe(30 * second);
  });

  test('doubles with each run that got no further, up to a day', () => {
    expect([1, 2, 3].map((stuck) => readMsOf(schedule(15), stuck))).toEqual([10 * minute, 20 * minute, 40 * minute]);
    expect(readMsOf(schedule(15), 60)).toBe(24 * hour);
  });
});

const deferred = (paths: Record<string, number>, more: Partial<Deferred> = {}): Deferred => ({
  files: Object.keys(paths).length,
  bytes: Object.values(paths).reduce((sum, bytes) => sum + bytes, 0),
  listed: Object.entries(paths).map(([path, bytes], index) => ({ path, bytes, turn: index + 1 })),
  isStuck: false,
  ...more,
});
const left = { anyway: false, wholeMs: null };

describe('what runs have left for the next', () => {
  const first = deferralAfter(null, { ...left, deferred: deferred({ '/a': 10, '/b': 20 }), oldestMs: 1_000 });

  test('is nothing when nothing was deferred', () => {
    expect(deferralAfter(first, { ...left, deferred: deferred({}), oldestMs: 2_000 })).toBe(null);
  });

  test('is as old as the change that a run took, also when a later one defers it again', () => {
    expect(first).toMatchObject({ files: 2, bytes: 30, oldestMs: 1_000 });
    const again = deferralAfter(first, { ...left, deferred: deferred({ '/b': 20, '/c': 5 }), oldestMs: 5_000 });
    expect(again).toMatchObject({ files: 2, oldestMs: 1_000 });
    expect(deferralAfter(again, { ...left, deferred: deferred({ '/c': 5 }), oldestMs: 9_000 })?.oldestMs).toBe(5_000);
  });

  test('is as old as the oldest of all where not all are named', () => {
    const many = deferralAfter(first, { ...left, deferred: deferred({ '/c': 5 }, { files: 2_000 }), oldestMs: 5_000 });
    expect(many?.oldestMs).toBe(1_000);
  });

  test('counts the runs that got no further, until one does', () => {
    const stuck = { ...left, deferred: deferred({ '/a': 10 }, { isStuck: true }), oldestMs: 1_000 };
    const twice = deferralAfter(deferralAfter(first, stuck), stuck);
    expect(twice?.stuckRuns).toBe(2);
    expect(deferralAfter(twice, { ...stuck, deferred: deferred({ '/c': 10 }) })?.stuckRuns).toBe(0);
  });

  test('small files whose turn never comes are no progress, whatever else was read; of big ones a part is', () => {
    const again = (paths: Record<string, number>) =>
      deferralAfter(deferralAfter(null, { ...left, deferred: deferred(paths), oldestMs: 1 }), {
        ...left,
        deferred: deferred(paths),
        oldestMs: 2,
      });
    expect(again({ '/y': 10, '/z': 20 })?.stuckRuns).toBe(1);
    expect(again({ '/huge': 1e9 })?.stuckRuns).toBe(0);
    const progress = { ...left, deferred: deferred({ '/z': 20 }), oldestMs: 2 };
    expect(deferralAfter(again({ '/y': 10, '/z': 20 }), progress)?.stuckRuns).toBe(0);
  });

  test('says when a file comes', () => {
    expect([turnOf(first, '/b')?.turn, turnOf(first, '/x'), turnOf(null, '/b')]).toEqual([2, null, null]);
  });
});

describe('after a run that has left something', () => {
  const goesOn = { files: 2, bytes: 30, anyway: false };
  const codeOf = (decision: Decision): string => {
    return decision.kind === 'idle' ? 'idle' : `${decision.kind} ${decision.reason.code}`;
  };
  const code = (...[situation]: Parameters<typeof calm>): string => codeOf(decide(calm({ goesOn, ...situation })));

  test('the next goes on at once, however long the last one took, and looks only where something changed', () => {
    expect(decide(calm({ goesOn, ...ranAgo(0, 10 * minute) }))).toEqual({
      ...{ kind: 'run', whole: false },
      reason: { code: 'run.goesOn', context: { files: 2, bytes: 30 } },
    });
    expect(code(changed(second))).toBe('run run.goesOn');
  });

  test('it goes on between the times of a schedule, and does not begin its slot again', () => {
    const at = { nowMs: utc('2026-11-21 10:30'), schedule: daily, slotDoneMs: utc('2026-11-21 10:00') };
    expect(code(at)).toBe('run run.goesOn');
    expect(codeOf(decide(calm({ ...at, goesOn: null })))).toBe('idle');
  });

  test('a look everywhere that is due comes first, and takes it along', () => {
    expect(decide(calm({ goesOn, wholeScan: null, ...ranAgo(hour, second) }))).toMatchObject({
      kind: 'run',
      whole: true,
      reason: { code: 'run.caughtUp' },
    });
  });

  test('it waits for what any run waits for: a pause, the battery, a place that failed', () => {
    const pause = { until: 'resumed', untilMs: null, endsMs: null } as const;
    const policies = { ...calm().policies, onBattery: false };
    const power = { onBattery: true, percent: 80 };
    expect(code({ pause })).toBe('wait paused.person');
    expect(code({ policies, power })).toBe('wait wait.onBattery');
    expect(code(ranAgo(second, second, 1))).toBe('wait wait.backoff');
    expect(code({ running: true })).toBe('idle');
  });

  test('what was asked for in spite of the battery goes on in spite of it, but not at once after a failure', () => {
    const policies = { ...calm().policies, onBattery: false };
    const onBattery = { policies, power: { onBattery: true, percent: 80 }, goesOn: { ...goesOn, anyway: true } };
    expect(code(onBattery)).toBe('run run.goesOn');
    expect(code({ ...onBattery, ...ranAgo(second, second, 1) })).toBe('wait wait.onBattery');
  });
});
