/** What the agent does about places and sources whose file systems do not answer, a network drive without its server say. */
import { CofferError, limits } from '../base/index.ts';
import { reason } from '../contract/index.ts';
import { type Core, note } from './core.ts';
import type { Keeper } from './keeper.ts';
import type { AgentPorts } from './ports.ts';
import { type Beginning, beginRun } from './runs.ts';

/**
 * A run touches its place on the agent's own thread, so both are asked first. Sources that do not answer are not there for
 * the run; the vault keeps what it has of them.
 */
export async function beginWhereItAnswers(core: Core, keeper: Keeper, beginning: Beginning): Promise<void> {
  const { answering } = core.ports;
  const { url } = keeper.place;
  const sources = core.sources.map(({ path }) => answering.ask(path));
  const [isHere] = await Promise.all([answering.ask(url), ...sources]);
  // Whatever happened meanwhile, the next look decides anew.
  if (core.run !== null || core.closing.aborted || !core.keepers.includes(keeper)) return;
  if (isHere) return beginRun(core, keeper, beginning);
  if (keeper.trouble?.code !== 'wait.placeHangs') core.tell('placeHangs', { place: url }, { isProblem: true });
  keeper.trouble = reason('wait.placeHangs', { place: url });
  core.decisions.set(keeper, { kind: 'wait', reason: keeper.trouble, untilMs: null, nextRunMs: null });
}

/** Of the limit: a drive that is only slow has answered a question by then. */
const hungShare = 1 / 3;

/**
 * A run that waits for what does not answer never ends, nor do its threads. So the process ends; the next agent asks before
 * it touches anything.
 */
export function endHungRun(core: Core): void {
  const { run, ports, journal } = core;
  if (run === null) return;
  const hungMs = hungShare * (ports.hangMs ?? limits.hangMs);
  const nowMs = ports.clock.monotonic();
  const roots = [run.keeper.place.url, ...run.task.taken.keys().map((id) => pathOf(core, id))];
  const hung = roots.find((root) => nowMs - (ports.answering.hangsSince(root) ?? nowMs) >= hungMs);
  if (hung === undefined) {
    // Not awaited: whoever looks must not wait for what hangs.
    for (const root of roots) void ports.answering.ask(root);
    return;
  }
  ports.log.warn('a run waits for a drive that does not answer', { path: hung });
  const outcome = {
    kind: 'failed',
    endedMs: ports.clock.now(),
    code: 'store.hangs',
    context: { store: hung },
  } as const;
  note(core, () => journal.runs.end(run.state.id, outcome));
  ports.abandon?.();
}

const pathOf = ({ sources }: Core, source: number): string => sources.find(({ id }) => id === source)?.path ?? '/';

/** For whoever asks about a place: says so at once, and does not wait. */
export async function demandPlace({ answering }: Pick<AgentPorts, 'answering'>, url: string): Promise<void> {
  if (!(await answering.ask(url))) throw new CofferError('store.hangs', { store: url });
}

export async function demandSource({ answering }: Pick<AgentPorts, 'answering'>, path: string): Promise<void> {
  if (!(await answering.ask(path))) throw new CofferError('source.hangs', { path });
}
