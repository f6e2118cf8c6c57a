import { CofferError, systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, joinPath, nameFromBytes, withLongPaths } from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';
import { type Block, type FolderBefore, type FolderMade, intentWidth, readJournal, resultWidth } from './journal.ts';
import { lockRecord } from './lock-record.ts';

import { createMetadata } from './metadata.ts';
import { hiddenNames, nameBeside } from './names.ts';
import {
  type Intent,
  intentsOf,
  recordsOf,
  removeExpired,
  removeParts,
  removeRecord,
  type StoredRecord,
} from './record.ts';
import type { UndoResult } from './types.ts';

/** Why something is left as it is. */
const reasons = {
  changed: 'changed since it was restored',
  unknown: 'the restore was interrupted before it noted this file',
  notEmpty: 'not empty: something else is in it',
  failed: 'could not be removed',
} as const;

/** A restore by its id or the first letters of it. */
export async function undoRestore(ports: Ports, id: string): Promise<UndoResult> {
  removeExpired(ports);
  const found = recordsOf(ports).filter(({ header }) => header.id.startsWith(id));
  const [record] = found;
  if (record === undefined || found.length > 1) throw new CofferError('undo.none', { restore: id });
  const lock = lockRecord(ports.fileSystem, record.folder);
  try {
    const undo = createUndo(withLongPaths(ports.fileSystem), record);
    undo.run();
    // The record goes last: an interrupted undo can be run again.
    removeRecord(ports.fileSystem, record.folder);
    return undo.result;
  } finally {
    lock.release();
  }
}

type Undo = {
  readonly result: { removed: number; putBack: number; kept: { path: string; reason: string }[] };
  run(): void;
};
type Looks = {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly times: readonly number[];
};

/**
 * Takes back what is still as the restore left it, and puts the old files back. What somebody changed since stays; an
 * old file that cannot get its place back becomes visible beside it.
 */
function createUndo(fileSystem: FileSystem, { header, folder }: StoredRecord): Undo {
  const hidden = hiddenNames(header.id);
  const metadata = createMetadata(fileSystem);
  const result: Undo['result'] = { removed: 0, putBack: 0, kept: [] };
  const volumes = new Map<number, string>();
  const keep = (path: string, reason: string): void => void result.kept.push({ path, reason });

  const attempt = (path: string, step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (systemCode(error) === '') throw error;
      keep(path, `${reasons.failed} (${systemCode(error)})`);
    }
  };
  /** The old file beside the one that stays. */
  const reveal = (path: string, old: string): void => {
    if (fileSystem.lstatIfThere(old) === null) return;
    for (let attempt = 1; attempt < 10_000; attempt++) {
      try {
        return fileSystem.renameNoReplace(old, besidePath(path, attempt));
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
  };
  const putBack = (path: string, old: string): boolean => {
    if (fileSystem.lstatIfThere(old) === null) return false;
    fileSystem.rename(old, path);
    result.putBack++;
    return true;
  };
  const takeBack = (path: string, old: string | null, looks: Looks | null, isLinked: boolean): void => {
    const stat = fileSystem.lstatIfThere(path);
    if (stat === null) {
      if (old !== null) putBack(path, old);
      return;
    }
    volumes.set(stat.device, path.slice(0, path.lastIndexOf('/')) || '/');
    if (looks === null || !isSame(stat, looks, isLinked)) {
      if (old !== null && isTwin(fileSystem, stat, old)) return fileSystem.removeFile(old);
      keep(path, looks === null ? reasons.unknown : reasons.changed);
      if (old !== null) reveal(path, old);
      return;
    }
    if (old !== null && putBack(path, old)) return;
    fileSystem.removeFile(path);
    result.removed++;
  };
  const removeFolder = (made: FolderMade): void => {
    const stat = fileSystem.lstatIfThere(made.path);
    if (made.made && stat?.kind === 'folder') {
      try {
        fileSystem.removeFolder(made.path);
        volumes.set(stat.device, made.path.slice(0, made.path.lastIndexOf('/')) || '/');
      } catch (error) {
        if (systemCode(error) === '') throw error;
        if (!result.kept.some(({ path }) => path.startsWith(`${made.path}/`))) keep(made.path, reasons.notEmpty);
        return;
      }
      if (made.old !== undefined) putBack(made.path, made.old);
    } else if (stat?.kind === 'folder' && made.before !== undefined) {
      putBackMetadata(made.path, made.before);
    }
  };
  const putBackMetadata = (path: string, { xattrs = [], ...before }: FolderBefore): void => {
    const values: { name: Uint8Array; value: Uint8Array }[] = [];
    for (const { name, value } of xattrs) {
      if (value !== null) values.push({ name, value });
      else removeXattr(fileSystem, path, nameFromBytes(name));
    }
    const wanted = { ...before, kind: 'folder', extra: { xattrs: values } } as const;
    const remark = metadata.apply(path, wanted, fileSystem.lstat(path));
    if (remark !== null) keep(path, remark);
  };
  return {
    result,
    run() {
      for (const { number, intent, name, looks } of madeBy(fileSystem, folder)) {
        const path = joinPath(intent.folder, name);
        const old = intent.replaces ? joinPath(intent.folder, hidden.old(number)) : null;
        attempt(path, () => takeBack(path, old, looks, intent.hardLink));
      }
      removeParts(fileSystem, header, folder);
      for (const made of foldersOf(fileSystem, folder)) attempt(made.path, () => removeFolder(made));
      for (const path of volumes.values()) syncQuietly(fileSystem, path);
    },
  };
}

type MadeFile = {
  readonly number: number;
  readonly intent: Intent;
  readonly name: string;
  readonly looks: Looks | null;
};

/** Everything a record names, with how it looked last; what has no result may be there or not. */
function* madeBy(fileSystem: FileSystem, folder: string): Generator<MadeFile> {
  const repeated = begunTwice(fileSystem, folder);
  const open = new Map<number, Intent>();
  /** Of what was begun more than once, by path: of several tries the last counts. */
  const latest = new Map<string, MadeFile>();
  /** For these something was moved aside, by whichever try. */
  const replacing = new Set<string>();
  const keyOf = (number: number, intent: Intent): string => joinPath(intent.folder, String(number));
  for (const { block } of readJournal(fileSystem, folder)) {
    if (block.kind === 'intents') {
      for (const [number, intent] of intentsOf(block)) {
        open.set(number, intent);
        if (intent.replaces && repeated.has(number)) replacing.add(keyOf(number, intent));
      }
    } else if (block.kind === 'results') {
      for (const made of resultsOf(block, open)) {
        if (repeated.has(made.number)) latest.set(joinPath(made.intent.folder, made.name), made);
        else yield made;
      }
    }
  }
  for (const [number, intent] of open) {
    const path = joinPath(intent.folder, intent.name);
    // Begun anew and not made: what the try before it made may still be there.
    if (!latest.has(path)) latest.set(path, { number, intent, name: intent.name, looks: null });
  }
  for (const made of latest.values()) {
    const replaces = made.intent.replaces || replacing.has(keyOf(made.number, made.intent));
    yield { ...made, intent: { ...made.intent, replaces } };
  }
}

function begunTwice(fileSystem: FileSystem, folder: string): ReadonlySet<number> {
  const seen = new Set<number>();
  const repeated = new Set<number>();
  for (const { block } of readJournal(fileSystem, folder, new Set(['intents']))) {
    if (block.kind !== 'intents') continue;
    for (let at = 0; at < block.rows.length; at += intentWidth) {
      const number = block.rows[at] ?? 0;
      if (seen.has(number)) repeated.add(number);
      seen.add(number);
    }
  }
  return repeated;
}

function* resultsOf(block: Block & { kind: 'results' }, open: Map<number, Intent>): Generator<MadeFile> {
  const names = new Map(block.names);
  for (let at = 0; at < block.rows.length; at += resultWidth) {
    const [number = 0, device = 0, inode = 0, size = 0, ...times] = block.rows.subarray(at, at + resultWidth);
    const intent = open.get(number);
    if (intent === undefined) continue;
    open.delete(number);
    yield { number, intent, name: names.get(number) ?? intent.name, looks: { device, inode, size, times } };
  }
}

/** Deepest first: a folder was noted before what is in it. Of several notes about one, the last holds. */
function foldersOf(fileSystem: FileSystem, folder: string): FolderMade[] {
  const made = new Map<number, FolderMade>();
  for (const { block } of readJournal(fileSystem, folder, new Set(['folders']))) {
    if (block.kind !== 'folders') continue;
    for (const one of block.folders) {
      const before = made.get(one.number);
      made.delete(one.number);
      // A resumed run finds the folders of the first as if they had always been there, and as the first left them.
      const isKnown = before?.path === one.path && (before.made || !one.made);
      made.set(one.number, isKnown ? { ...one, ...before } : one);
    }
  }
  return [...made.values()].reverse();
}

/** It may be gone already, or this file system may have refused it. */
function removeXattr(fileSystem: FileSystem, path: string, name: string): void {
  try {
    fileSystem.removeXattr(path, name);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

/** Another name of the same file moves its change time, so that one tells nothing then. */
function isSame(stat: FileStat, { device, inode, size, times }: Looks, isLinked: boolean): boolean {
  const [mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds] = times;
  return (
    stat.device === device &&
    stat.inode === inode &&
    stat.size === size &&
    stat.mtimeSeconds === mtimeSeconds &&
    stat.mtimeNanoseconds === mtimeNanoseconds &&
    (isLinked || (stat.ctimeSeconds === ctimeSeconds && stat.ctimeNanoseconds === ctimeNanoseconds))
  );
}

/** The old file itself, which was given its second name and not replaced yet. */
function isTwin(fileSystem: FileSystem, stat: FileStat, old: string): boolean {
  const other = fileSystem.lstatIfThere(old);
  return other !== null && other.inode === stat.inode && other.device === stat.device;
}

function besidePath(path: string, attempt: number): string {
  const slash = path.lastIndexOf('/');
  return joinPath(path.slice(0, slash) || '/', nameBeside(path.slice(slash + 1), attempt, 'before restore'));
}

/** Undo loses nothing by a power cut: what comes back with it can be undone again. */
function syncQuietly(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.syncVolume(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}
