import { alignCells } from '../../text/columns.ts';
import { countOf, formatBytes, formatCount } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { snapshotJson } from '../json.ts';
import { unlessStopped } from '../stopping.ts';

export const stats: Run<'stats'> = async (session) => {
  const { engine, output, signal } = session;
  return await session.withVault('read', async (vault) => {
    const found = await unlessStopped(engine.vaultStats(vault), signal);
    const { snapshots, devices, packs, storedBytes, chunks, chunkBytes, latest } = found;
    output.object({
      ...{ snapshots, devices, packs, storedBytes, chunks, chunkBytes },
      latest: latest === null ? null : snapshotJson(latest),
    });
    const rows = [
      ['snapshots', formatCount(snapshots)],
      ['devices', formatCount(devices)],
      ['stored', `${formatBytes(storedBytes)} in ${countOf(packs, 'pack')}`],
      ['holds', `${formatBytes(chunkBytes)} in ${countOf(chunks, 'different piece')}`],
      [
        'newest',
        latest === null
          ? 'none'
          : `${shortName(latest.id)} of ${formatTime(latest.finished)}, ${output.path(latest.host)}`,
      ],
    ];
    for (const line of alignCells(['left', 'left'], rows)) output.row(line);
    return 'done';
  });
};
