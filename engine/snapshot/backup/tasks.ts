import type { FileStat, Hole, Xattr } from '../../filesystem/index.ts';
import type { TreeEntry } from '../../format/index.ts';
import type { CachedFolder, FolderResult } from './folder-cache.ts';
import type { Listing } from './listing.ts';

/** A folder's tree in an earlier snapshot. */
export type Previous = {
  readonly tree: Uint8Array;
  /** When it was made, a file changed from then on (ms since 1970) may have changed once more behind an equal stat. */
  readonly racyFromMs: number;
  /**
   * It may have been another folder: of another computer with such a path, or one whose inode was given away. What is unchanged
   * is told by it, but no file in it counts as an earlier version of one that is here.
   */
  readonly isElsewhere?: boolean;
};

/** One folder on its way from listing to tree. It is done when nothing below it waits. */
export type FolderNode = {
  readonly path: string;
  readonly name: string;
  readonly relative: string;
  readonly source: number;
  readonly depth: number;
  readonly parent: FolderNode | null;
  readonly stat: FileStat;
  readonly cached: CachedFolder | null;
  /** What this folder is compared with where the cache knows nothing of it. */
  previous: Previous | null;
  /** A source that is no folder: this node stands for the folder around it, and only its one entry counts. */
  readonly loose: boolean;
  listing: Listing | null;
  /** Outstanding child folders and files, and one for the listing itself. */
  waiting: number;
  /** Resolves when this folder's listing was compared with what the vault has. */
  compared: Promise<void> | null;
  /** Every folder below it is looked at too, whatever the cache knows. */
  looksBelow: boolean;
  /** Names that were found and then not saved whole after all: failed, deferred, or gone. */
  lost: Lost | null;
  readonly children: Map<string, { readonly stat: FileStat; readonly result: FolderResult }>;
  /** Entries of this folder that are not folders; only filled when the folder has changed. */
  entries: TreeEntry[];
  /** The listing is the cached one. */
  unchanged: boolean;
  /** It was gone when it was to be listed. */
  vanished: boolean;
  whole: boolean;
  /** A file changed so shortly before it was read that an equal stat would prove nothing next time. */
  racy: boolean;
};

export type Lost = { files: number; folders: number; others: number; failed: number; deferred: number };

export type FileTask = {
  readonly node: FolderNode;
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
  /** What the newest snapshot has under this name. */
  readonly earlier: TreeEntry | null;
};

export type FileContent = {
  readonly stat: FileStat;
  readonly ids: Uint8Array;
  readonly state: string | null;
  readonly xattrs: readonly Xattr[];
  readonly holes: readonly Hole[];
};

/** Told as contents arrive: bytes that are done, bytes that were new, bytes read from the disk. */
export type ContentFigures = { contentDone(bytes: number, newBytes: number, readBytes: number): void };
