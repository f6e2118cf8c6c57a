import { type Reason, reason } from '../../contract/index.ts';
import { retryAtMs } from '../backoff.ts';
import { dueContinuously } from './continuous.ts';
import { type Due, wallOf } from './due.ts';
import { forbids } from './forbids.ts';
import { pausedBecause } from './pause.ts';
import { dueAtTimes } from './times.ts';
import type { Decision, Situation } from './types.ts';

/** Clocks are set, computers sleep and drives come back without a word: nothing is left unasked for longer. */
const lookAgainMs = 60_000;

/**
 * Whether a run begins now, and if not, why not and when to look again.
 *
 *     missing? ─► asked "anyway"? ─► paused? ─► asked? ─► left over, or due? ─► after failures? ─► forbidden? ─► run
 *
 * A pure function of the situation: asked twice it answers twice the same, so a run that begins must show in the next one.
 */
export function decide(situation: Situation): Decision {
  const { ready, asked, goesOn, running } = situation;
  if (running) return { kind: 'idle', untilMs: null, nextRunMs: null };
  const paused = pausedBecause(situation);
  if (ready !== null) return notReady(ready, paused);
  if (asked?.anyway) return asAsked;
  const forbidden = forbids(situation);
  if (asked !== null) return forbidden === null ? asAsked : held(situation, forbidden);
  const due = afterFailures(situation, goingOn(situation, dueBySchedule(situation)));
  if (goesOn?.anyway && due.kind === 'now') return { kind: 'run', reason: due.reason, whole: due.whole };
  if (paused !== null) return held(situation, paused);

  // By the schedule nothing runs now anyhow; what forbids a run may have changed until then.
  if (due.kind === 'later') return until(situation, due.atMs, due.waits);
  if (forbidden !== null) return held(situation, forbidden);
  if (due.kind === 'soon') return until(situation, due.atMs, due.waits);
  return { kind: 'run', reason: due.reason, whole: due.whole };
}

/** A person who asks wants to be sure: everything is looked at. */
const asAsked: Decision = { kind: 'run', reason: reason('run.asked'), whole: true };

function dueBySchedule(situation: Situation): Due {
  const { schedule } = situation;
  switch (schedule.kind) {
    case 'continuous':
      return dueContinuously(situation, schedule);
    case 'times':
      return dueAtTimes(situation, schedule);
  }
}

/**
 * What a run had no time for is gone on with at once, whatever the schedule: new changes come along, small files first. A look
 * at everything takes it along too.
 */
function goingOn({ goesOn, dirty }: Situation, due: Due): Due {
  if (goesOn === null || (due.kind === 'now' && due.whole)) return due;
  const { files, bytes } = goesOn;
  return { kind: 'now', reason: reason('run.goesOn', { files, bytes }), whole: dirty?.everything === true };
}

/** After a sleep the world is another one, and so waking ends the wait. */
function afterFailures(situation: Situation, due: Due): Due {
  const { lastRun, wokeMs, monotonicMs } = situation;
  const atMs = lastRun === null ? null : retryAtMs(lastRun);
  if (lastRun === null || atMs === null || atMs <= monotonicMs) return due;
  if (due.kind === 'later' || (wokeMs !== null && wokeMs >= lastRun.endedMs)) return due;
  if (due.kind === 'soon' && due.atMs >= atMs) return due;
  const waits = reason('wait.backoff', { failures: lastRun.failedInARow, untilMs: wallOf(atMs, situation) });
  return { kind: 'soon', atMs, waits };
}

/** What the person should deal with is told even while paused: it will still be there after the pause. */
function notReady(ready: Reason, paused: Reason | null): Decision {
  const isForPerson = ready.code.startsWith('attention.');
  return { kind: 'wait', reason: isForPerson ? ready : (paused ?? ready), untilMs: null, nextRunMs: null };
}

function held(situation: Situation, why: Reason): Decision {
  const { untilMs } = why.context;
  const isKnown = typeof untilMs === 'number';
  const atMs = isKnown ? situation.monotonicMs + (untilMs - situation.nowMs) : null;
  return { kind: 'wait', reason: why, untilMs: nextLook(situation, atMs), nextRunMs: isKnown ? untilMs : null };
}

function until(situation: Situation, atMs: number | null, waits: Reason | null): Decision {
  const look = { untilMs: nextLook(situation, atMs), nextRunMs: atMs === null ? null : wallOf(atMs, situation) };
  return waits === null ? { kind: 'idle', ...look } : { kind: 'wait', reason: waits, ...look };
}

function nextLook({ monotonicMs }: Situation, atMs: number | null): number {
  const lookMs = Math.min(atMs ?? Number.POSITIVE_INFINITY, monotonicMs + lookAgainMs);
  // Ahead even where rounding has made it now: a loop must not spin.
  return Math.max(lookMs, monotonicMs + 1);
}
