import type { Activity, AgentState } from '../../../contract/index.ts';
import type { Session } from '../session.ts';
import type { Attached } from './attach.ts';
import { followState } from './with-agent.ts';

/** What `now` hears of the runs it asked for: one after the other, a place each, and more where one was not enough. */
export type FollowedRun = {
  /** How it ended at each place. */
  readonly results: readonly Activity[];
  readonly state: AgentState;
};

/** Between the runs of two places there is a moment without one; when it lasts so long, no other follows. */
const idleMs = 1000;

/** Listens from before the run is asked for, so that nothing of a short one is missed. */
export function listenToRun(
  { host, signal }: Session,
  agent: Attached,
  onState: (state: AgentState) => void,
): { untilEnd(): Promise<FollowedRun>; stop(): void } {
  const results: Activity[] = [];
  let latest: AgentState | null = null;
  let wake = (): void => {};
  const stops = [
    followState(agent, (state) => {
      latest = state;
      onState(state);
      wake();
    }),
    agent.on('activity', (entry) => {
      if (entry.kind === 'runDone' || entry.kind === 'runFailed') results.push(entry);
      wake();
    }),
  ];
  const changed = async (): Promise<void> => {
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await Promise.race([heard, host.clock.sleep(idleMs, signal)]);
  };
  return {
    untilEnd: async () => {
      for (let idleSince: number | null = null; ; ) {
        const isIdle = latest !== null && latest.run === null;
        const nowMs = host.clock.monotonic();
        idleSince = isIdle ? (idleSince ?? nowMs) : null;
        const isOver = idleSince !== null && nowMs - idleSince >= idleMs;
        if (isOver || everyPlaceEnded(latest, results)) return { results, state: await agent.api.state() };
        await changed();
      }
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Not by a run that another one goes on with. */
function everyPlaceEnded(state: AgentState | null, results: readonly Activity[]): boolean {
  const newest = new Map(results.map((entry) => [entry.context.place, entry]));
  const ended = new Set([...newest].filter(([, { context }]) => context.deferred === undefined));
  return state !== null && state.places.length > 0 && ended.size >= state.places.length;
}
