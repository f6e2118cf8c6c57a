import { shownPath } from '../agent/naming.ts';
import { withSecret } from '../agent/secret.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';

/** Of the running agent only: one of the command's own would forget the secret with its end. */
export const unlock: Run<'places unlock'> = async (session, { arguments: [typed = ''] }) => {
  const { output } = session;
  const url = session.fullStore(typed);
  return await withAgent(session, { alone: false }, async ({ api }) => {
    await withSecret(session, url, async (secret) => await api.unlock({ url, ...secret }));
    output.object({ url });
    output.say(`${output.style.safe('Unlocked.')} Saving to ${shownPath(session, url)} goes on.`);
    return 'done';
  });
};
