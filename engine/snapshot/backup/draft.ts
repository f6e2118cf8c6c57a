import { CofferError, limits, type SnapshotId, timeOfMs } from '../../base/index.ts';
import { nameBytes } from '../../filesystem/index.ts';
import type { SnapshotSource, TreeEntry } from '../../format/index.ts';
import type { SnapshotDraft } from '../../repository/index.ts';
import type { RunCounts } from './folder-cache.ts';
import type { Failure } from './listing.ts';
import type { BackupOptions } from './types.ts';

/** How a source came out; null: it was gone when it was read. */
export type Root = { readonly entry: TreeEntry | null; readonly bytes: number };

/** By path. A source that is not there and was in no snapshot is in none now. */
export function sourceEntries(paths: readonly string[], roots: ReadonlyMap<string, Root>): SnapshotSource[] {
  const sources: SnapshotSource[] = [];
  for (const path of [...paths].sort()) {
    const root = roots.get(path);
    if (root === undefined) continue;
    if (root.entry === null) throw new CofferError('path.notFound', { path });
    sources.push({ path: nameBytes(path), entry: root.entry });
  }
  if (sources.length === 0) throw new CofferError('path.notFound', { path: paths[0] ?? '' });
  return sources;
}

export function excludedOf(counts: RunCounts): number {
  let excluded = 0;
  for (const count of counts.excluded.values()) excluded += count;
  return excluded;
}

export function totalBytes(roots: ReadonlyMap<string, Root>): number {
  let bytes = 0;
  for (const root of roots.values()) bytes += root.bytes;
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
