import type { Clock, Log } from '../../base/index.ts';
import type { AgentProcess } from '../launcher/index.ts';

/** Counted and not timed, so that a supervisor that stood still itself ends nobody. */
const silentMost = 18;

/** How often an agent says that it lives; silence for the whole limit is that of many words in a row. */
export const beatMsOf = (hangMs: number): number => hangMs / silentMost;

export type WatchOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long it may say nothing. */
  readonly hangMs: number;
};

/**
 * An agent whose only thread waits for a drive that does not answer can say nothing and protects nothing. It is ended; the
 * next one asks before it touches anything.
 */
export function watchOver(
  agent: AgentProcess,
  { clock, log, signal, hangMs }: WatchOptions,
  onReady: () => void,
): void {
  let silent = 0;
  let isWatched = false;
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(beatMsOf(hangMs), signal).catch(() => {});
      if (signal.aborted || ++silent < silentMost) continue;
      log.warn('the agent has said nothing for long, and is ended', { processId: agent.processId });
      return agent.kill();
    }
  };
  agent.onMessage(({ kind }) => {
    silent = 0;
    if (kind === 'ready') onReady();
    if (kind !== 'alive' || isWatched) return;
    // From its first word on: before that it may be one that has none.
    isWatched = true;
    void watch();
  });
}
