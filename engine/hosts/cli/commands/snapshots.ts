import type { ExitName } from '../../../base/index.ts';
import type { SnapshotInfo, Vault } from '../../engine.ts';
import { layColumns } from '../../text/columns.ts';
import { formatBytes, formatCount } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime, isoTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { snapshotJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';
import type { Session } from '../session.ts';

export const snapshots: Run<'snapshots'> = async (session, { options }) => {
  const { output } = session;
  const last =
    options.last === undefined ? null : parseWhole(options.last, { from: 1, to: 1e9 }, '--last', 'snapshots');
  return await session.withVault('read', async (vault) => {
    if (options.forgotten) return await listForgotten(session, vault, last);
    const wanted = vault.snapshots.filter(
      ({ tags }) => options.tag.length === 0 || options.tag.some((tag) => tags.includes(tag)),
    );
    const shown = last === null ? wanted : wanted.slice(-last);
    if (shown.length === 0)
      output.say(vault.snapshots.length === 0 ? 'This vault has no snapshot yet.' : 'No snapshot has this mark.');
    const rows = rowsOf(output, shown);
    if (shown.length > 0) output.say(rows[0] ?? '');
    let at = 0;
    await output.items(shown, {
      json: (info) => ({ ...snapshotJson(info), forgotten: null }),
      row: () => rows[++at] ?? '',
    });
    return 'done';
  });
};

function rowsOf(output: Output, shown: readonly SnapshotInfo[]): string[] {
  const hasDeferred = shown.some(({ deferred }) => deferred > 0);
  const columns = [
    { title: 'snapshot' },
    { title: 'finished' },
    { title: 'host' },
    { title: 'files', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'new', align: 'right' },
    { title: 'failed', align: 'right' },
    ...(hasDeferred ? [{ title: 'to come', align: 'right' } as const] : []),
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
    ...(hasDeferred ? [snapshot.deferred === 0 ? '' : formatCount(snapshot.deferred)] : []),
    sourcesOf(output, snapshot),
  ]);
  return layColumns(columns, rows);
}

function sourcesOf(output: Output, { sources, tags, pinned }: SnapshotInfo): string {
  const marks = tags.map((tag) => `[${output.path(tag)}]`);
  return [...(pinned ? ['(pinned)'] : []), ...sources.map((path) => output.path(path)), ...marks].join(' ');
}

async function listForgotten(
  { engine, output, signal }: Session,
  vault: Vault,
  last: number | null,
): Promise<ExitName> {
  const listed = (await engine.listForgotten(vault, signal)).flatMap(({ snapshot, ...forgotten }) =>
    snapshot === null ? [] : [{ snapshot, forgotten }],
  );
  const shown = last === null ? listed : listed.slice(-last);
  const hosts = new Map(vault.snapshots.map(({ device, host }) => [device, host]));
  for (const { snapshot } of listed) hosts.set(snapshot.device, snapshot.host);
  const rows = layColumns(
    [{ title: 'snapshot' }, { title: 'finished' }, { title: 'forgotten' }, { title: 'by' }, { title: 'why' }],
    shown.map(({ snapshot, forgotten: { device, time, reason } }) => [
      shortName(snapshot.id),
      formatTime(snapshot.finished),
      formatTime(time),
      output.path(hosts.get(device) ?? shortName(device)),
      output.path(reason),
    ]),
  );
  output.say(shown.length === 0 ? 'Nothing is forgotten that could come back.' : (rows[0] ?? ''));
  let at = 0;
  await output.items(shown, {
    json: ({ snapshot, forgotten: { device, time, reason } }) => ({
      ...snapshotJson(snapshot),
      forgotten: { device, time: isoTime(time), reason },
    }),
    row: () => rows[++at] ?? '',
  });
  if (shown.length > 0) output.sum('To bring one back: coffer unforget SNAPSHOT');
  return 'done';
}
