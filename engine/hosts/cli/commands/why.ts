import { timeOfMs } from '../../../base/index.ts';
import type { Why } from '../../../contract/index.ts';
import { type PlaceVerdict, verdictWords } from '../../text/agent-why.ts';
import { formatBytes } from '../../text/figures.ts';
import { shellWord, shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import { timeJson } from '../agent/json.ts';
import { shownPath } from '../agent/naming.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import type { Session } from '../session.ts';

export const why: Run<'why'> = async (session, call) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const answers: Why[] = [];
    for (const typed of call.arguments) answers.push(await api.why({ path: session.fullPath(typed) }));
    await output.items(answers, {
      json: whyJson,
      row: (answer) => linesOf(session, answer, answers.length > 1).join('\n'),
    });
    return answers.every(isProtected) ? 'done' : 'someFilesFailed';
  });
};

const isProtected = ({ places }: Why): boolean =>
  places.length > 0 && places.every(({ verdict }) => verdict === 'protected');

function whyJson({ path, places }: Why): Record<string, unknown> {
  return {
    path,
    places: places.map(({ place, url, verdict, detail, turn, kept }) => ({
      ...{ place, url, verdict, detail, turn, text: verdictWords({ verdict, detail, turn }, path).words },
      kept: kept === null ? null : { snapshot: kept.snapshot, mtime: timeJson(kept.mtimeMs), size: kept.size },
    })),
  };
}

function linesOf(session: Session, { path, places }: Why, isOneOfMany: boolean): string[] {
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
  const groups = Map.groupBy(places, ({ verdict, detail, turn }) => `${verdict} ${detail ?? ''} ${turn?.at ?? ''}`);
  const lines = [...groups.values()].flatMap((group) => {
    const at = groups.size > 1 ? `  (at ${group.map(({ url }) => shownPath(session, url)).join(', ')})` : '';
    return groupLines(session, path, group, at);
  });
  return [...heading, ...lines.map((line) => indent + line)];
}

function groupLines(session: Session, path: string, group: readonly PlaceVerdict[], at: string): string[] {
  const { style } = session.output;
  const [first] = group;
  if (first === undefined) return [];
  const { word, words, remedy } = verdictWords(first, path);
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
