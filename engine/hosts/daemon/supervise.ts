import type { Clock, Log } from '../../base/index.ts';
import { exitCodes } from '../../base/index.ts';
import type { AgentProcess, Ending, Launcher } from '../launcher/index.ts';
import { afterCrash } from './crash-policy.ts';

/**
 * Keeps one agent process alive, and knows nothing else of it.
 *
 *     launch ─► ended well, or told to ─► done
 *        ▲  └─► ended before it was ever ready ─► done: a person waits for the reason
 *        └──── wait ◄─ crashed, not too often
 *                 └─► crashed too often ─► give up, and say so
 */
export type Supervision = {
  /** Resolves when no agent runs any more and none will be started. */
  readonly done: Promise<Outcome>;
  readonly processId: number | null;
  readonly restarts: number;
};

export type Outcome =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'gaveUp'; readonly crashes: number; readonly last: Ending };

export type SuperviseOptions = {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** Longer than the agent itself takes to end well when it may not finish. */
const patienceMs = 4_000;

/** Who lives that long has started, also where its word for it was lost on the way. */
const settledMs = 10_000;

/** Codes of an agent that was told to end, or that must not run: another start would change nothing. */
const finalCodes: readonly number[] = [exitCodes.done, exitCodes.busy, exitCodes.usage, exitCodes.cancelled];

export function supervise({ launcher, clock, log, signal }: SuperviseOptions): Supervision {
  const crashesMs: number[] = [];
  let running: AgentProcess | null = null;
  let wasReady = false;

  const loop = async (): Promise<Outcome> => {
    while (!signal.aborted) {
      const launchedMs = clock.monotonic();
      running = launcher.launch();
      running.onMessage(() => {
        wasReady = true;
      });
      const { processId } = running;
      log.debug('the agent was launched', { processId });
      const ending = await endOf(running, clock, signal);
      running = null;
      log.debug('the agent has ended', { processId, ...ending });
      if (signal.aborted) break;
      wasReady ||= clock.monotonic() - launchedMs >= settledMs;
      if (ending.code !== null && (finalCodes.includes(ending.code) || !wasReady))
        return { kind: 'ended', code: ending.code };
      crashesMs.push(clock.monotonic());
      const next = afterCrash(crashesMs);
      if (next.kind === 'giveUp') return { kind: 'gaveUp', crashes: next.crashes, last: ending };
      log.warn('the agent is started again', { ...ending, delayMs: next.delayMs });
      await clock.sleep(next.delayMs, signal).catch(() => {});
    }
    return { kind: 'ended', code: exitCodes.done };
  };
  return {
    done: loop(),
    get processId() {
      return running?.processId ?? null;
    },
    get restarts() {
      return crashesMs.length;
    },
  };
}

/** Waits; once the signal came, asks the agent to end, and ends it when it does not. */
async function endOf(agent: AgentProcess, clock: Clock, signal: AbortSignal): Promise<Ending> {
  const over = new AbortController();
  const stop = (): void => {
    agent.stop();
    clock.sleep(patienceMs, over.signal).then(agent.kill, () => {});
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await agent.ended;
  } finally {
    over.abort();
    signal.removeEventListener('abort', stop);
  }
}
