import { countOf, formatBytes } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime, isoTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { entryJson } from '../json.ts';
import { untilStopped } from '../stopping.ts';

export const find: Run<'find'> = async (session, { arguments: [typed = ''], options }) => {
  const { engine, output, signal } = session;
  return await session.withVault('read', async (vault) => {
    const chosen = options.snapshot.map((name) => engine.findSnapshot(vault, name));
    const pattern = /[*?]/.test(typed) ? typed : `*${typed}*`;
    const found = engine.findByName(vault, { pattern, ...(chosen.length === 0 ? {} : { snapshots: chosen }) });
    const count = await output.items(untilStopped(found, signal), {
      json: (entry) => ({ ...entryJson(entry), snapshot: entry.snapshot, firstSeen: isoTime(entry.firstSeen) }),
      row: (entry) => {
        const size = entry.kind === 'file' ? formatBytes(entry.size) : entry.kind;
        return `${shortName(entry.snapshot)}  ${formatTime(entry.mtime)}  ${size.padStart(9)}  ${output.path(entry.path)}`;
      },
    });
    output.sum(count === 0 ? `Nothing has a name like ${output.path(pattern)}` : `${countOf(count, 'version')} found.`);
    return 'done';
  });
};
