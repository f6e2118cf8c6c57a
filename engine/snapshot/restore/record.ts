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
  readonly distrust: boolean;
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
  const waiting: { readonly offset: number; readonly rows: Float64Array }[] = [];
  let distrust = false;
  const totals = { files: 0, bytes: 0 };
  for (const { block, offset } of readJournal(fileSystem, folder)) {
    if (block.kind === 'folders') for (const made of block.folders) folders.set(made.number, made);
    else if (block.kind === 'intents') for (const [number, intent] of intentsOf(block)) intents.set(number, intent);
    else if (block.kind === 'parts') for (const [number, chunks] of block.parts) parts.set(number, chunks);
    else if (block.kind === 'results') {
      waiting.push({ offset, rows: block.rows });
      for (const [number, name] of block.names) names.set(number, name);
    } else if (block.kind === 'distrust') distrust = true;
    else if (block.kind === 'synced') {
      distrust = false;
      Object.assign(totals, { files: block.files, bytes: block.bytes });
      while (waiting[0] !== undefined && waiting[0].offset < block.upTo) {
        const { rows } = waiting.shift() ?? { rows: new Float64Array(0) };
        for (let at = 0; at < rows.length; at += resultWidth) {
          done.add(rows[at] ?? 0);
          intents.delete(rows[at] ?? 0);
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
    distrust,
    ...totals,
  };
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
    return { id: header.id, at, target: header.target ?? '/', files };
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

export function removeRecord(fileSystem: FileSystem, folder: string): void {
  for (const name of fileSystem.list(folder)) fileSystem.removeFile(joinPath(folder, name));
  fileSystem.removeFolder(folder);
}
