import { alignCells } from '../../text/columns.ts';
import { formatBytes } from '../../text/figures.ts';
import { formatTime, isoTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';

export const config: Run<'config'> = async (session) => {
  const { engine, output, store } = session;
  return await session.withVault('read', async (opened) => {
    const { vault, version, chunkIds, chunker, level, created } = engine.vaultConfig(opened);
    output.object({ vault, store, version, chunkIds, chunker, level, created: isoTime(created) });
    const sizes = ['min', 'average', 'max'].map((name) => `${name} ${formatBytes(chunker[name] ?? 0)}`);
    const rows = [
      ['vault', vault],
      ['place', output.path(store)],
      ['format', String(version)],
      ['made', formatTime(created)],
      ['pieces', sizes.join(', ')],
      ['names', chunkIds],
      ['level', String(level)],
    ];
    for (const line of alignCells(['left', 'left'], rows)) output.row(line);
    return 'done';
  });
};
