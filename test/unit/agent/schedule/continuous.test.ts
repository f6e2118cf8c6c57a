import { describe, expect, test } from 'vitest';
import { decide, type Situation } from '../../../../engine/agent/schedule/index.ts';
import { calm, changed, day, hour, minute, ranAgo, second } from './situation.ts';

/** `run.changes dirty`, `wait.quiet in 3 s`, `idle in 60 s`. */
function inWords(situation: Situation): string {
  const decision = decide(situation);
  if (decision.kind === 'run') return `${decision.reason.code} ${decision.whole ? 'whole' : 'dirty'}`;
  const word = decision.kind === 'idle' ? 'idle' : decision.reason.code;
  return decision.untilMs === null ? word : `${word} in ${(decision.untilMs - situation.monotonicMs) / 1000} s`;
}

const neverRan = { lastRun: null, wholeScan: null } as const;
const scanAgo = (ms: number): Partial<Situation> => ({
  wholeScan: { beganMs: calm().monotonicMs - ms, beganWallMs: calm().nowMs - ms },
});

const whenRunsHappen: readonly [string, string, Partial<Situation>][] = [
  ['idles when nothing has changed', 'idle in 60 s', {}],
  ['waits for quiet', 'wait.quiet in 3 s', changed(2 * second)],
  ['runs what is dirty once it is quiet', 'run.changes dirty', changed(5 * second)],
  ['counts quiet from the newest change', 'wait.quiet in 4 s', changed(minute, second)],
  ['scans everything when events were lost', 'run.changes whole', changed(5 * second, 5 * second, true)],
  ['stops waiting for quiet at half of the exposure', 'run.exposure dirty', changed(7.5 * minute, second)],
  ['and not before', 'wait.quiet in 4 s', changed(7.4 * minute, second)],
  [
    'leaves a slow run twice its length',
    'run.exposure dirty',
    { ...changed(6 * minute, second), ...ranAgo(hour, 4.5 * minute) },
  ],
  ['spaces runs', 'wait.spacing in 10 s', { ...changed(minute), ...ranAgo(20 * second, 3 * second) }],
  ['runs when spaced', 'run.changes dirty', { ...changed(minute), ...ranAgo(30 * second, 3 * second) }],
  ['puts exposure above spacing', 'run.exposure dirty', { ...changed(7.5 * minute), ...ranAgo(minute, 2 * minute) }],
  [
    'lets runs that are too slow for the promise rest half of the time',
    'wait.spacing in 60 s',
    { ...changed(9 * minute), ...ranAgo(9 * minute, 10 * minute) },
  ],
  [
    'does not let a first run of ten hours hold back what follows',
    'run.exposure dirty',
    { ...changed(15 * minute), ...ranAgo(15 * minute, 10 * hour) },
  ],
  [
    'never runs twice within a second',
    'wait.spacing in 0.5 s',
    { ...changed(minute), ...ranAgo(500, 0), schedule: { kind: 'continuous', quietSeconds: 0, exposureMinutes: 0 } },
  ],
  ['begins with a first run', 'run.first whole', { ...neverRan, hasRunBefore: false }],
  ['catches up when it starts', 'run.caughtUp whole', neverRan],
  ['catches up once', 'idle in 60 s', scanAgo(second)],
  ['scans for another place at once', 'run.first whole', { hasRunBefore: false, ...ranAgo(2 * second, second) }],
  ['scans after a day', 'run.reconcile whole', scanAgo(day)],
  ['and not before', 'idle in 1 s', scanAgo(day - second)],
  ['joins a daily scan with changes', 'run.changes whole', { ...scanAgo(day), ...changed(5 * second) }],
  [
    'does not let changes that press put a daily scan off',
    'run.exposure whole',
    { ...scanAgo(day), ...changed(8 * minute), ...ranAgo(5 * minute, 2 * minute) },
  ],
  ['spaces a daily scan', 'idle in 60 s', { ...scanAgo(day), ...ranAgo(second, minute) }],
  [
    'scans after a day of which the computer slept most',
    'run.reconcile whole',
    { wholeScan: { beganMs: calm().monotonicMs - hour, beganWallMs: calm().nowMs - day } },
  ],
  [
    'scans after a day although the clock was set back',
    'run.reconcile whole',
    { wholeScan: { beganMs: calm().monotonicMs - day, beganWallMs: calm().nowMs + 3650 * day } },
  ],
  [
    'scans as often as promised where nothing tells of changes',
    'run.reconcile whole',
    { watched: false, ...scanAgo(7.5 * minute) },
  ],
  ['and not more often', 'idle in 30 s', { watched: false, ...scanAgo(7 * minute) }],
  ['catches up after waking', 'run.caughtUp whole', { wokeMs: calm().monotonicMs - 5 * second }],
  ['lets a computer that woke settle', 'idle in 2 s', { wokeMs: calm().monotonicMs - 3 * second }],
  ['catches up once after waking', 'idle in 60 s', { wokeMs: calm().monotonicMs - 2 * hour }],
  ['looks again whether a place is well where an asked run failed', 'run.reconcile whole', ranAgo(minute, second, 1)],
  ['and not before it has waited', 'wait.backoff in 10 s', ranAgo(5 * second, 0, 1)],
  ['does nothing while a run is under way', 'idle', { running: true, ...changed(hour) }],
];

describe('the continuous schedule', () => {
  test.each(whenRunsHappen)('%s: %s', (_, expected, change) => {
    expect(inWords(calm(change))).toBe(expected);
  });

  test.each<[string, string, Partial<Situation>]>([
    ['waits after a failure', 'wait.backoff in 10 s', ranAgo(5 * second, second, 1)],
    ['waits longer after more', 'wait.backoff in 50 s', ranAgo(10 * second, second, 3)],
    ['waits as chance has it', 'wait.backoff in 25 s', ranAgo(5 * second, second, 1, 1)],
    ['waits a quarter of an hour at most', 'run.changes dirty', ranAgo(15 * minute, second, 1000, 1)],
    ['waits as long as the failure took', 'wait.backoff in 30 s', ranAgo(30 * second, minute, 1)],
    ['runs when the wait is over', 'run.exposure dirty', ranAgo(15 * second, second, 1)],
    [
      'tries again at once after waking',
      'run.caughtUp whole',
      { ...ranAgo(6 * second, 0, 5), wokeMs: calm().monotonicMs - 6 * second },
    ],
  ])('%s: %s', (_, expected, change) => {
    expect(inWords(calm({ ...changed(10 * minute), ...change }))).toBe(expected);
  });

  test('says when the next run begins', () => {
    const { nowMs } = calm();
    expect(decide(calm(scanAgo(hour)))).toMatchObject({ kind: 'idle', nextRunMs: nowMs + 23 * hour });
    const quiet = decide(calm(changed(2 * second)));
    expect(quiet).toMatchObject({
      nextRunMs: nowMs + 3 * second,
      reason: { context: { untilMs: nowMs + 3 * second } },
    });
  });
});
