import { type Pause, type Reason, reason } from '../../contract/index.ts';
import type { HeldPause, Situation } from './types.ts';

type Moment = { readonly nowMs: number; readonly monotonicMs: number };

/**
 * Puts the end of a pause on the monotonic clock too: when the person pauses (`askedMs` is then now), and again when an agent
 * starts and finds the pause in the journal. It never lasts longer than what was chosen, counted from here.
 */
export function holdPause(
  pause: Pause,
  { askedMs, nowMs, monotonicMs }: Moment & { readonly askedMs: number },
): HeldPause {
  if (pause.until !== 'time' || pause.untilMs === null) return { ...pause, endsMs: null };
  // Where the clock was set back since it was chosen, now lies before that moment, and the whole length is left at most.
  const leftMs = pause.untilMs - Math.max(nowMs, askedMs);
  return { ...pause, endsMs: monotonicMs + Math.max(0, leftMs) };
}

/** Null when there is no pause, or its time is over on either clock. */
export function pausedBecause({ pause, nowMs, monotonicMs, power }: Situation): Reason | null {
  if (pause === null) return null;
  const { until, untilMs, endsMs } = pause;
  switch (until) {
    case 'resumed':
      return reason('paused.person', { until });
    case 'power':
      return power.onBattery ? reason('paused.person', { until }) : null;
    case 'time': {
      const isOver = untilMs === null || nowMs >= untilMs || (endsMs !== null && monotonicMs >= endsMs);
      return isOver ? null : reason('paused.person', { until, untilMs });
    }
  }
}
