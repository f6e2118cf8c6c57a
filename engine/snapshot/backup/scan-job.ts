import { limits, systemCode } from '../../base/index.ts';
import {
  type Boundary,
  compareNames,
  type FileStat,
  type FileSystem,
  joinPath,
  nameBytes,
  type Rules,
} from '../../filesystem/index.ts';
import { emptyTally, type Failure, type LeftOut, type Listing, statWidth, type Tally, writeStat } from './listing.ts';

export type ScanInput = {
  readonly folders: readonly ScanFolder[];
};
export type ScanFolder = {
  readonly path: string;
  /** Path below the source, empty for the source itself: what rules are about. */
  readonly relative: string;
  readonly source: number;
};

export type Scanner = {
  readonly fileSystem: FileSystem;
  readonly rulesOf: (source: number) => Rules;
  readonly boundaryOf: (source: number) => Boundary;
  readonly digest: (bytes: Uint8Array) => Uint8Array;
};

export function scanFolder(scanner: Scanner, folder: ScanFolder): Listing {
  const { fileSystem } = scanner;
  let names: string[];
  let own: FileStat;
  try {
    own = fileSystem.lstat(folder.path);
    names = fileSystem.list(folder.path);
  } catch (error) {
    const code = systemCode(error);
    if (code === '') throw error;
    return failedListing(folder.path, code);
  }
  names.sort(compareNames);
  const rules = scanner.rulesOf(folder.source);
  const boundary = scanner.boundaryOf(folder.source);
  const tag = rules.tagsFolder(folder.path, names, fileSystem);
  const kept: string[] = [];
  const leftOut: LeftOut[] = [];
  const failures: Failure[] = [];
  const stats = new Float64Array(names.length * statWidth);
  const tally = emptyTally();
  const isDeepest = depthOf(folder.relative) >= limits.pathDepth;
  for (const name of names) {
    const path = joinPath(folder.path, name);
    const unseen = boundary.leaveOutUntouched(path);
    if (unseen !== null) {
      leftOut.push({ reason: unseen, name, folder: true });
      continue;
    }
    let stat: FileStat;
    let reason: string | null;
    try {
      stat = fileSystem.lstat(path);
      const relative = folder.relative === '' ? name : `${folder.relative}/${name}`;
      reason =
        tag?.leaveOut(name) ??
        rules.leaveOut(relative, stat.kind === 'folder', stat) ??
        boundary.leaveOut(path, stat, own);
    } catch (error) {
      const code = systemCode(error);
      if (code === '') throw error;
      if (code === 'ENOENT') leftOut.push({ reason: 'vanished', name, folder: false });
      else failures.push({ path, code });
      continue;
    }
    const isFolder = stat.kind === 'folder';
    if (reason !== null) {
      leftOut.push({ reason, name, folder: isFolder });
      continue;
    }
    if (isFolder && isDeepest) {
      failures.push({ path, code: 'too-deep' });
      continue;
    }
    writeStat(stats, kept.length, stat);
    kept.push(name);
    countIn(tally, stat);
  }
  const joined = kept.join('/');
  const used = stats.slice(0, kept.length * statWidth);
  const digest = digestOf(scanner.digest, joined, used);
  return {
    path: folder.path,
    names: joined,
    stats: used,
    digest,
    seen: names.length,
    tally,
    leftOut,
    failures,
    failed: null,
  };
}

function countIn(tally: Tally, { kind, size }: FileStat): void {
  if (kind === 'file') {
    tally.files++;
    tally.bytes += size;
  } else if (kind === 'folder') tally.folders++;
  else tally.others++;
}

/** Of a folder below its source. Paths that are short enough to be shallow are not looked through. */
function depthOf(relative: string): number {
  return relative.length < 2 * limits.pathDepth - 1 ? 0 : relative.split('/').length;
}

function failedListing(path: string, code: string): Listing {
  const nothing = new Float64Array(0);
  const none = new Uint8Array(0);
  return {
    path,
    names: '',
    stats: nothing,
    digest: none,
    seen: 0,
    tally: emptyTally(),
    leftOut: [],
    failures: [],
    failed: code,
  };
}

function digestOf(digest: Scanner['digest'], names: string, stats: Float64Array): Uint8Array {
  const text = nameBytes(names);
  const all = new Uint8Array(text.length + stats.byteLength);
  all.set(text, 0);
  all.set(new Uint8Array(stats.buffer, stats.byteOffset, stats.byteLength), text.length);
  return digest(all).slice(0, 16);
}
