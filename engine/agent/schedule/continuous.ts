import { type Reason, type ReasonCode, reason, type Schedule } from '../../contract/index.ts';
import { type Due, wallOf } from './due.ts';
import type { Dirty, LastRun, Situation } from './types.ts';

type Continuous = Extract<Schedule, { kind: 'continuous' }>;

/** Nine tenths of the time belong to the person's own work. */
const restPerRun = 10;
/** The first run of a disk takes hours; no run is held back for days because of it. */
const spacingMostMs = 60 * 60_000;
/** And no change that the promise is already broken for. */
const slowRestMostMs = 15 * 60_000;
/** Whatever else is wrong, runs do not follow each other without a pause. */
const restLeastMs = 1_000;
/** After waking, drives and networks come back and programs catch up. */
const settleMostMs = 5_000;
/** What events miss is found after a day at the latest. */
const reconcileMs = 24 * 60 * 60_000;

/**
 * Saves what has changed once nothing changes any more, and at the latest so early that the promised exposure holds:
 *
 *     changed ──► quiet ──► spaced from the last run ──► run
 *        └────── deadline: half the exposure, or sooner ──► run
 *
 * Scans everything at the start, after waking, each day, and where no events tell of changes, as often as the promise needs.
 */
export function dueContinuously(situation: Situation, schedule: Continuous): Due {
  const now = situation.monotonicMs;
  const pace = paceOf(schedule, situation.lastRun);
  const scan = scanDue(situation, pace);
  const changes = situation.dirty === null ? null : changesDue(situation, situation.dirty, pace);
  const scanIsDue = scan.atMs <= now;
  if (changes !== null && changes.atMs <= now && !(scanIsDue && scan.reason.code !== 'run.reconcile')) {
    // A scan that is only kept back by spacing comes along: runs that the promise demands would put it off for ever.
    return { kind: 'now', reason: changes.reason, whole: scan.wantedMs <= now || situation.dirty?.everything === true };
  }
  if (scanIsDue) return { kind: 'now', reason: scan.reason, whole: true };
  if (changes !== null) return { kind: 'soon', atMs: Math.min(changes.atMs, scan.atMs), waits: changes.waits };
  return { kind: 'later', atMs: scan.atMs, waits: null };
}

type Pace = {
  readonly quietMs: number;
  /** The oldest change may wait so long for a run to begin. */
  readonly leadMs: number;
  /** No run begins before, whatever is promised. */
  readonly restedMs: number;
  /** No run begins before, unless the promise needs it. */
  readonly spacedMs: number;
};

function paceOf({ quietSeconds, exposureMinutes }: Continuous, lastRun: LastRun | null): Pace {
  const quietMs = quietSeconds * 1000;
  const exposureMs = exposureMinutes * 60_000;
  const tookMs = lastRun?.tookMs ?? 0;
  const endedMs = lastRun?.endedMs ?? Number.NEGATIVE_INFINITY;
  // The run has to end within the exposure too. The last one says how long that may take, and twice that is allowed for; but
  // it may have saved one file and this one ten thousand, so half of the exposure is kept in any case.
  const leadMs = Math.max(0, Math.min(exposureMs / 2, exposureMs - 2 * tookMs));
  // Runs that take more than half of the exposure cannot keep it (what changes while one runs waits for the end of the next):
  // then half of the time is enough for them.
  const isTooSlow = 2 * tookMs > exposureMs;
  const restMs = Math.max(restLeastMs, isTooSlow ? Math.min(tookMs, slowRestMostMs) : 0);
  const spacingMs = Math.max(restMs, quietMs, Math.min(restPerRun * tookMs, spacingMostMs));
  return { quietMs, leadMs, restedMs: endedMs + restMs, spacedMs: endedMs + spacingMs };
}

type ChangesDue = { readonly atMs: number; readonly reason: Reason; readonly waits: Reason };

function changesDue(situation: Situation, { oldestMs, newestMs }: Dirty, pace: Pace): ChangesDue {
  const now = situation.monotonicMs;
  const quietMs = newestMs + pace.quietMs;
  const wantedMs = Math.max(quietMs, pace.spacedMs);
  const deadlineMs = Math.max(oldestMs + pace.leadMs, pace.restedMs);
  const atMs = Math.min(wantedMs, deadlineMs);
  const isPressed = deadlineMs < wantedMs;
  return {
    atMs,
    reason: isPressed
      ? reason('run.exposure', { seconds: Math.round((now - oldestMs) / 1000) })
      : reason('run.changes'),
    waits: reason(quietMs >= pace.spacedMs ? 'wait.quiet' : 'wait.spacing', { untilMs: wallOf(atMs, situation) }),
  };
}

type ScanDue = {
  readonly atMs: number;
  /** Before it is spaced from other runs. */
  readonly wantedMs: number;
  readonly reason: Reason;
};

function scanDue(situation: Situation, pace: Pace): ScanDue {
  const { wholeScan, wokeMs, watched, hasRunBefore, dirty, lastRun } = situation;
  const spaced = (wantedMs: number, code: ReasonCode): ScanDue => {
    return { atMs: Math.max(wantedMs, pace.spacedMs), wantedMs, reason: reason(code) };
  };
  if (!hasRunBefore) return { atMs: pace.restedMs, wantedMs: pace.restedMs, reason: reason('run.first') };
  if (wholeScan === null) return spaced(situation.monotonicMs, 'run.caughtUp');
  if (wokeMs !== null && wokeMs >= wholeScan.beganMs) {
    return spaced(wokeMs + Math.min(pace.quietMs, settleMostMs), 'run.caughtUp');
  }
  // Somebody asked, it failed, and nothing is left to save: only another run can tell whether the place is well again.
  if (dirty === null && lastRun !== null && lastRun.failedInARow > 0) {
    return spaced(situation.monotonicMs, 'run.reconcile');
  }
  const daily = spaced(dayOver(situation, wholeScan), 'run.reconcile');
  const promisedMs = Math.max(wholeScan.beganMs + pace.leadMs, pace.restedMs);
  return watched || daily.atMs <= promisedMs ? daily : { ...daily, atMs: promisedMs, wantedMs: promisedMs };
}

/**
 * A day after the last scan by the clock on which it comes first: the monotonic one may stand still while the computer sleeps,
 * and the wall clock may be set. Set forward it costs one scan too many; set back it tells nothing, and the other one counts.
 */
function dayOver({ nowMs, monotonicMs }: Situation, scan: NonNullable<Situation['wholeScan']>): number {
  const leftByWallMs = scan.beganWallMs + reconcileMs - nowMs;
  return Math.min(scan.beganMs + reconcileMs, monotonicMs + leftByWallMs);
}
