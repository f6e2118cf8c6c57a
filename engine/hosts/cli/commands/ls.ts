import type { EntryInfo } from '../../engine.ts';
import { formatCount } from '../../text/figures.ts';
import { formatTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { entryJson } from '../json.ts';
import type { Output } from '../output.ts';
import { untilStopped } from '../stopping.ts';

export const ls: Run<'ls'> = async (session, { arguments: [name = 'latest', typed], options }) => {
  const { engine, output, signal } = session;
  return await session.withVault('read', async (vault) => {
    const snapshot = engine.findSnapshot(vault, name);
    const path = typed === undefined ? {} : { path: session.fullPath(typed) };
    const entries = engine.listEntries(vault, snapshot, { ...path, recursive: options.recursive });
    await output.items(untilStopped(entries, signal), {
      json: entryJson,
      row: options.long ? (entry) => longRow(output, entry) : (entry) => shortRow(output, entry),
    });
    return 'done';
  });
};

function shortRow(output: Output, entry: EntryInfo): string {
  return output.path(entry.kind === 'folder' && entry.path !== '/' ? `${entry.path}/` : entry.path);
}

const kindLetters = { file: '-', folder: 'd', link: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' } as const;

/** Columns of a fixed width, since a listing may be too long to measure first. */
function longRow(output: Output, entry: EntryInfo): string {
  const owner = output.path(`${entry.owner ?? entry.uid}:${entry.group ?? entry.gid}`);
  const target = entry.target === null ? '' : ` → ${output.path(entry.target)}`;
  const state = entry.state === null ? '' : `   (${entry.state})`;
  const size = formatCount(entry.size).padStart(15);
  return `${kindLetters[entry.kind]}${permissions(entry.mode)}  ${owner.padEnd(16)} ${size}  ${formatTime(entry.mtime)}  ${shortRow(output, entry)}${target}${state}`;
}

/** `rwxr-xr-x`, with s and t where those bits are set, as `ls` writes it. */
function permissions(mode: number): string {
  const letters = [...'rwxrwxrwx'].map((letter, at) => ((mode & (0o400 >> at)) === 0 ? '-' : letter));
  for (const [at, bit, letter] of [
    [2, 0o4000, 's'],
    [5, 0o2000, 's'],
    [8, 0o1000, 't'],
  ] as const) {
    if ((mode & bit) !== 0) letters[at] = letters[at] === '-' ? letter.toUpperCase() : letter;
  }
  return letters.join('');
}
