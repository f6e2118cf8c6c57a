import { type Clock, limits } from '../base/index.ts';
import type { Pulse } from '../filesystem/index.ts';

/** Whether a run gets anywhere at all: whatever it does, calls of the file system come back. */
export type Standstill = {
  /** Asked at every look of the agent: a call that has not returned, and for how long nothing has moved. */
  look(): { readonly path: string; readonly forMs: number } | null;
};

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
      const stands = moves === movesBefore && path !== null;
      forMs = stands ? forMs + Math.min(nowMs - lookedMs, lookMostMs) : 0;
      movesBefore = moves;
      lookedMs = nowMs;
      return stands ? { path, forMs } : null;
    },
  };
}
