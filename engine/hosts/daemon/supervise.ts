import type { Clock, Log } from '../../base/index.ts';
import { exitCodes } from '../../base/index.ts';
import type { AgentProcess, Ending, Launcher } from '../launcher/index.ts';
import { afterCrash } from './crash-policy.ts';
import { watchOver } from './watch-over.ts';

/**
 * Keeps one agent process alive, and knows nothing else of it.
 *
 *     launch ─► ended well, or told to ─► done
 *        ▲  └─► ended before it was ever ready ─► done: a person waits for the reason
 *        ├──── wait ◄─ crashed, not too often; or silent for so long that it was ended
 *        └── an hour ◄─ crashed too often, and that is said
 */
export type Supervision = {
  /** Resolves when no agent runs any more and none will be started. */
  readonly done: Promise<Outcome>;
  readonly processId: number | null;
  readonly restarts: number;
};

export type Outcome = { readonly kind: 'ended'; readonly code: number };

export type GivenUp = { readonly crashes: number; readonly last: Ending };

export type SuperviseOptions = {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long it may say nothing. */
  readonly hangMs: number;
  /** It crashed too often to be started again at once; null when it is tried once more after that. */
  readonly onGivenUp?: (given: GivenUp | null) => void;
};

/** Longer than the agent itself takes to end well when it may not finish. */
const patienceMs = 4_000;

/** Who lives that long has started, also where its word for it was lost on the way. */
const settledMs = 10_000;

/**
 * What crashes again and again may have a reason that goes away (a full disk, a drive that is not there yet), and a backup
 * program that gave up for good protects nothing. Once an hour is no burden.
 */
const givenUpMs = 60 * 60_000;

/** Codes of an agent that was told to end, or that must not run: another start would change nothing. */
const finalCodes: readonly number[] = [exitCodes.done, exitCodes.busy, exitCodes.usage, exitCodes.cancelled];

export function supervise({
  launcher,
  clock,
  log,
  signal,
  hangMs,
  onGivenUp = () => {},
}: SuperviseOptions): Supervision {
  let crashesMs: number[] = [];
  let restarts = 0;
  let running: AgentProcess | null = null;
  const lingering = new Set<AgentProcess>();
  let wasReady = false;

  const rest = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => {});
  const live = async (): Promise<Ending> => {
    const launchedMs = clock.monotonic();
    const agent = launcher.launch();
    running = agent;
    const over = new AbortController();
    watchOver(agent, { clock, log, signal: over.signal, hangMs }, () => {
      wasReady = true;
    });
    const { processId } = agent;
    log.debug('the agent was launched', { processId });
    const { ending, isGone } = await endOf(agent, clock, signal);
    over.abort();
    running = null;
    log.debug('the agent has ended', { processId, ...ending });
    if (isGone) {
      lingering.add(agent);
      void agent.ended.then(() => lingering.delete(agent));
    }
    wasReady ||= clock.monotonic() - launchedMs >= settledMs;
    return ending;
  };
  const loop = async (): Promise<Outcome> => {
    while (!signal.aborted) {
      const isLingering = lingering.size > 0;
      const ending = await live();
      if (signal.aborted) break;
      // Who is gone and has not ended may still hold the lock.
      const isFinal = finalCodes.includes(ending.code ?? 0) && !(ending.code === exitCodes.busy && isLingering);
      if (ending.code !== null && (isFinal || !wasReady)) return { kind: 'ended', code: ending.code };
      crashesMs.push(clock.monotonic());
      restarts++;
      const next = afterCrash(crashesMs);
      if (next.kind === 'restart') {
        log.warn('the agent is started again', { ...ending, delayMs: next.delayMs });
        await rest(next.delayMs);
        continue;
      }
      log.warn('the agent crashes again and again, and is tried once more later', { ...ending, delayMs: givenUpMs });
      onGivenUp({ crashes: next.crashes, last: ending });
      await rest(givenUpMs);
      onGivenUp(null);
      crashesMs = [];
    }
    return { kind: 'ended', code: exitCodes.done };
  };
  return {
    done: loop(),
    get processId() {
      return running?.processId ?? null;
    },
    get restarts() {
      return restarts;
    },
  };
}

/** `isGone`: the system has not let go of it yet. */
type Ended = { readonly ending: Ending; readonly isGone: boolean };

/** Waits; once the signal came, asks the agent to end, and ends it when it does not. */
async function endOf(agent: AgentProcess, clock: Clock, signal: AbortSignal): Promise<Ended> {
  const over = new AbortController();
  const stop = (): void => {
    agent.stop();
    clock.sleep(patienceMs, over.signal).then(agent.kill, () => {});
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = agent.ended.then((ending) => ({ ending, isGone: false }));
    return await Promise.race([ended, goneOf(agent)]);
  } finally {
    over.abort();
    signal.removeEventListener('abort', stop);
  }
}

/** It has let go of everything, and ends as soon as the system lets it. */
function goneOf(agent: AgentProcess): Promise<Ended> {
  return new Promise((resolve) => {
    agent.onMessage(({ kind }) => {
      if (kind === 'gone') resolve({ ending: { code: exitCodes.failed, by: null }, isGone: true });
    });
  });
}
