import { timeOfMs } from '../../../base/index.ts';
import type { Activity } from '../../../contract/index.ts';
import { activityWords } from '../../text/agent-activity.ts';
import type { Naming } from '../../text/agent-reasons.ts';
import { wrap } from '../../text/columns.ts';
import { formatTime } from '../../text/times.ts';
import { activityJson } from '../agent/json.ts';
import { namingOf } from '../agent/naming.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';

const shownUsually = 20;

export const activity: Run<'activity'> = async (session, { options }) => {
  const { output } = session;
  const most =
    options.last === undefined ? shownUsually : parseWhole(options.last, { from: 1, to: 10_000 }, '--last', 'activity');
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const [places, found] = await Promise.all([
      api.listPlaces(),
      api.activity({ most, problemsOnly: options.problems }),
    ]);
    const naming = namingOf(session, { places });
    const entries = found.toSorted((left, right) => left.id - right.id);
    if (entries.length === 0) output.say(options.problems ? 'No problems.' : 'Nothing has happened yet.');
    await output.items(entries, {
      json: (entry) => activityJson(entry, naming),
      row: (entry) => activityRow(output, entry, naming),
    });
    return 'done';
  });
};

/** Problems are marked by a word too, since colours alone say nothing. */
function activityRow({ style, isTerminal, columns }: Output, entry: Activity, naming: Naming): string {
  const mark = entry.isProblem ? style.attention('problem') : '       ';
  const words = activityWords(entry, naming);
  const indent = ' '.repeat(27);
  const lines = isTerminal ? wrap(words, Math.max(60, columns - 1), indent).trimStart() : words;
  return `${formatTime(timeOfMs(entry.atMs))}  ${mark}  ${lines}`;
}
