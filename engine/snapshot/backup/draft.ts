import { assert, CofferError, limits, type SnapshotId, timeOfMs } from '../../base/index.ts';
import { nameBytes, type Xattr } from '../../filesystem/index.ts';
import type { SnapshotSource, TreeEntry } from '../../format/index.ts';
import type { SnapshotDraft } from '../../repository/index.ts';
import { folderEntry } from './entries.ts';
import type { FolderResult, RunCounts } from './folder-cache.ts';
import type { Failure } from './listing.ts';
import type { Source } from './sources.ts';
import type { BackupOptions } from './types.ts';

/** How a source came out: its folder's tree, or the one entry of a source that is no folder. */
export type Root = {
  readonly result: FolderResult;
  readonly loose: TreeEntry | null;
  readonly xattrs: readonly Xattr[];
};

export function sourceEntry(source: Source, roots: ReadonlyMap<string, Root>): SnapshotSource {
  const root = roots.get(source.path);
  assert(root !== undefined, 'every source came to an end');
  const path = nameBytes(source.path);
  if (source.stat.kind === 'folder') {
    return { path, entry: folderEntry(source.name, source.stat, root.result, root.xattrs) };
  }
  if (root.loose === null) throw new CofferError('path.notFound', { path: source.path });
  return { path, entry: root.loose };
}

export function excludedOf(counts: RunCounts): number {
  let excluded = 0;
  for (const count of counts.excluded.values()) excluded += count;
  return excluded;
}

export function totalBytes(roots: ReadonlyMap<string, Root>): number {
  let bytes = 0;
  for (const { result } of roots.values()) bytes += result.bytes;
  return bytes;
}

type Outcome = {
  readonly counts: RunCounts;
  readonly failures: readonly Failure[];
  readonly stored: {
    readonly newBytes: number;
    readonly readBytes: number;
    readonly stored: number;
    readonly total: number;
  };
  readonly startedMs: number;
  readonly finishedMs: number;
};

export function draftOf(
  options: BackupOptions,
  entries: readonly SnapshotSource[],
  { counts, failures, stored, startedMs, finishedMs }: Outcome,
  parent: SnapshotId | null,
): SnapshotDraft {
  const { files, folders, others, failed, seen } = counts;
  return {
    app: options.app,
    bytes: { new: stored.newBytes, read: stored.readBytes, stored: stored.stored, total: stored.total },
    counts: { excluded: excludedOf(counts), failed, files, folders, others, saved: files + folders + others, seen },
    excluded: counts.excluded,
    failures: failures.slice(0, limits.failuresListed).map(({ path, code }) => ({ path: nameBytes(path), code })),
    finished: timeOfMs(finishedMs),
    started: timeOfMs(startedMs),
    home: nameBytes(options.userHome),
    host: options.host,
    user: options.user,
    parent,
    platform: options.platform,
    sources: entries,
    tags: options.tags,
  };
}
