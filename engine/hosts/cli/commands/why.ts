import { timeOfMs } from '../../../base/index.ts';
import type { AgentState } from '../../../contract/index.ts';
import { type AgentWords, agentReason, errorWords } from '../../text/agent-reasons.ts';
import { type PlaceVerdict, type VerdictWords, verdictWords } from '../../text/agent-why.ts';
import { formatBytes } from '../../text/figures.ts';
import { shellWord, shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import { timeJson } from '../agent/json.ts';
import { asAlone, namingOf, shownPath } from '../agent/naming.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import type { Session } from '../session.ts';

export const why: Run<'why'> = async (session, call) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api, isAlone }) => {
    const told = await api.state();
    const state = isAlone ? asAlone(told) : told;
    const answers: Answer[] = [];
    for (const typed of call.arguments) {
      const { path, places } = await api.why({ path: session.fullPath(typed) });
      answers.push({ path, places: places.map((at) => ({ ...at, ...wordsOf(session, state, path, at) })) });
    }
    await output.items(answers, {
      json: whyJson,
      row: (answer) => linesOf(session, answer, answers.length > 1).join('\n'),
    });
    return answers.every(isProtected) ? 'done' : 'someFilesFailed';
  });
};

type Answered = PlaceVerdict & VerdictWords;
type Answer = { readonly path: string; readonly places: readonly Answered[] };

function wordsOf(session: Session, state: AgentState, path: string, at: PlaceVerdict): VerdictWords {
  const source = state.sources.find((one) => path === one.path || path.startsWith(`${one.path}/`));
  const sourceAway = source?.watching === 'absent' ? shownPath(session, source.path) : null;
  return verdictWords(at, path, { held: heldBy(session, state, at), sourceAway });
}

/** Why the place waits, or cannot be asked; null while a run is under way or comes by itself. */
function heldBy(session: Session, state: AgentState, { place, verdict, detail, url }: PlaceVerdict): AgentWords | null {
  const naming = namingOf(session, state);
  const reason = state.places.find(({ id }) => id === place)?.reason ?? null;
  const isHeld = reason !== null && !reason.code.startsWith('run.') && !comeByThemselves.has(reason.code);
  if (isHeld) return agentReason(reason, naming);
  if (verdict === 'unknown' && detail !== null)
    return { words: errorWords(detail, {}, naming.path(url)), remedy: null };
  return state.processId === 0 ? agentReason({ code: 'attention.notRunning', context: {} }, naming) : null;
}

const comeByThemselves: ReadonlySet<string> = new Set(['wait.quiet', 'wait.spacing', 'attention.firstRun']);

const isProtected = ({ places }: Answer): boolean =>
  places.length > 0 && places.every(({ verdict }) => verdict === 'protected');

function whyJson({ path, places }: Answer): Record<string, unknown> {
  return {
    path,
    places: places.map(({ place, url, verdict, detail, turn, kept, words }) => ({
      ...{ place, url, verdict, detail, turn, text: words },
      kept: kept === null ? null : { snapshot: kept.snapshot, mtime: timeJson(kept.mtimeMs), size: kept.size },
    })),
  };
}

function linesOf(session: Session, { path, places }: Answer, isOneOfMany: boolean): string[] {
  const heading = isOneOfMany ? [shownPath(session, path)] : [];
  const indent = isOneOfMany ? '  ' : '';
  if (places.length === 0) {
    return [
      ...heading,
      `${indent}${session.output.style.attention('Not protected:')} there is no place to save to yet`,
      `${indent}  → Add one: coffer places add /mnt/disk/vault`,
    ];
  }
  // What is the same everywhere is said once.
  const groups = Map.groupBy(places, ({ word, words }) => `${word} ${words}`);
  const lines = [...groups.values()].flatMap((group) => {
    const at = groups.size > 1 ? `  (at ${group.map(({ url }) => shownPath(session, url)).join(', ')})` : '';
    return groupLines(session, path, group, at);
  });
  return [...heading, ...lines.map((line) => indent + line)];
}

function groupLines(session: Session, path: string, group: readonly Answered[], at: string): string[] {
  const { style } = session.output;
  const [first] = group;
  if (first === undefined) return [];
  const { word, words, remedy } = first;
  const paint = first.verdict === 'protected' ? style.safe : style.attention;
  return [
    `${paint(word)} ${words}${at}`,
    ...(first.verdict === 'protected' ? [] : group.flatMap((place) => keptLines(session, path, place))),
    ...(remedy === null ? [] : [`  → ${remedy}`]),
  ];
}

function keptLines(session: Session, path: string, { url, kept }: PlaceVerdict): string[] {
  if (kept === null) return [];
  const snapshot = shortName(kept.snapshot);
  return [
    `  last kept version: ${formatTime(timeOfMs(kept.mtimeMs))}, ${formatBytes(kept.size)}, in snapshot ${snapshot}`,
    `  → Restore it: coffer restore --store ${shellWord(url)} ${snapshot} --original ${shellWord(path)}`,
  ].map((line) => session.output.path(line));
}
