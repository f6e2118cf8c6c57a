import type { Time } from '../../base/index.ts';
import { nameFromBytes } from '../../filesystem/index.ts';
import type { EntryKind, TreeEntry, TreeHeader } from '../../format/index.ts';

/** One entry of a snapshot as people see it. Paths are text ([Note: path text]); what is not printable is kept. */
export type EntryInfo = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'character' | 'block';
  /** Of a folder: the files below it. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Names where the computer that wrote the snapshot knew them. */
  readonly owner: string | null;
  readonly group: string | null;
  readonly mtime: Time;
  readonly target: string | null;
  /** Null: whole. Else `changed-while-read`, `earlier-version`, or `unreadable:` and a code. */
  readonly state: string | null;
};

const kinds: Readonly<Record<EntryKind, EntryInfo['kind']>> = {
  file: 'file',
  folder: 'folder',
  symlink: 'link',
  fifo: 'fifo',
  socket: 'socket',
  charDevice: 'character',
  blockDevice: 'block',
};

/** `header` is that of the listing the entry stands in; a source stands in none. */
export function entryInfo(path: string, entry: TreeEntry, header: TreeHeader | null): EntryInfo {
  const { kind, mode, uid, gid, mtime } = entry;
  return {
    path,
    kind: kinds[kind],
    size: kind === 'file' || kind === 'folder' ? entry.size : 0,
    mode,
    uid,
    gid,
    owner: header?.owners.find(({ id }) => id === uid)?.name ?? null,
    group: header?.groups.find(({ id }) => id === gid)?.name ?? null,
    mtime,
    target: kind === 'symlink' ? nameFromBytes(entry.target) : null,
    state: entry.state ?? null,
  };
}
