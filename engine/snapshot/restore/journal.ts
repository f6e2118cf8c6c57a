import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { assert, concatBytes, equalBytes, viewOf } from '../../base/index.ts';
import { type FileSystem, homeFailure, joinPath, makeFolders } from '../../filesystem/index.ts';
import type { Conflict } from './types.ts';

/**
 * What one restore did, below COFFER_HOME: enough to go on after an interruption and to take it back. Only ever appended
 * to; a block that a crash tore is the end. Plain, for its owner alone: undo works without the vault's secret.
 *
 *     header ─► (folders ─► intents ─► results)… ─► synced ─► … ─► end
 *
 * Intents are durable before anything they name is made, so what has such a name is the restore's own. Results are facts;
 * those before a `synced` block are durable on the target and never looked at again. Behind a `distrust` block no `synced`
 * counts for what came before it: that has to be made anew.
 */
export type Block =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'folders'; readonly folders: readonly FolderMade[] }
  | {
      readonly kind: 'intents';
      readonly folders: readonly string[];
      readonly names: string;
      readonly rows: Float64Array;
    }
  | { readonly kind: 'results'; readonly rows: Float64Array; readonly names: readonly (readonly [number, string])[] }
  | { readonly kind: 'parts'; readonly parts: readonly (readonly [number, number])[] }
  /** All results before this offset of the journal are durable, and the totals up to there. */
  | { readonly kind: 'synced'; readonly upTo: number; readonly files: number; readonly bytes: number }
  /** A sync failed: what was begun and is not durable may look right and not be on the disk. */
  | { readonly kind: 'distrust' }
  | { readonly kind: 'end' };

export type Header = {
  readonly version: 1;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly vault: string;
  readonly snapshot: string;
  readonly paths: readonly string[];
  readonly target: string | null;
  readonly policy: Conflict | null;
  readonly userHome: string;
  /** The target was empty: every folder in it is this restore's. */
  readonly ownsAll: boolean;
};

export type FolderMade = {
  readonly number: number;
  readonly path: string;
  /** False: it was there, and its metadata were `before`. */
  readonly made: boolean;
  readonly before?: FolderBefore;
  /** What had the name before was moved here. */
  readonly old?: string;
};
export type FolderBefore = {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** Of the extended attributes that the restore sets; null: there was none of that name. */
  readonly xattrs?: readonly { readonly name: Uint8Array; readonly value: Uint8Array | null }[];
};

/** number, folder, flags */
export const intentWidth = 3;
export const intentFlags = { replaces: 1, hardLink: 2 } as const;
/** number, device, inode, size, mtime seconds and nanoseconds, ctime seconds and nanoseconds */
export const resultWidth = 8;

const kindCodes: readonly Block['kind'][] = [
  'header',
  'folders',
  'intents',
  'results',
  'parts',
  'synced',
  'distrust',
  'end',
];
const frameBytes = 9;

export type Journal = {
  /** Where the next block goes. */
  readonly length: number;
  append(block: Block): void;
  durable(): Promise<void>;
  close(): void;
};

export const restoresFolder = (home: string): string => joinPath(home, 'restores');
export const recordFolder = (home: string, id: string): string => joinPath(restoresFolder(home), id);
const fileName = 'journal';

/** Goes on behind the last whole block. */
export function openJournal(fileSystem: FileSystem, folder: string): Journal {
  makeFolders(fileSystem, folder);
  const path = joinPath(folder, fileName);
  const attempt = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      throw homeFailure(path, error);
    }
  };
  const isNew = fileSystem.lstatIfThere(path) === null;
  let length = isNew ? 0 : wholeLength(fileSystem, folder);
  const fd = attempt(() => fileSystem.open(path, isNew ? 'create' : 'write', 0o600));
  if (!isNew) attempt(() => fileSystem.truncate(fd, length));
  let isNamed = !isNew;
  let isClosed = false;
  return {
    get length() {
      return length;
    },
    append(block) {
      // The number of its descriptor may be another file's by then.
      assert(!isClosed, 'nothing is recorded once the journal is closed');
      const payload = block.kind === 'end' ? endPayload : serialize(block);
      const frame = new Uint8Array(frameBytes);
      const view = viewOf(frame);
      view.setUint32(0, payload.length, true);
      view.setUint32(4, crc32(payload), true);
      view.setUint8(8, kindCodes.indexOf(block.kind));
      const bytes = concatBytes([frame, payload]);
      attempt(() => fileSystem.write(fd, bytes, length));
      length += bytes.length;
    },
    async durable() {
      try {
        await fileSystem.syncLater(path);
        if (!isNamed) {
          fileSystem.syncFolder(folder);
          fileSystem.syncFolder(folder.slice(0, folder.lastIndexOf('/')));
        }
        isNamed = true;
      } catch (error) {
        throw homeFailure(path, error);
      }
    },
    close() {
      isClosed = true;
      fileSystem.close(fd);
    },
  };
}

export type Found = { readonly block: Block; readonly offset: number; readonly end: number };

/** The blocks of a record, in order; with `only`, others are passed over unread. Ends where a crash tore one. */
export function* readJournal(
  fileSystem: FileSystem,
  folder: string,
  only?: ReadonlySet<Block['kind']>,
): Generator<Found> {
  const path = joinPath(folder, fileName);
  if (fileSystem.lstatIfThere(path) === null) return;
  const fd = fileSystem.open(path, 'read');
  try {
    const { size } = fileSystem.fstat(fd);
    for (let offset = 0; offset + frameBytes <= size; ) {
      const view = viewOf(readAt(fileSystem, fd, offset, frameBytes));
      const length = view.getUint32(0, true);
      const kind = kindCodes[view.getUint8(8)];
      const end = offset + frameBytes + length;
      // After a loss of power the end may be all zeros, whose sum would even be right.
      if (kind === undefined || length === 0 || end > size) return;
      if (only === undefined || only.has(kind)) {
        const payload = readAt(fileSystem, fd, offset + frameBytes, length);
        if (crc32(payload) !== view.getUint32(4, true)) return;
        yield { block: deserialize(payload) as Block, offset, end }; // our own file, checked by its sum
      }
      offset = end;
    }
  } finally {
    fileSystem.close(fd);
  }
}

function readAt(fileSystem: FileSystem, fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const got = fileSystem.read(fd, bytes.subarray(at), offset + at);
    if (got === 0) break;
    at += got;
  }
  return bytes;
}

function wholeLength(fileSystem: FileSystem, folder: string): number {
  let length = 0;
  for (const { end } of readJournal(fileSystem, folder)) length = end;
  return length;
}

const endPayload = serialize({ kind: 'end' } satisfies Block);

/** Whether a restore came to its end with nothing left to do: told by the last block alone. */
export function hasEnded(fileSystem: FileSystem, folder: string): boolean {
  const path = joinPath(folder, fileName);
  const size = fileSystem.lstatIfThere(path)?.size ?? 0;
  const length = frameBytes + endPayload.length;
  if (size < length) return false;
  const fd = fileSystem.open(path, 'read');
  try {
    const last = readAt(fileSystem, fd, size - length, length);
    return last[8] === kindCodes.indexOf('end') && equalBytes(last.subarray(frameBytes), endPayload);
  } finally {
    fileSystem.close(fd);
  }
}

export function readHeader(fileSystem: FileSystem, folder: string): Header | null {
  for (const { block } of readJournal(fileSystem, folder, new Set(['header']))) {
    return block.kind === 'header' && block.header.version === 1 ? block.header : null;
  }
  return null;
}
