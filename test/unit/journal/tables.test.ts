import { describe, expect, it } from 'vitest';
import { limits } from '../../../engine/base/index.ts';
import type { Activity, Settings } from '../../../engine/contract/index.ts';
import { defaultSettings } from '../../../engine/journal/index.ts';
import { changes, coverage, done, everythingIn, fill, journalKinds, rules, strangePath } from './journals.ts';

describe.each(journalKinds)('a journal $name', ({ open }) => {
  it('is new and empty, with settings that protect', () => {
    const { journal } = open();
    expect(journal.rebuilt).toBe(false);
    expect(journal.sources.list()).toEqual([]);
    expect(journal.settings.read()).toEqual(defaultSettings);
    expect(journal.pause.read()).toBeNull();
    expect(journal.due.last('times')).toBeNull();
  });

  it('knows everything again after it was closed', () => {
    const { journal, again } = open();
    fill(journal);
    const before = everythingIn(journal);
    const reopened = again();
    expect(reopened.rebuilt).toBe(false);
    expect(everythingIn(reopened)).toEqual(before);
  });

  it('keeps the id of a source whose rules are changed', () => {
    const { journal, again } = open();
    const { id } = journal.sources.add(strangePath, rules);
    const fewer = { ...rules, patterns: ['\uDCE9*'], ageMaxDays: 3 };
    expect(journal.sources.add(strangePath, fewer)).toEqual({ id, path: strangePath, rules: fewer });
    expect(again().sources.list()).toEqual([{ id, path: strangePath, rules: fewer }]);
  });

  it('never gives an id twice', () => {
    const { journal, again } = open();
    const source = journal.sources.add('/a', rules);
    const place = journal.places.add('/mnt/a', 'v');
    journal.sources.remove(source.id);
    journal.places.remove(place.id);
    const reopened = again();
    expect(reopened.sources.add('/a', rules).id).toBeGreaterThan(source.id);
    expect(reopened.places.add('/mnt/a', 'v').id).toBeGreaterThan(place.id);
  });

  it('takes the same vault at the same place for the same, and another vault there for another place', () => {
    const { journal } = open();
    const first = journal.places.add('/mnt/a', 'v1');
    const run = journal.runs.begin({ place: first.id, reason: changes, startedMs: 1 });
    journal.runs.end(run, done(2));
    expect(journal.places.add('/mnt/a', 'v1')).toEqual(first);
    expect(journal.runs.latestDone(first.id)?.id).toBe(run);
    const other = journal.places.add('/mnt/a', 'v2');
    expect(other.id).not.toBe(first.id);
    expect(journal.places.list()).toEqual([other]);
    expect(journal.runs.latestDone(other.id)).toBeNull();
    expect(journal.runs.list(10)).toEqual([]);
  });

  it('remembers settings of both kinds of schedule', () => {
    const { journal, again } = open();
    const settings: Settings = {
      pace: 'gentle',
      schedule: { kind: 'times', minutes: [60, 1200], days: [0, 6] },
      policies: {
        batteryPercentMin: null,
        onBattery: false,
        onMetered: false,
        wifi: { kind: 'never', names: ['Phone', 'Caf\u00e9'] },
        quietHours: [{ fromMinute: 0, toMinute: 9 }],
        bandwidth: { limits: [{ fromMinute: 480, toMinute: 1080, bytesPerSecond: 500_000 }], otherwise: null },
      },
    };
    journal.settings.write(settings);
    expect(again().settings.read()).toEqual(settings);
  });

  it('reads settings of earlier versions, which lack what is new, as defaults', () => {
    const { journal, again } = open();
    const { wifi: _, bandwidth: __, ...policies } = defaultSettings.policies;
    const { schedule } = defaultSettings;
    journal.settings.write({ schedule, policies } as Settings);
    expect(again().settings.read()).toEqual(defaultSettings);
  });

  it('goes on when the pause is taken back', () => {
    const { journal, again } = open();
    journal.pause.write({ until: 'power', untilMs: null });
    expect(journal.pause.read()).toEqual({ until: 'power', untilMs: null });
    journal.pause.write(null);
    expect(again().pause.read()).toBeNull();
  });

  it('tells the newest run from the newest that is done, and what was interrupted', () => {
    const { journal, again } = open();
    const { id: place } = journal.places.add('/mnt/a', 'v');
    const { id: elsewhere } = journal.places.add('/mnt/b', 'w');
    const begin = (at: number, startedMs: number): number =>
      journal.runs.begin({ place: at, reason: changes, startedMs });
    const first = begin(place, 1);
    journal.runs.end(first, done(2));
    const second = begin(place, 3);
    journal.runs.end(second, { kind: 'failed', endedMs: 4, code: 'store.full', context: { store: '/mnt/a' } });
    const third = begin(place, 5.5);
    journal.runs.end(begin(elsewhere, 6), { kind: 'stopped', endedMs: 7 });
    const reopened = again();
    expect(reopened.runs.latest(place)).toEqual({ id: third, place, reason: changes, startedMs: 6, outcome: null });
    expect(reopened.runs.latestDone(place)).toMatchObject({ id: first, outcome: { snapshot: 'snapshot-2', coverage } });
    expect(reopened.runs.interrupted().map(({ id }) => id)).toEqual([third]);
    expect(reopened.runs.list(3).map(({ outcome }) => outcome?.kind)).toEqual(['stopped', undefined, 'failed']);
    expect(reopened.runs.latestDone(elsewhere)).toBeNull();
  });

  it('forgets old runs, but not the one that says what is protected', () => {
    const { journal } = open();
    const { id: place } = journal.places.add('/mnt/a', 'v');
    journal.transaction(() => {
      for (let number = 0; number < limits.runsKept + 10; number++) {
        const run = journal.runs.begin({ place, reason: changes, startedMs: number });
        journal.runs.end(run, number === 3 ? done(number) : { kind: 'stopped', endedMs: number });
      }
    });
    expect(journal.runs.list(limits.runsKept * 2)).toHaveLength(limits.runsKept + 1);
    expect(journal.runs.latestDone(place)?.startedMs).toBe(3);
  });

  it('knows the newest run that left nothing for another, however many have followed it', () => {
    const { journal } = open();
    const { id: place } = journal.places.add('/mnt/a', 'v');
    const partly = (endedMs: number) => ({ ...done(endedMs), coverage: { ...coverage, deferred: 2, saved: 7 } });
    journal.transaction(() => {
      for (let number = 0; number < limits.runsKept + 10; number++) {
        const run = journal.runs.begin({ place, reason: changes, startedMs: number });
        journal.runs.end(run, number === 3 ? done(number) : partly(number));
      }
    });
    expect(journal.runs.latestComplete(place)?.startedMs).toBe(3);
    expect(journal.runs.latestDone(place)?.outcome.coverage.deferred).toBe(2);
    const complete = journal.runs.begin({ place, reason: changes, startedMs: 9_999 });
    journal.runs.end(complete, done(9_999));
    expect(journal.runs.latestComplete(place)?.startedMs).toBe(9_999);
  });

  it('keeps since when a file fails, for each place', () => {
    const { journal } = open();
    const { id: place } = journal.places.add('/mnt/a', 'v');
    const { id: other } = journal.places.add('/mnt/b', 'w');
    journal.failures.replace(
      place,
      [
        { path: '/b', code: 'EIO' },
        { path: strangePath, code: 'EACCES' },
      ],
      100,
    );
    journal.failures.replace(other, [{ path: '/b', code: 'EIO' }], 150);
    journal.failures.replace(
      place,
      [
        { path: strangePath, code: 'EIO' },
        { path: '/c', code: 'EIO' },
      ],
      200,
    );
    expect(journal.failures.list()).toEqual([
      { path: '/b', code: 'EIO', sinceMs: 150, place: other },
      { path: '/c', code: 'EIO', sinceMs: 200, place },
      { path: strangePath, code: 'EIO', sinceMs: 100, place },
    ]);
    journal.places.remove(place);
    expect(journal.failures.list()).toHaveLength(1);
  });

  it('shows the newest activity first, or problems alone', () => {
    const { journal } = open();
    const entry = (isProblem: boolean, atMs: number): Omit<Activity, 'id'> => ({
      atMs,
      kind: isProblem ? 'runFailed' : 'runDone',
      isProblem,
      context: { path: strangePath, files: atMs },
    });
    const first = journal.activity.add(entry(true, 1));
    const second = journal.activity.add(entry(false, 2));
    const third = journal.activity.add(entry(false, 3));
    expect(journal.activity.list({ most: 2, problemsOnly: false })).toEqual([third, second]);
    expect(journal.activity.list({ most: 2, problemsOnly: true })).toEqual([first]);
  });

  it('forgets old activity, and problems later', () => {
    const { journal } = open();
    const total = limits.activityKept + 3000;
    journal.transaction(() => {
      for (let number = 1; number <= total; number++) {
        const isProblem = number <= limits.problemsKept + 500;
        journal.activity.add({ atMs: number, kind: 'notice', isProblem, context: {} });
      }
    });
    expect(journal.activity.list({ most: total, problemsOnly: true })).toHaveLength(limits.problemsKept);
    const kept = journal.activity.list({ most: total, problemsOnly: false });
    expect(kept).toHaveLength(limits.activityKept + limits.problemsKept);
    expect(kept[0]?.atMs).toBe(total);
  });

  it('remembers when a slot was dealt with', () => {
    const { journal, again } = open();
    journal.due.note('times', 10.4);
    journal.due.note('times', 20);
    journal.due.note('reconcile', 5);
    const reopened = again();
    expect([reopened.due.last('times'), reopened.due.last('reconcile')]).toEqual([20, 5]);
  });

  it('takes back all of a transaction that fails', () => {
    const { journal, again } = open();
    const work = (): void => {
      journal.sources.add('/a', rules);
      journal.due.note('times', 1);
      throw new Error('no');
    };
    expect(() => journal.transaction(work)).toThrow('no');
    expect(journal.transaction(() => journal.sources.add('/b', rules)).path).toBe('/b');
    const reopened = again();
    expect(reopened.sources.list().map(({ path }) => path)).toEqual(['/b']);
    expect(reopened.due.last('times')).toBeNull();
  });

  it('takes back a transaction of which a part failed, also when somebody caught that', () => {
    const { journal } = open();
    const part = (): void => {
      journal.due.note('times', 1);
      throw new Error('part');
    };
    const whole = (): void => {
      try {
        journal.transaction(part);
      } catch {}
    };
    expect(() => journal.transaction(whole)).toThrow('part');
    expect(journal.due.last('times')).toBeNull();
  });

  it('answers with what is so now, whatever it answered before', () => {
    const { journal } = open();
    const place = journal.places.add('/mnt/a', 'v');
    const beginAndEnd = (endedMs: number): void =>
      journal.runs.end(journal.runs.begin({ place: place.id, reason: changes, startedMs: 1 }), done(endedMs));
    const known = (): unknown => [journal.runs.latestDone(place.id)?.outcome.endedMs ?? null, journal.due.last('s')];
    expect(known()).toEqual([null, null]);
    beginAndEnd(7);
    journal.due.note('s', 8);
    expect(known()).toEqual([7, 8]);
    expect(known()).toEqual([7, 8]);
    const failing = (): void =>
      journal.transaction(() => {
        beginAndEnd(9);
        journal.due.note('s', 10);
        expect(known()).toEqual([9, 10]);
        throw new Error('taken back');
      });
    expect(failing).toThrow('taken back');
    expect(known()).toEqual([7, 8]);
    journal.places.remove(place.id);
    expect(known()).toEqual([null, 8]);
  });

  it('may be closed twice', () => {
    const { journal } = open();
    journal.close();
    journal.close();
  });
});
