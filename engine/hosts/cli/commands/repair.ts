import type { Run } from '../commands.ts';

export const repair: Run<'repair'> = async (session, { options }) => {
  const { engine, ports, output } = session;
  return await session.withVault(options.apply ? 'write' : 'read', async (vault) => {
    const { actions } = await engine.repairVault(ports, vault, { dryRun: !options.apply });
    output.object({ applied: options.apply, actions });
    if (actions.length === 0) output.say('There is nothing to repair.');
    else output.say(options.apply ? `${output.style.safe('Done.')}` : 'This would be done:');
    for (const action of actions) output.row(`  ${output.path(action)}`);
    if (actions.length > 0 && !options.apply) output.say('Nothing was written. To do it: coffer repair --apply');
    return 'done';
  });
};
