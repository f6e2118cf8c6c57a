/** What the agent does about places and sources whose file systems do not answer, a network drive without its server say. */
import { CofferError, limits } from '../base/index.ts';
import { reason } from '../contract/index.ts';
import { joinPath } from '../filesystem/index.ts';
import type { RunOutcome } from '../journal/index.ts';
import { type Core, note } from './core.ts';
import type { Keeper } from './keeper.ts';
import { isAtOrBelow } from './paths.ts';
import type { AgentPorts } from './ports.ts';
import { type Beginning, beginRun } from './runs.ts';
import { hungAt } from './standstill.ts';

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

/**
 * A run that waits for what does not answer never ends, nor do its threads. So the process ends; the next agent asks before
 * it touches anything.
 */
export function endHungRun(core: Core): void {
  const { run, ports, journal } = core;
  if (run === null) return;
  const nowMs = ports.clock.monotonic();
  const hangMs = ports.hangMs ?? limits.hangMs;
  const roots = [run.keeper.place.url, ...run.task.taken.keys().map((id) => pathOf(core, id))];
  const silent = roots.map((path) => ({ path, forMs: nowMs - (ports.answering.hangsSince(path) ?? nowMs) }));
  const path = hungAt(silent, run.standstill.look(), hangMs);
  if (path === null) {
    // Not awaited: whoever looks must not wait for what hangs.
    for (const root of roots) void ports.answering.ask(root);
    return;
  }
  ports.log.warn('a run waits for a drive that does not answer', { path });
  note(core, () => journal.runs.end(run.state.id, hungOutcome(core, run.keeper, path)));
  ports.abandon?.();
}

function hungOutcome(core: Core, { place }: Keeper, path: string): RunOutcome {
  const source = core.sources.find((one) => isAtOrBelow(path, one.path));
  const isOfPlace = source === undefined || isAtOrBelow(path, place.url);
  const what = isOfPlace
    ? ({ code: 'store.hangs', context: { store: place.url, path } } as const)
    : { code: 'source.hangs', context: { path } };
  return { kind: 'failed', endedMs: core.ports.clock.now(), ...what };
}

/**
 * What an earlier process waited for in vain. A drive may say that it is there and still take nothing, so it has to do
 * something before a run touches it again. Of a process that was ended nobody knows what it waited for: the place, mostly.
 */
export function suspectWhatHung(core: Core): void {
  const { journal, keepers, sources, ports } = core;
  for (const keeper of keepers) {
    const outcome = journal.runs.latest(keeper.place.id)?.outcome ?? null;
    const failure = outcome?.kind === 'failed' ? outcome : null;
    const path = failure?.code === 'source.hangs' ? failure.context.path : undefined;
    keeper.wasBrokenOff ||= failure?.code === 'store.hangs' || path !== undefined;
    if (!keeper.wasBrokenOff) continue;
    if (typeof path !== 'string')
      ports.answering.suspect(keeper.place.url, { path: spoolOf(keeper.place.url), by: 'write' });
    const source = sources.find((one) => typeof path === 'string' && isAtOrBelow(path, one.path));
    if (typeof path === 'string' && source !== undefined) ports.answering.suspect(source.path, { path, by: 'read' });
  }
}

/** Of a place in a folder. */
const spoolOf = (url: string): string => joinPath(url, 'tmp');

const pathOf = ({ sources }: Core, source: number): string => sources.find(({ id }) => id === source)?.path ?? '/';

/** For whoever asks about a place: says so at once, and does not wait. */
export async function demandPlace({ answering }: Pick<AgentPorts, 'answering'>, url: string): Promise<void> {
  if (!(await answering.ask(url))) throw new CofferError('store.hangs', { store: url });
}

export async function demandSource({ answering }: Pick<AgentPorts, 'answering'>, path: string): Promise<void> {
  if (!(await answering.ask(path))) throw new CofferError('source.hangs', { path });
}
