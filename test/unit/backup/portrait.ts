import { createHash } from 'node:crypto';
import { toHex } from '../../../engine/base/index.ts';
import { type FileSystem, nameBytes } from '../../../engine/filesystem/index.ts';
import type { TreeEntry } from '../../../engine/format/index.ts';
import type { Walked } from './walker.ts';
import { read } from './world.ts';

/** Everything a backup has to keep, as one line for each path: two portraits that are equal show the same files. */
export type Portrait = Record<string, string>;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

export function portraitOfDisk(disk: FileSystem, root: string): Portrait {
  const portrait: Portrait = {};
  const visit = (path: string): void => {
    const stat = disk.lstat(path);
    const words: unknown[] = [
      stat.mode,
      stat.uid,
      stat.gid,
      stat.mtimeSeconds,
      stat.mtimeNanoseconds,
      stat.ctimeNanoseconds,
    ];
    for (const { name, value } of disk.xattrs(path)) words.push(`${toHex(nameBytes(name))}=${toHex(value)}`);
    if (stat.kind === 'file') words.push(stat.size, digest(read(disk, path)));
    if (stat.kind === 'link') words.push(disk.readLink(path));
    if (stat.kind === 'character' || stat.kind === 'block') words.push(stat.major, stat.minor);
    if (stat.kind === 'file' && stat.links > 1) words.push(`inode ${stat.inode}`);
    portrait[path] = `${kindWords[stat.kind] ?? stat.kind} ${words.join(' ')}`;
    if (stat.kind === 'folder') for (const name of disk.list(path)) visit(`${path}/${name}`);
  };
  visit(root);
  return portrait;
}

const kindWords: Readonly<Record<string, string>> = { link: 'symlink', character: 'charDevice', block: 'blockDevice' };

export function portraitOfSnapshot({ entries, files }: Walked): Portrait {
  const portrait: Portrait = {};
  for (const [path, entry] of entries) portrait[path] = lineOf(entry, files.get(path));
  return portrait;
}

function lineOf(entry: TreeEntry, content: Uint8Array | undefined): string {
  const { mode, uid, gid, mtime, ctime } = entry;
  const words: unknown[] = [mode, uid, gid, mtime.seconds, mtime.nanoseconds, ctime.nanoseconds];
  for (const { name, value } of entry.xattrs ?? []) words.push(`${toHex(name)}=${toHex(value)}`);
  if (entry.kind === 'file') words.push(entry.size, content === undefined ? 'unread' : digest(content));
  if (entry.kind === 'symlink') words.push(Buffer.from(entry.target).toString());
  if (entry.kind === 'charDevice' || entry.kind === 'blockDevice') words.push(entry.major, entry.minor);
  if (entry.kind === 'file' && entry.hardLink !== undefined) words.push(`inode ${entry.hardLink.inode}`);
  const state = entry.state === undefined ? '' : ` (${entry.state})`;
  return `${entry.kind} ${words.join(' ')}${state}`;
}
