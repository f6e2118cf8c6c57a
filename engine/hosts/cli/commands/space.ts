import type { Space, SpacePart } from '../../engine.ts';
import { type Column, layColumns, wrap } from '../../text/columns.ts';
import { countOf, formatBytes, formatCount } from '../../text/figures.ts';
import { shortenMiddle } from '../../text/width.ts';
import type { Run } from '../commands.ts';
import type { Output } from '../output.ts';
import { unlessStopped } from '../stopping.ts';

export const space: Run<'space'> = async (session, { arguments: [typed], options }) => {
  const { engine, output, signal } = session;
  const by = bys.find((one) => one === options.by);
  return await session.withVault('read', async (vault) => {
    const measuring = engine.measureSpace(vault, {
      ...(by === undefined ? {} : { by }),
      ...(typed === undefined ? {} : { path: session.fullPath(typed) }),
      signal,
      onProgress: (listings) => output.live.show(() => `  reading   ${countOf(listings, 'folder')}`),
    });
    const found = await unlessStopped(measuring, signal);
    output.object(found);
    for (const line of headOf(output, found, vault.snapshots.length)) output.row(line);
    showParts(output, found, options.all);
    if (found.lost === 0) return 'done';
    output.note('Some of the vault cannot be read, and the figures lack it. Run: coffer check');
    return 'vaultDamaged';
  });
};

const bys = ['source', 'folder', 'age'] as const;

function headOf(output: Output, found: Space, snapshots: number): string[] {
  const { path, place, unique, shared, versions } = found;
  if (path !== null) {
    const had = versions === null || versions < 2 ? '' : `, with ${countOf(versions, 'different content')}`;
    const where = `${formatCount(found.snapshots)} of ${countOf(snapshots, 'snapshot')}${had}`;
    return [
      `${output.path(path)}`,
      `  stands in  ${where}`,
      `  only here  ${amountOf(unique)}: comes free if it goes from all of them`,
      `  shared     ${amountOf(shared)}: needed elsewhere too`,
    ];
  }
  if (place === null) return [`${countOf(snapshots, 'snapshot')} in ${amountOf(unique)}.`];
  const { storedBytes, otherBytes, packs, neededPacks, neededBytes } = place;
  const unneededBytes = storedBytes - otherBytes - neededBytes;
  const unneeded = `  not needed  ${formatBytes(unneededBytes)} in ${countOf(packs - neededPacks, 'pack')}`;
  return [
    `${countOf(snapshots, 'snapshot')}, ${formatBytes(storedBytes)} at this place.`,
    `  needed      ${formatBytes(neededBytes)} in ${countOf(neededPacks, 'pack')}, ${formatBytes(unique.bytes)} as files`,
    ...(unneededBytes === 0 ? [] : [unneeded]),
    `  lists       ${formatBytes(otherBytes)}: which snapshot has what, and where it lies`,
  ];
}

const amountOf = ({ bytes, storedBytes }: Space['unique']): string =>
  `${formatBytes(storedBytes)}, ${formatBytes(bytes)} as files`;

/** Lines shown unless all are asked for. */
const linesMost = 20;
/** What the columns of figures take, with the spaces before them. */
const figureColumns = 53;
const nameColumnsMin = 20;

function showParts(output: Output, found: Space, all: boolean): void {
  const { parts, by } = found;
  const shown = all ? parts : parts.slice(0, linesMost);
  // Of one file all is said.
  if (parts.every(({ name, direct }) => name === found.path && !direct)) return;
  const hosts = new Set(parts.map(({ host }) => host));
  const room = Math.max(nameColumnsMin, output.columns - figureColumns);
  const rows = shown.map((part) => {
    const name = nameOf(output, part, found, hosts.size > 1);
    const { unique, shared, snapshots } = part;
    return [
      output.isTerminal ? shortenMiddle(name, room) : name,
      formatCount(snapshots),
      ...[unique.storedBytes, unique.bytes, shared.storedBytes, shared.bytes].map(formatBytes),
    ];
  });
  const columns: readonly Column[] = [
    { title: by === 'age' ? 'age of snapshots' : by },
    ...['snapshots', 'only here', 'as files', 'shared', 'as files'].map(
      (title) => ({ title, align: 'right' }) as const,
    ),
  ];
  const [titles = '', ...lines] = layColumns(columns, rows);
  output.say('');
  output.say(titles);
  for (const line of lines) output.row(line);
  const hidden = parts.length - shown.length;
  if (hidden > 0) output.say(`${formatCount(hidden)} smaller ones; to see them too: --all`);
  output.say('');
  for (const line of legendOf(found)) output.say(output.style.quiet(wrap(line, output.columns)));
}

function legendOf({ exact, by }: Space): string[] {
  return [
    `Only here: comes free if just ${by === 'age' ? 'these snapshots go' : 'this goes, from all snapshots'}. Shared: needed elsewhere too.`,
    ...(exact ? [] : ['Counted in whole packs; to the byte with --by, or with a path.']),
  ];
}

const ageWords: Readonly<Record<string, string>> = {
  day: 'up to a day',
  week: 'up to a week',
  month: 'up to a month',
  year: 'up to a year',
  older: 'older',
};

function nameOf(output: Output, part: SpacePart, { by, path }: Space, withHost: boolean): string {
  if (by === 'age') return ageWords[part.name] ?? part.name;
  const isBelow = path !== null && part.name.startsWith(path === '/' ? path : `${path}/`);
  const name = output.path(isBelow ? part.name.slice(path === '/' ? 1 : path.length + 1) : part.name);
  if (part.direct) return part.name === path ? 'its own files' : `${name}, its own files`;
  return withHost && part.host !== null ? `${output.path(part.host)}: ${name}` : name;
}
