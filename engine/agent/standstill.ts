import { type Clock, limits } from '../base/index.ts';
import type { Pulse } from '../filesystem/index.ts';

/** Whether a run gets anywhere at all: whatever it does, calls of the file system come back. */
export type Standstill = {
  /** Asked at every look of the agent. */
  look(): Still;
};

/** For how long nothing has moved, and a call that has not returned; null when none is under way. */
export type Still = { readonly path: string | null; readonly forMs: number };

/** No look is further apart; what is, was a computer that slept or a process that stood still, and the run with it. */
const lookMostMs = 2 * limits.agentTickMs;

export function createStandstill(pulse: Pick<Pulse, 'read'>, clock: Pick<Clock, 'monotonic'>): Standstill {
  let movesBefore = -1;
  let lookedMs = clock.monotonic();
  let forMs = 0;
  return {
    look() {
      const { moves, path } = pulse.read();
      const nowMs = clock.monotonic();
      const stands = moves === movesBefore;
      forMs = stands ? forMs + Math.min(nowMs - lookedMs, lookMostMs) : 0;
      movesBefore = moves;
      lookedMs = nowMs;
      return { path, forMs };
    },
  };
}

/** Of the limit: a drive that is only slow has answered a question by then. */
const silentShare = 1 / 3;
/** A sync of a slow stick, to which others write too, takes minutes; nothing else that a run asks does. */
const stuckShare = 3;

/**
 * Where a run waits for what does not answer; null where it does not. A question may also wait behind the run's own calls, so
 * silence counts only while none of those comes back.
 */
export function hungAt(
  silent: readonly { readonly path: string; readonly forMs: number }[],
  still: Still,
  hangMs: number,
): string | null {
  const root = silent.find(({ forMs }) => Math.min(forMs, still.forMs) >= silentShare * hangMs);
  return root?.path ?? (still.forMs >= stuckShare * hangMs ? still.path : null);
}
