import { systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, nameBytes, type Xattr } from '../../filesystem/index.ts';
import { earlierVersion, type FileEntry, type FolderEntry, type TreeEntry } from '../../format/index.ts';
import { type ChunkTable, idAt } from '../../repository/index.ts';
import type { FolderResult } from './folder-cache.ts';
import { countIds } from './listing.ts';
import type { FileContent } from './tasks.ts';

type Metadata = Pick<TreeEntry, 'name' | 'mode' | 'uid' | 'gid' | 'mtime' | 'ctime'>;

const metadata = (name: string, stat: FileStat): Metadata => ({
  name: nameBytes(name),
  mode: stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  mtime: { seconds: stat.mtimeSeconds, nanoseconds: stat.mtimeNanoseconds },
  ctime: { seconds: stat.ctimeSeconds, nanoseconds: stat.ctimeNanoseconds },
});

function withXattrs(xattrs: readonly Xattr[]): Pick<TreeEntry, 'xattrs'> {
  if (xattrs.length === 0) return {};
  const named = xattrs.map(({ name, value }) => ({ name: nameBytes(name), value }));
  return { xattrs: named.sort((left, right) => Buffer.compare(left.name, right.name)) };
}

/** Several names of one file: the device is only said where it is not that of the source itself. */
function withLinks(stat: FileStat, sourceDevice: number): Pick<TreeEntry, 'hardLink'> {
  if (stat.links < 2 || stat.kind === 'folder') return {};
  const inode = BigInt(stat.inode);
  return { hardLink: stat.device === sourceDevice ? { inode } : { inode, device: BigInt(stat.device) } };
}

export function contentEntry(name: string, content: FileContent, sourceDevice: number): FileEntry {
  const { stat, ids, state, xattrs, holes } = content;
  return {
    kind: 'file',
    ...metadata(name, stat),
    size: stat.size,
    content: ids,
    ...(state === null ? {} : { state }),
    ...(holes.length === 0 ? {} : { holes: holes.flatMap(({ offset, length }) => [offset, length]) }),
    ...withLinks(stat, sourceDevice),
    ...withXattrs(xattrs),
  };
}

/**
 * What a snapshot has of a file for which there was no time: its earlier version, if there is one and the vault has all of it.
 * Other names of one file are told by their inode, which may be another file's by now: it stands alone.
 */
export function earlierEntry(earlier: TreeEntry | null, table: ChunkTable): TreeEntry | null {
  if (earlier === null || earlier.kind === 'folder') return null;
  const { hardLink: _, ...entry } = earlier;
  if (entry.kind === 'file' && (entry.content === null || !isCountedOn(entry.content, table))) return null;
  return { ...entry, state: entry.state ?? earlierVersion };
}

function isCountedOn(ids: Uint8Array, table: ChunkTable): boolean {
  for (let chunk = 0; chunk < countIds(ids); chunk++) if (!table.has(idAt(ids, chunk))) return false;
  return true;
}

export function unreadableEntry(name: string, stat: FileStat, code: string): FileEntry {
  return { kind: 'file', ...metadata(name, stat), size: stat.size, content: null, state: `unreadable:${code}` };
}

/** Attributes of a folder that was read before: one that is gone by now has none. */
export function folderXattrs(
  fileSystem: FileSystem,
  path: string,
): { readonly xattrs: readonly Xattr[]; readonly code: string | null } {
  try {
    return { xattrs: fileSystem.xattrs(path), code: null };
  } catch (error) {
    const code = systemCode(error);
    if (code === '') throw error;
    return { xattrs: [], code: code === 'ENOENT' ? null : code };
  }
}

export function folderEntry(name: string, stat: FileStat, result: FolderResult, xattrs: readonly Xattr[]): FolderEntry {
  return {
    kind: 'folder',
    ...metadata(name, stat),
    size: result.bytes,
    content: result.tree,
    ...(result.below > 0 ? { entries: result.below } : {}),
    ...(result.failed === null ? {} : { state: `unreadable:${result.failed}` }),
    ...withXattrs(xattrs),
  };
}

/** Links, pipes, sockets and devices: everything they are stands in their entry. */
export function specialEntry(
  fileSystem: FileSystem,
  path: string,
  name: string,
  stat: FileStat,
  sourceDevice: number,
): TreeEntry {
  const common = { ...metadata(name, stat), ...withLinks(stat, sourceDevice), ...withXattrs(fileSystem.xattrs(path)) };
  switch (stat.kind) {
    case 'link':
      return { kind: 'symlink', ...common, target: nameBytes(fileSystem.readLink(path)) };
    case 'character':
      return { kind: 'charDevice', ...common, major: stat.major, minor: stat.minor };
    case 'block':
      return { kind: 'blockDevice', ...common, major: stat.major, minor: stat.minor };
    case 'socket':
      return { kind: 'socket', ...common };
    default:
      return { kind: 'fifo', ...common };
  }
}

/**
 * Whether the file is what the vault has: same stat, so long ago that a later change must have moved its times, and every
 * chunk still counted on.
 */
export function reusable(entry: TreeEntry, stat: FileStat, table: ChunkTable, racyFromMs: number): boolean {
  if (entry.kind !== 'file' || entry.content === null || entry.state !== undefined) return false;
  const same =
    entry.size === stat.size &&
    entry.mtime.seconds === stat.mtimeSeconds &&
    entry.mtime.nanoseconds === stat.mtimeNanoseconds &&
    entry.ctime.seconds === stat.ctimeSeconds &&
    entry.ctime.nanoseconds === stat.ctimeNanoseconds &&
    entry.mode === stat.mode &&
    entry.uid === stat.uid &&
    entry.gid === stat.gid &&
    stat.links > 1 === (entry.hardLink !== undefined);
  return same && !isRacy(stat, racyFromMs) && isCountedOn(entry.content, table);
}

const dayMs = 24 * 3600 * 1000;

/**
 * Changed so shortly before a moment that another change just after it might leave the same times behind. A date that
 * somebody set far ahead is none of that: another change would give the file the date of its own moment.
 */
export function isRacy({ ctimeSeconds, mtimeSeconds }: FileStat, fromMs: number): boolean {
  const modifiedMs = mtimeSeconds * 1000;
  return ctimeSeconds * 1000 >= fromMs || (modifiedMs >= fromMs && modifiedMs < fromMs + dayMs);
}
