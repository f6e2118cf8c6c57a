import type { AgentState } from '../../../contract/index.ts';
import { sentenceLine, stateSentence } from '../../text/agent-state.ts';
import { reasonJson } from '../agent/json.ts';
import { namingOf } from '../agent/naming.ts';
import { followState, withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import { parseSeconds } from '../quantities.ts';

/** How long one question to the agent may take; without --timeout it is asked again. */
const askedMs = 86_400_000;

export const wait: Run<'wait'> = async (session, { options }) => {
  const { output } = session;
  const timeoutMs = options.timeout === undefined ? null : parseSeconds(options.timeout, '--timeout', 'wait') * 1000;
  return await withAgent(session, { alone: false }, async (agent) => {
    const { api } = agent;
    followState(agent, (state) =>
      output.live.show(() => `  ${sentenceLine(stateSentence(state, namingOf(session, state)))}`),
    );
    let safe = await api.waitUntilSafe({ timeoutMs: timeoutMs ?? askedMs });
    let state = await api.state();
    while (!safe && timeoutMs === null && !isStuck(state)) {
      safe = await api.waitUntilSafe({ timeoutMs: askedMs });
      state = await api.state();
    }
    const naming = namingOf(session, state);
    const { standing, reason, exposure } = state;
    output.object({ safe, state: standing, reason: reasonJson(reason, naming), exposure });
    const line = sentenceLine(stateSentence(state, naming));
    if (safe) output.say(`${output.style.safe('Everything is safe')} that had changed before.`);
    else output.say(`${output.style.attention('Not safe yet.')} ${line}`);
    if (safe) return 'done';
    return isStuck(state) ? 'someFilesFailed' : 'notYet';
  });
};

/** All is saved that could be read, and longer waiting would not help the rest. */
const isStuck = ({ coverage, exposure }: AgentState): boolean => coverage.failed > 0 && exposure.files === 0;
