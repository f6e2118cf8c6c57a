import type { Time } from '../base/index.ts';
import type { CborMap } from './cbor-writer.ts';

/** State of a file that was newer when the snapshot was made: it stands here as an earlier snapshot has it. */
export const earlierVersion = 'earlier-version';

/** Entries of a directory's listing, as FORMAT.md section 9 describes them. Names and targets are bytes, never text. */
export type TreeEntry = FileEntry | FolderEntry | SymlinkEntry | DeviceEntry | PipeEntry;
export type EntryKind = TreeEntry['kind'];

type Common = {
  readonly name: Uint8Array;
  /** The 12 permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Time;
  readonly ctime: Time;
  /** Absent: complete. Else `changed-while-read`, `earlier-version`, or `unreadable:` and a code. */
  readonly state?: string;
  readonly hardLink?: HardLink;
  readonly xattrs?: readonly Xattr[];
  /** Extras that a newer Coffer wrote: kept, and not understood. */
  readonly unknown?: CborMap;
};

export type FileEntry = Common & {
  readonly kind: 'file';
  readonly size: number;
  /** Chunk ids end to end; null: the file could not be read. */
  readonly content: Uint8Array | null;
  /** Offset, length, offset, length, …: rising. The holes' zero bytes are part of the content all the same. */
  readonly holes?: readonly number[];
};

export type FolderEntry = Common & {
  readonly kind: 'folder';
  /** Bytes of all files below it. */
  readonly size: number;
  /** Ids of the chunks of its own listing, end to end; null: it could not be read. */
  readonly content: Uint8Array | null;
  /** Entries below it, at every depth. */
  readonly entries?: number;
};

export type SymlinkEntry = Common & { readonly kind: 'symlink'; readonly target: Uint8Array };

export type DeviceEntry = Common & {
  readonly kind: 'charDevice' | 'blockDevice';
  readonly major: number;
  readonly minor: number;
};

export type PipeEntry = Common & { readonly kind: 'fifo' | 'socket' };

/** Entries of one source with the same numbers are one file. */
export type HardLink = { readonly inode: bigint; readonly device?: bigint };

export type Xattr = { readonly name: Uint8Array; readonly value: Uint8Array };

/** The order of FORMAT.md's type codes. */
export const entryKinds = [
  'file',
  'folder',
  'symlink',
  'fifo',
  'socket',
  'charDevice',
  'blockDevice',
] as const satisfies readonly EntryKind[];

export type TreePlatform = 'posix' | 'windows';
export const treePlatforms = ['posix', 'windows'] as const satisfies readonly TreePlatform[];

export type NamedOwner = { readonly id: number; readonly name: string };

export type TreeHeader = {
  readonly platform: TreePlatform;
  /** Names of ids that occur in this tree, where they were known; sorted by id. */
  readonly owners: readonly NamedOwner[];
  readonly groups: readonly NamedOwner[];
};

export function compareNames(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}

const slash = 0x2f;
const backslash = 0x5c;

/**
 * Whether a name may stand in a tree, and so may become one step of a path: a vault from a stranger must not lead outside
 * the target of a restore.
 */
export function isEntryName(name: Uint8Array, platform: TreePlatform): boolean {
  const { length } = name;
  if (length === 0 || (name[0] === 0x2e && (length === 1 || (length === 2 && name[1] === 0x2e)))) return false;
  for (let at = 0; at < length; at++) {
    const byte = name[at];
    if (byte === 0 || byte === slash || (byte === backslash && platform === 'windows')) return false;
  }
  return true;
}

/** The name of a source that is the root of a file system. */
export const isRootName = (name: Uint8Array): boolean => name.length === 1 && name[0] === slash;
