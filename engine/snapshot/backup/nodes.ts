import { assert } from '../../base/index.ts';
import { type FileStat, joinPath } from '../../filesystem/index.ts';
import { deferredReason } from '../../format/index.ts';
import { addTo, type FolderCounts } from './folder-cache.ts';
import { emptyTally, type Listing, statWidth, writeStat } from './listing.ts';
import type { FolderNode, Lost } from './tasks.ts';

export function childNode(parent: FolderNode, name: string, stat: FileStat): FolderNode {
  const relative = parent.relative === '' ? name : `${parent.relative}/${name}`;
  return rootNode({
    path: joinPath(parent.path, name),
    name,
    relative,
    source: parent.source,
    depth: parent.depth + 1,
    parent,
    stat,
    looksBelow: parent.looksBelow,
  });
}

export function rootNode(
  base: Pick<FolderNode, 'path' | 'name' | 'relative' | 'source' | 'depth' | 'parent' | 'stat'> &
    Partial<Pick<FolderNode, 'loose' | 'looksBelow'>>,
): FolderNode {
  return {
    loose: false,
    looksBelow: true,
    ...base,
    previous: null,
    cached: null,
    listing: null,
    waiting: 1,
    compared: null,
    children: new Map(),
    entries: [],
    unchanged: false,
    vanished: false,
    whole: true,
    racy: false,
    lost: null,
  };
}

/** What a scan would say of a folder with this one name in it: of a source that is no folder. */
export function looseListing(path: string, name: string, stat: FileStat): Listing {
  const stats = new Float64Array(statWidth);
  writeStat(stats, 0, stat);
  const isFile = stat.kind === 'file';
  const tally = { ...emptyTally(), files: isFile ? 1 : 0, others: isFile ? 0 : 1, bytes: isFile ? stat.size : 0 };
  const none = { digest: new Uint8Array(0), leftOut: [], failures: [], failed: null };
  return { path, names: name, stats, seen: 1, tally, ...none };
}

/** A name of this folder that was found is not saved whole after all. */
export function lose(node: FolderNode, kind: Lose, why: 'failed' | 'deferred' | 'vanished'): void {
  node.lost ??= { ...noneLost };
  node.lost[kind]++;
  if (why !== 'vanished') node.lost[why]++;
}

export type Lose = Exclude<keyof Lost, 'failed' | 'deferred'>;

/** What became of the folder's own names. What vanished meanwhile nobody will find again, so it does not count. */
export function folderCounts({ listing, lost }: FolderNode): FolderCounts {
  assert(listing !== null, 'a folder that was listed');
  const { tally, leftOut, failures } = listing;
  const { files, folders, others, failed, deferred } = lost ?? noneLost;
  const excluded = leftOut.length + deferred === 0 ? noneExcluded : new Map<string, number>();
  if (deferred > 0) excluded.set(deferredReason, deferred);
  let vanished = files + folders + others - failed - deferred;
  for (const { reason } of leftOut) {
    if (reason === 'vanished') vanished++;
    else addTo(excluded, reason, 1);
  }
  return {
    seen: listing.seen - vanished,
    files: tally.files - files,
    folders: tally.folders - folders,
    others: tally.others - others,
    failed: failures.length + failed,
    excluded,
  };
}

const noneLost: Lost = { files: 0, folders: 0, others: 0, failed: 0, deferred: 0 };
/** Most folders leave nothing out: one map for all of them. */
const noneExcluded = new Map<string, number>();
