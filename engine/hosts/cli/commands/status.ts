import type { FileFailure } from '../../../contract/index.ts';
import { reasonOf } from '../../text/reasons.ts';
import { stateJson, timeJson } from '../agent/json.ts';
import { asAlone, namingOf, shownPath } from '../agent/naming.ts';
import { pictureOf } from '../agent/picture.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import { linesByReason } from '../failure-lines.ts';
import type { Session } from '../session.ts';

export const status: Run<'status'> = async (session) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api, isAlone }) => {
    const [told, failures] = await Promise.all([api.state(), api.failures()]);
    const state = isAlone ? asAlone(told) : told;
    const naming = namingOf(session, state);
    output.object({
      ...stateJson(state, naming),
      failures: failures.map(({ path, code, sinceMs, place }) => ({ path, code, since: timeJson(sinceMs), place })),
    });
    for (const line of pictureOf(state, naming, output)) output.row(line);
    for (const line of failureRows(session, failures)) output.row(line);
    return state.standing === 'attention' || state.standing === 'atRisk' ? 'someFilesFailed' : 'done';
  });
};

/** A file that fails at several places is one problem. */
function failureRows(session: Session, failures: readonly FileFailure[]): string[] {
  const byPath = new Map(failures.map((failure) => [failure.path, failure]));
  const items = [...byPath.values()].map(({ path, code }) => {
    const { words, remedy } = reasonOf(code);
    return { path: shownPath(session, path), reason: `${words} → ${remedy}` };
  });
  return linesByReason('Failed  ', items, session.output);
}
