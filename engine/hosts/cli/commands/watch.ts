import { timeOfMs } from '../../../base/index.ts';
import type { Activity, AgentState } from '../../../contract/index.ts';
import { activityWords } from '../../text/agent-activity.ts';
import { sentenceLine, stateSentence } from '../../text/agent-state.ts';
import { wrap } from '../../text/columns.ts';
import { formatTime, formatTimeOfDay } from '../../text/times.ts';
import type { Attached } from '../agent/attach.ts';
import { activityJson, patchJson } from '../agent/json.ts';
import { namingOf } from '../agent/naming.ts';
import { pictureOf } from '../agent/picture.ts';
import { followState, withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import type { Output } from '../output.ts';
import { createRedraw } from '../redraw.ts';
import type { Session } from '../session.ts';

/** Until Ctrl-C, or until the agent or the reader goes away. */
export const watch: Run<'watch'> = async (session) => {
  try {
    return await withAgent(session, { alone: false }, async (agent) => {
      if (session.output.json) return await watchJson(session, agent);
      return await (session.output.isTerminal ? watchPicture(session, agent) : watchLines(session, agent));
    });
  } catch (error) {
    if (session.signal.aborted) return 'done';
    throw error;
  }
};

/** Ends by being abandoned: `withAgent` knows of the signal and of an agent that goes away. */
const forever = new Promise<never>(() => {});

async function watchJson(session: Session, agent: Attached): Promise<never> {
  const { output } = session;
  let places: AgentState['places'] = [];
  agent.on('state', (patch) => {
    places = patch.places ?? places;
    output.object(patchJson(patch, namingOf(session, { places })));
    void output.flush();
  });
  agent.on('activity', (entry) => {
    output.object({ activity: activityJson(entry, namingOf(session, { places })) });
    void output.flush();
  });
  return await forever;
}

/** A line for each change of what the sentence says, and for each thing that happens. */
async function watchLines(session: Session, agent: Attached): Promise<never> {
  const { host, output } = session;
  let said = '';
  let places: AgentState['places'] = [];
  const line = (words: string): void => {
    output.row(`${formatTime(timeOfMs(host.clock.now()))}  ${words}`);
    void output.flush();
  };
  followState(agent, (state) => {
    places = state.places;
    // Not the figures: they change all the time.
    const saying = [state.standing, state.reason?.code, state.protectedMs, state.coverage.failed].join(' ');
    if (saying === said) return;
    said = saying;
    line(sentenceLine(stateSentence(state, namingOf(session, state))));
  });
  agent.on('activity', (entry) => line(activityWords(entry, namingOf(session, { places }))));
  return await forever;
}

const activitiesShown = 8;
/** So that "2 minutes ago" stays true while nothing changes. */
const tickMs = 1000;

async function watchPicture(session: Session, agent: Attached): Promise<never> {
  const { host, output, signal } = session;
  const screen = createRedraw(host.out);
  let happened: readonly Activity[] = await agent.api.activity({ most: activitiesShown, problemsOnly: false });
  let current: AgentState | null = null;
  const draw = (): void => {
    if (current !== null) screen.draw(pictureWithActivity(session, current, happened));
  };
  followState(agent, (state) => {
    current = state;
    draw();
  });
  agent.on('activity', (entry) => {
    happened = [...happened.filter(({ id }) => id !== entry.id), entry];
    draw();
  });
  for (;;) {
    await host.clock.sleep(tickMs, signal);
    draw();
    if (output.isClosed) return await forever;
  }
}

/** What happened stands below, the newest last; of what finds no room the oldest is left out. */
function pictureWithActivity(session: Session, state: AgentState, happened: readonly Activity[]): string[] {
  const { output, host } = session;
  const naming = namingOf(session, state);
  const picture = pictureOf(state, naming, output);
  // One row stays free for the cursor, one parts the two.
  let room = host.out.rows - picture.length - 2;
  const entries: string[][] = [];
  for (const entry of happened.toSorted((left, right) => right.id - left.id).slice(0, activitiesShown)) {
    const lines = entryLines(entry, activityWords(entry, naming), output);
    room -= lines.length;
    if (room < 0) break;
    entries.unshift(lines);
  }
  return entries.length === 0 ? picture : [...picture, '', ...entries.flat()];
}

const timeColumns = 10;

function entryLines({ atMs, isProblem }: Activity, words: string, { columns, style }: Output): string[] {
  const lines = wrap(isProblem ? `problem: ${words}` : words, columns - 1 - timeColumns).split('\n');
  return lines.map((line, at) => {
    const time = at === 0 ? `  ${formatTimeOfDay(atMs)}` : '';
    return `${time.padEnd(timeColumns)}${isProblem ? style.attention(line) : line}`;
  });
}
