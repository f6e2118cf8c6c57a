import { type Reason, reason, type Schedule } from '../../contract/index.ts';
import { type Due, wallOf } from './due.ts';
import { lastSlot, nextSlot } from './local-time.ts';
import type { Situation } from './types.ts';

type Times = Extract<Schedule, { kind: 'times' }>;

/** Slots are whole minutes, so none is lost by this; it bounds what a clock that jumps to and fro can cause. */
const restLeastMs = 60_000;
/** A slot that runs later than this was missed and is caught up. */
const punctualMs = 5 * 60_000;
/**
 * Clocks are corrected by less every day; a record from further ahead was written under a clock that was wrong. Nor may it
 * silence more than one slot where these lie closer together.
 */
const aheadMostMs = 60 * 60_000;

/**
 * A slot is due when it has passed and no whole run was confirmed since. Only the newest one is looked at, at any moment, so
 * that however many were slept through one run catches up with them all.
 */
export function dueAtTimes(situation: Situation, schedule: Times): Due {
  const { nowMs, monotonicMs, localOffsetMinutes, lastRun, hasRunBefore, dirty } = situation;
  const slotMs = lastSlot(schedule, nowMs, localOffsetMinutes);
  const nextMs = nextSlot(schedule, nowMs, localOffsetMinutes);
  const gapMs = slotMs === null || nextMs === null ? aheadMostMs : nextMs - slotMs;
  if (hasRunBefore && (slotMs === null || slotMs <= doneMs(situation, Math.min(gapMs, aheadMostMs)))) {
    const waits = dirty === null ? null : reason('wait.times', nextMs === null ? {} : { untilMs: nextMs });
    return { kind: 'later', atMs: nextMs === null ? null : monotonicMs + (nextMs - nowMs), waits };
  }
  const restedMs = lastRun === null ? monotonicMs : lastRun.endedMs + restLeastMs;
  if (restedMs > monotonicMs) {
    return { kind: 'soon', atMs: restedMs, waits: reason('wait.spacing', { untilMs: wallOf(restedMs, situation) }) };
  }
  return { kind: 'now', reason: whyNow(hasRunBefore ? slotMs : null, nowMs), whole: true };
}

function whyNow(slotMs: number | null, nowMs: number): Reason {
  if (slotMs === null) return reason('run.first');
  return reason(nowMs - slotMs <= punctualMs ? 'run.times' : 'run.caughtUp', { slotMs });
}

/**
 * A record from far ahead would silence the schedule until the clock gets there. It counts as none: one run too many, whose
 * own time takes its place.
 */
function doneMs({ slotDoneMs, nowMs }: Situation, mostAheadMs: number): number {
  const isKnown = slotDoneMs !== null && slotDoneMs <= nowMs + mostAheadMs;
  return isKnown ? slotDoneMs : Number.NEGATIVE_INFINITY;
}
