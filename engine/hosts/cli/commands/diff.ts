import { formatBytes, formatCount } from '../../text/figures.ts';
import type { Run } from '../commands.ts';
import { untilStopped } from '../stopping.ts';

export const diff: Run<'diff'> = async (session, { arguments: [before = '', after = '', typed] }) => {
  const { engine, output, signal } = session;
  return await session.withVault('read', async (vault) => {
    const [from, to] = [engine.findSnapshot(vault, before), engine.findSnapshot(vault, after)];
    const path = typed === undefined ? undefined : session.fullPath(typed);
    const counts = new Map<string, number>();
    await output.items(untilStopped(engine.diffSnapshots(vault, from, to, path), signal), {
      json: ({ change, path, sizeBefore, sizeAfter }) => ({ change, path, sizeBefore, sizeAfter }),
      row: ({ change, path, sizeBefore, sizeAfter }) => {
        counts.set(change, (counts.get(change) ?? 0) + 1);
        return `${change.padEnd(8)}  ${output.path(path)}${sizes(sizeBefore, sizeAfter)}`;
      },
    });
    const words = [...counts].map(([change, count]) => `${formatCount(count)} ${wordFor(change)}`);
    output.sum(words.length === 0 ? 'Nothing differs.' : `${words.join(', ')}.`);
    return 'done';
  });
};

const wordFor = (change: string): string =>
  change === 'metadata' ? 'with other times, owners or permissions' : change;

function sizes(before: number | null, after: number | null): string {
  if (before === null && after === null) return '';
  if (before === null || after === null) return `   ${formatBytes(before ?? after ?? 0)}`;
  return before === after ? '' : `   ${formatBytes(before)} → ${formatBytes(after)}`;
}
