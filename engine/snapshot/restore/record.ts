import { limits, systemCode, type Time, timeOfMs } from '../../base/index.ts';
import { type FileSystem, joinPath, withLongPaths } from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';
import {
  type Block,
  type FolderMade,
  type Header,
  intentFlags,
  intentWidth,
  readHeader,
  readJournal,
  recordFolder,
  restoresFolder,
  resultWidth,
} from './journal.ts';
import { hiddenNames } from './names.ts';
import type { RestoreRecord } from './types.ts';

export type Intent = {
  readonly folder: string;
  readonly name: string;
  readonly replaces: boolean;
  readonly hardLink: boolean;
};

/** What an interrupted restore had done when it stopped. */
export type Resume = {
  readonly header: Header;
  isDone(number: number): boolean;
  /** Of what is done or intended, where it did not get its own name. */
  nameOf(number: number): string | null;
  /** Of what was begun and is not known to be durable. */
  intent(number: number): Intent | null;
  folder(number: number): FolderMade | null;
  /** Chunks of an unfinished file that are in its temporary file, durably. */
  chunksOf(number: number): number;
  /** It may read back well and not be on the disk: a sync failed after it was begun. */
  isDistrusted(number: number): boolean;
  readonly files: number;
  readonly bytes: number;
};

export function readResume(fileSystem: FileSystem, folder: string): Resume | null {
  const header = readHeader(fileSystem, folder);
  if (header === null) return null;
  const done = new Set<number>();
  const names = new Map<number, string>();
  const intents = new Map<number, Intent>();
  const folders = new Map<number, FolderMade>();
  const parts = new Map<number, number>();
  let waiting: { readonly offset: number; readonly numbers: readonly number[] }[] = [];
  const distrusted = createDistrust();
  const totals = { files: 0, bytes: 0 };
  for (const { block, offset } of readJournal(fileSystem, folder)) {
    if (block.kind === 'folders') for (const made of block.folders) folders.set(made.number, made);
    else if (block.kind === 'intents') {
      for (const [number, intent] of intentsOf(block)) {
        intents.set(number, intent);
        // Somebody took it away: what is made in its place is not durable yet.
        done.delete(number);
        distrusted.begun(number);
      }
    } else if (block.kind === 'parts') for (const [number, chunks] of block.parts) parts.set(number, chunks);
    else if (block.kind === 'results') {
      waiting.push({ offset, numbers: numbersOf(block.rows, resultWidth).filter(distrusted.made) });
      for (const [number, name] of block.names) names.set(number, name);
    } else if (block.kind === 'distrust') {
      distrusted.all(intents.keys());
      waiting = [];
      parts.clear();
    } else if (block.kind === 'synced') {
      Object.assign(totals, { files: block.files, bytes: block.bytes });
      while (waiting[0] !== undefined && waiting[0].offset < block.upTo) {
        for (const number of waiting.shift()?.numbers ?? []) {
          done.add(number);
          intents.delete(number);
        }
      }
    }
  }
  return {
    header,
    isDone: (number) => done.has(number),
    nameOf: (number) => names.get(number) ?? null,
    intent: (number) => intents.get(number) ?? null,
    folder: (number) => folders.get(number) ?? null,
    chunksOf: (number) => parts.get(number) ?? 0,
    isDistrusted: distrusted.has,
    ...totals,
  };
}

type Distrust = {
  /** A sync failed: nothing is known about what was begun and was not durable then. */
  all(numbers: Iterable<number>): void;
  begun(number: number): void;
  /** Whether it can be trusted now. */
  made(number: number): boolean;
  has(number: number): boolean;
};

/**
 * What was begun before a sync failed is trusted again when it was begun anew and made since. A result alone is not
 * enough: a worker may tell only after the failure of a file that it wrote before.
 */
function createDistrust(): Distrust {
  /** Whether it was begun anew. */
  const numbers = new Map<number, boolean>();
  return {
    all(begun) {
      for (const number of begun) numbers.set(number, false);
    },
    begun(number) {
      if (numbers.has(number)) numbers.set(number, true);
    },
    made(number) {
      if (numbers.get(number) === true) numbers.delete(number);
      return !numbers.has(number);
    },
    has: (number) => numbers.has(number),
  };
}

/** The first column. */
function numbersOf(rows: Float64Array, width: number): number[] {
  return Array.from({ length: rows.length / width }, (_, row) => rows[row * width] ?? 0);
}

export function* intentsOf(block: Block & { kind: 'intents' }): Generator<[number, Intent]> {
  if (block.rows.length === 0) return;
  for (const [index, name] of block.names.split('/').entries()) {
    const at = index * intentWidth;
    const flags = block.rows[at + 2] ?? 0;
    const intent = {
      folder: block.folders[block.rows[at + 1] ?? 0] ?? '',
      name,
      replaces: (flags & intentFlags.replaces) !== 0,
      hardLink: (flags & intentFlags.hardLink) !== 0,
    };
    yield [block.rows[at] ?? 0, intent];
  }
}

const dayMs = 24 * 3600 * 1000;

/** Newest first, of the last days in which a restore can be undone. Older ones are removed, and what they kept. */
export function listRestores(ports: Ports): RestoreRecord[] {
  removeExpired(ports);
  const records = recordsOf(ports).sort((left, right) => right.header.at - left.header.at);
  return records.map(({ header, folder }) => {
    let files = 0;
    for (const { block } of readJournal(ports.fileSystem, folder, new Set(['synced']))) {
      if (block.kind === 'synced') files = block.files;
    }
    const at: Time = timeOfMs(header.at);
    return { id: header.id, at, target: header.target, files };
  });
}

export type StoredRecord = { readonly header: Header; readonly folder: string };

export function recordsOf({ fileSystem, home }: Ports): StoredRecord[] {
  const root = restoresFolder(home);
  if (fileSystem.lstatIfThere(root) === null) return [];
  return fileSystem.list(root).flatMap((id) => {
    const folder = recordFolder(home, id);
    const header = readHeader(fileSystem, folder);
    return header === null ? [] : [{ header, folder }];
  });
}

/** A restore that is still running is left alone: it holds its lock. */
export function removeExpired(ports: Ports): void {
  for (const { header, folder } of recordsOf(ports)) {
    if (ports.clock.now() - header.at <= limits.undoDays * dayMs) continue;
    const lock = ports.fileSystem.lock(joinPath(folder, 'lock'));
    if (lock === null) continue;
    try {
      removeKept(withLongPaths(ports.fileSystem), header, folder);
      removeRecord(ports.fileSystem, folder);
    } finally {
      lock.release();
    }
  }
}

/** Files that were replaced, and what an interruption left half made. */
function removeKept(fileSystem: FileSystem, header: Header, folder: string): void {
  const hidden = hiddenNames(header.id);
  for (const { block } of readJournal(fileSystem, folder)) {
    if (block.kind === 'folders') for (const { old } of block.folders) if (old !== undefined) discard(fileSystem, old);
    if (block.kind !== 'intents') continue;
    for (const [number, intent] of intentsOf(block)) {
      if (intent.replaces) discard(fileSystem, joinPath(intent.folder, hidden.old(number)));
    }
  }
  removeParts(fileSystem, header, folder);
}

/** Temporary files of what was begun and never finished. */
export function removeParts(fileSystem: FileSystem, header: Header, folder: string): void {
  const hidden = hiddenNames(header.id);
  const begun = new Map<number, string>();
  for (const { block } of readJournal(fileSystem, folder)) {
    if (block.kind === 'intents') for (const [number, intent] of intentsOf(block)) begun.set(number, intent.folder);
    else if (block.kind === 'results') {
      for (let at = 0; at < block.rows.length; at += resultWidth) begun.delete(block.rows[at] ?? 0);
    }
  }
  for (const [number, place] of begun) discard(fileSystem, joinPath(place, hidden.part(number)));
}

export function discard(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.removeFile(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

/** Whether something came of a restore that can be gone on with or taken back. */
export function hasMade(fileSystem: FileSystem, folder: string): boolean {
  const reaching = withLongPaths(fileSystem);
  try {
    for (const { block } of readJournal(fileSystem, folder, new Set(['intents', 'folders']))) {
      if (block.kind === 'intents') return true;
      // Noted before they are made, which may have been refused.
      if (block.kind === 'folders' && block.folders.some(({ made, path }) => !made || isThere(reaching, path)))
        return true;
    }
    return false;
  } finally {
    reaching.letGo();
  }
}

function isThere(fileSystem: FileSystem, path: string): boolean {
  try {
    return fileSystem.lstatIfThere(path) !== null;
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return true;
  }
}

/** A restore that made nothing would be the newest one to take back. Clearing up must not hide how it ended. */
export function removeIdle(fileSystem: FileSystem, folder: string): void {
  try {
    if (!hasMade(fileSystem, folder)) removeRecord(fileSystem, folder);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

export function removeRecord(fileSystem: FileSystem, folder: string): void {
  for (const name of fileSystem.list(folder)) fileSystem.removeFile(joinPath(folder, name));
  fileSystem.removeFolder(folder);
}
