import type { Style } from '../../text/style.ts';
import type { Run } from '../commands.ts';

export const repair: Run<'repair'> = async (session, { options }) => {
  const { engine, ports, output, signal } = session;
  return await session.withVault(options.apply ? 'write' : 'read', async (vault) => {
    const { actions, written } = await engine.repairVault(ports, vault, { dryRun: !options.apply, signal });
    output.object({ applied: options.apply, written, actions });
    if (actions.length === 0) output.say('There is nothing to repair.');
    else output.say(title(options.apply, written, output.style));
    for (const action of actions) output.row(`  ${output.path(action)}`);
    if (written > 0 && !options.apply) output.say('Nothing was written. To do it: coffer repair --apply');
    return 'done';
  });
};

/** What cannot be repaired from here is said too, and needs no writing. */
function title(isApplied: boolean, written: number, style: Style): string {
  if (written === 0) return 'There is nothing that could be written to repair it.';
  return isApplied ? style.safe('Done.') : 'This would be done:';
}
