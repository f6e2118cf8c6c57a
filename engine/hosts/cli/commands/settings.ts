import { settingsRows } from '../../text/agent-settings.ts';
import { alignCells } from '../../text/columns.ts';
import { settingsChange } from '../agent/settings-options.ts';
import { sayWhenAlone, withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';

export const settings: Run<'settings'> = async (session, { options }) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async (agent) => {
    const before = await agent.api.settings();
    const change = settingsChange(options, before);
    const isChange = Object.keys(change).length > 0;
    const after = isChange ? await agent.api.changeSettings(change) : before;
    output.object(after);
    if (isChange) output.say(`${output.style.safe('Changed.')} From now on:`);
    for (const line of alignCells(['left', 'left'], settingsRows(after))) output.row(`  ${line}`);
    if (isChange) sayWhenAlone(session, agent);
    return 'done';
  });
};
