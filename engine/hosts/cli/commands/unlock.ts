import { shownPath } from '../agent/naming.ts';
import { withPassphrase } from '../agent/passphrase.ts';
import { withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';

/** Of the running agent only: one of the command's own would forget the passphrase with its end. */
export const unlock: Run<'places unlock'> = async (session, { arguments: [typed = ''] }) => {
  const { output } = session;
  const url = session.fullStore(typed);
  return await withAgent(session, { alone: false }, async ({ api }) => {
    await withPassphrase(session, url, async (passphrase) => await api.unlock({ url, passphrase }));
    output.object({ url });
    output.say(`${output.style.safe('Unlocked.')} Saving to ${shownPath(session, url)} goes on.`);
    return 'done';
  });
};
