import type { ExitName } from '../../../base/index.ts';
import { activityWords } from '../../text/agent-activity.ts';
import { agentReason } from '../../text/agent-reasons.ts';
import { sentenceLine, stateSentence } from '../../text/agent-state.ts';
import type { Attached } from '../agent/attach.ts';
import { type FollowedRun, listenToRun } from '../agent/follow-run.ts';
import { activityJson, reasonJson } from '../agent/json.ts';
import { namingOf } from '../agent/naming.ts';
import { pictureOf } from '../agent/picture.ts';
import { runPlace, runWords } from '../agent/run-line.ts';
import { withSecret } from '../agent/secret.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { CallOf, Run } from '../commands.ts';
import { failureLines } from '../failure-lines.ts';
import type { Session } from '../session.ts';

export const now: Run<'now'> = async (session, call) =>
  await withAgent(session, { alone: !call.options['no-wait'] }, async (agent) => {
    if (agent.isAlone) await unlockPlaces(session, agent);
    return await runNow(session, call, agent);
  });

async function runNow(session: Session, { options }: CallOf<'now'>, agent: Attached): Promise<ExitName> {
  const { output, signal } = session;
  const listening = listenToRun(session, agent, (state) => {
    const { run } = state;
    if (run === null) return;
    const place = runPlace(state);
    const naming = namingOf(session, state);
    output.live.show(() => `  ${place === null ? '' : `${naming.path(place)}   `}${runWords(run)}`);
  });
  try {
    const { run, waits } = await agent.api.backUpNow({ anyway: options.anyway });
    if (run === null || options['no-wait']) return await sayAsked(session, agent, { run, waits });
    if (!agent.isAlone) {
      signal.addEventListener('abort', () => output.note('The agent goes on with the run.'), { once: true });
    }
    return await sayEnded(session, agent, run, await listening.untilEnd());
  } finally {
    listening.stop();
  }
}

type Asked = Awaited<ReturnType<Attached['api']['backUpNow']>>;

/** What is true when nothing is followed: it begins, or something holds it back. */
async function sayAsked({ host, output }: Session, { api }: Attached, { run, waits }: Asked): Promise<ExitName> {
  const state = await api.state();
  const naming = namingOf({ host, output }, state);
  const { standing, reason, exposure } = state;
  output.object({
    ...{ run, waits: reasonJson(waits, naming), ended: false, results: [] },
    ...{ state: standing, reason: reasonJson(reason, naming), exposure },
  });
  if (waits !== null) {
    const { words, remedy } = agentReason(waits, naming);
    output.say(`${output.style.attention('Not now:')} ${words}`);
    if (remedy !== null) output.say(`  → ${remedy}`);
    return 'notYet';
  }
  output.say(run === null ? sentenceLine(stateSentence(state, naming)) : 'Asked. The run begins now.');
  return 'done';
}

async function sayEnded(
  session: Session,
  { api, isAlone }: Attached,
  run: number,
  ended: FollowedRun,
): Promise<ExitName> {
  const { output } = session;
  const { state, results } = ended;
  const naming = namingOf(session, state);
  const { standing, reason, exposure } = state;
  output.object({
    ...{ run, waits: null, ended: true, results: results.map((entry) => activityJson(entry, naming)) },
    ...{ state: standing, reason: reasonJson(reason, naming), exposure },
  });
  for (const entry of results) output.say(`  ${activityWords(entry, naming)}`);
  for (const line of pictureOf(isAlone ? { ...state, processId: session.host.processId } : state, naming, output))
    output.say(line);
  const failures = await api.failures();
  if (!output.json) output.errorLines(failureLines(output, failures, failures.length));
  if (results.some(({ kind }) => kind === 'runFailed')) return 'failed';
  // It was stopped, by a pause for instance.
  if (results.length === 0) return 'notYet';
  return failures.length > 0 || standing === 'attention' || standing === 'atRisk' ? 'someFilesFailed' : 'done';
}

/** Without an agent that has them, the secrets come from where every command takes them. */
async function unlockPlaces(session: Session, { api }: Attached): Promise<void> {
  const { places } = await api.state();
  for (const { url, reason } of places) {
    if (reason?.code !== 'attention.locked') continue;
    await withSecret(session, url, async (secret) => await api.unlock({ url, ...secret }));
  }
}
