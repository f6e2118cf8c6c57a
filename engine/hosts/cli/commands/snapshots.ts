import type { SnapshotInfo } from '../../engine.ts';
import { layColumns } from '../../text/columns.ts';
import { formatBytes, formatCount } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { snapshotJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';

export const snapshots: Run<'snapshots'> = async (session, { options }) => {
  const { output } = session;
  const last =
    options.last === undefined ? null : parseWhole(options.last, { from: 1, to: 1e9 }, '--last', 'snapshots');
  return await session.withVault('read', async (vault) => {
    const wanted = vault.snapshots.filter(
      ({ tags }) => options.tag.length === 0 || options.tag.some((tag) => tags.includes(tag)),
    );
    const shown = last === null ? wanted : wanted.slice(-last);
    if (shown.length === 0)
      output.say(vault.snapshots.length === 0 ? 'This vault has no snapshot yet.' : 'No snapshot has this mark.');
    const rows = rowsOf(output, shown);
    if (shown.length > 0) output.say(rows[0] ?? '');
    let at = 0;
    await output.items(shown, { json: snapshotJson, row: () => rows[++at] ?? '' });
    return 'done';
  });
};

function rowsOf(output: Output, shown: readonly SnapshotInfo[]): string[] {
  const columns = [
    { title: 'snapshot' },
    { title: 'finished' },
    { title: 'host' },
    { title: 'files', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'new', align: 'right' },
    { title: 'failed', align: 'right' },
    ...(shown.some(({ deferred }) => deferred > 0) ? [{ title: 'to come', align: 'right' } as const] : []),
    { title: 'sources' },
  ] as const;
  const rows = shown.map((snapshot) => [
    shortName(snapshot.id),
    formatTime(snapshot.finished),
    output.path(snapshot.host),
    formatCount(snapshot.files),
    formatBytes(snapshot.bytes),
    formatBytes(snapshot.newBytes),
    formatCount(snapshot.failed),
    ...(columns.length === 9 ? [snapshot.deferred === 0 ? '' : formatCount(snapshot.deferred)] : []),
    sourcesOf(output, snapshot),
  ]);
  return layColumns(columns, rows);
}

function sourcesOf(output: Output, { sources, tags }: SnapshotInfo): string {
  return [...sources.map((path) => output.path(path)), ...tags.map((tag) => `[${output.path(tag)}]`)].join(' ');
}
