import { type FileStat, joinPath } from '../../filesystem/index.ts';
import type { TreeEntry } from '../../format/index.ts';
import type { ChunkTable } from '../../repository/index.ts';
import type { FilesOutput } from './file-jobs.ts';
import { addTo, type CachedFolder, type FolderResult, type RunCounts } from './folder-cache.ts';
import type { TakenFolder } from './ledger.ts';
import type { Failure, Listing } from './listing.ts';
import type { Glance } from './look.ts';
import type { ScanFolder } from './scan-job.ts';
import type { ContentFigures, FileTask, FolderNode, Previous } from './tasks.ts';

/** What the assembly needs of the vault, once it is open. */
export type AssemblyVault = {
  readonly table: ChunkTable;
  /** Entries of a tree of an earlier snapshot; null where it cannot be read (then everything below is read anew). */
  loadTree(tree: Uint8Array): Promise<readonly TreeEntry[] | null>;
  /** A source's own entry in the newest snapshot that has it. */
  rootEntry(source: number): TreeEntry | null;
  /** That snapshot is of this computer. */
  isParentOwn(source: number): boolean;
  /** Stores a listing; returns its tree reference. */
  storeTree(entries: readonly TreeEntry[]): Uint8Array;
  /** The newest snapshot that has a source is from here, and the cache is that of an earlier one. */
  isCacheOld(source: number): boolean;
  cachedFolder(path: string): CachedFolder | null;
  /** A folder of which the cache knows only what it was: see `Ledger`. */
  foldersBefore(path: string): readonly Previous[];
  /** One that came here from elsewhere: see `Ledger`. */
  movedFolder(path: string, stat: FileStat, digest: Uint8Array): Previous | null;
  /** How much of a folder is looked at. */
  glance(source: number, path: string, stat: FileStat): Glance;
  /** A folder that is not: it and everything below it stays as the cache has it. */
  take(path: string): TakenFolder;
  /** Milliseconds since 1970 after which a change may hide behind an equal stat (see `FolderNode.racy`). */
  readonly racyFromMs: number;
  /** The same for the snapshot that this source is compared with. */
  parentRacyFromMs(source: number): number;
};

export type AssemblyEvents = ContentFigures & {
  counts: RunCounts;
  failures: Failure[];
  leftOut(path: string, reason: string): void;
  /** A folder is complete; `ids` are chunks of its own listing and files, when they are not in the cache's words. */
  folderDone(node: FolderNode, result: FolderResult, ids: readonly Uint8Array[]): void;
  /** A folder and everything below it was taken as the cache has it. */
  folderTaken(node: FolderNode, result: FolderResult): void;
  /** There was no time for this file. */
  fileDeferred(task: FileTask): void;
  /** So much of a big file was read. */
  bigFileRead(task: FileTask, bytes: number): void;
};

export type Assembly = {
  /** One that is not looked at everywhere is added once the vault is open. */
  addSource(node: FolderNode): void;
  /** A source that is no folder; `listing` holds just it. */
  addLoose(node: FolderNode, listing: Listing): void;
  onListing(listing: Listing, folder: ScanFolder): void;
  onFiles(tasks: readonly FileTask[], output: FilesOutput): void;
  onBigFile(task: FileTask): Promise<void>;
  onDeferred(task: FileTask): void;
};

/** Everything that was found in a folder, before any of it is read. */
export function countListing(events: AssemblyEvents, listing: Listing, folder: string): void {
  const { counts } = events;
  counts.seen += listing.seen;
  counts.files += listing.tally.files;
  counts.folders += listing.tally.folders;
  counts.others += listing.tally.others;
  counts.bytes += listing.tally.bytes;
  for (const { reason, name } of listing.leftOut) {
    addTo(counts.excluded, reason, 1);
    if (reason !== 'vanished') events.leftOut(joinPath(folder, name), reason);
  }
}
