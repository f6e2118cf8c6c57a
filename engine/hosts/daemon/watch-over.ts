import type { Clock, Log } from '../../base/index.ts';
import type { AgentProcess } from '../launcher/index.ts';

/** How often an agent says that it lives. */
export const beatMs = 10_000;
/**
 * So many times in a row nothing was heard: three minutes. A disk that spins up takes ten seconds, one with a bad spot up to
 * three minutes until it says so. Counted and not timed, so that a supervisor that stood still itself ends nobody.
 */
const silentMost = 18;

/**
 * An agent whose only thread waits for a drive that does not answer can say nothing and protects nothing. It is ended; the
 * next one asks before it touches anything.
 */
export function watchOver(
  agent: AgentProcess,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
  onReady: () => void,
): void {
  let silent = 0;
  let isWatched = false;
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(beatMs, signal).catch(() => {});
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
