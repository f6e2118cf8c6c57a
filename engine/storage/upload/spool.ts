import { type Clock, limits, systemCode } from '../../base/index.ts';
import { createSha256 } from '../../crypto/index.ts';
import { type FileSystem, homeFailure, joinPath, makeFolders } from '../../filesystem/index.ts';
import { hashInKey, isObjectKey } from '../keys.ts';
import { cleanSpool } from '../local/spool.ts';
import { spoolStaleMs } from '../port.ts';
import type { Spooled } from './records.ts';

/**
 * A folder on this computer with packs for one place: those being written under their owner's names, and sealed ones under
 * names made of their keys. What lies in it under such a name is whole and durable, and waits to be sent.
 */
export type Spool = {
  readonly folder: string;
  /** Sealed objects, in the order in which they came. */
  list(): Spooled[];
  /** A file with durable bytes becomes a sealed object; its name is durable then. */
  take(key: string, path: string): Spooled;
  isThere(path: string): boolean;
  /** Whether it still holds the bytes that its key promises, as far as the disk gives them. */
  isSound(object: Spooled): boolean;
  remove(path: string): void;
  /** It is of no use, but of interest: it waits no more, and goes when it is stale. */
  putAside(object: Spooled): void;
  prepare(owner: string, staleMs?: number): number;
  /** Whether more may be written to its disk. */
  readonly hasSpace: boolean;
};

/** Large enough to be quick, small enough to be nothing. */
const readBytes = 1024 * 1024;

export function createSpool(options: {
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}): Spool {
  const { folder, fileSystem, clock } = options;
  const failing = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      throw homeFailure(folder, error);
    }
  };
  const sealed = (): { readonly object: Spooled; readonly atMs: number }[] => {
    if (fileSystem.lstatIfThere(folder) === null) return [];
    return fileSystem.list(folder).flatMap((name) => {
      const [key, path] = [keyOfName(name), joinPath(folder, name)];
      const stat = key === null ? null : fileSystem.lstatIfThere(path);
      if (key === null || stat?.kind !== 'file') return [];
      const atMs = stat.mtimeSeconds * 1000 + stat.mtimeNanoseconds / 1e6;
      return [{ object: { key, path, bytes: stat.size }, atMs }];
    });
  };
  return {
    folder,
    list: () =>
      failing(() =>
        sealed()
          .sort((one, other) => one.atMs - other.atMs || (one.object.key < other.object.key ? -1 : 1))
          .map(({ object }) => object),
      ),
    take: (key, path) =>
      failing(() => {
        const to = joinPath(folder, nameOfKey(key));
        const bytes = fileSystem.lstat(path).size;
        fileSystem.renameNoReplace(path, to);
        fileSystem.syncFolder(folder);
        return { key, path: to, bytes };
      }),
    isThere: (path) => fileSystem.lstatIfThere(path) !== null,
    isSound: ({ key, path }) =>
      failing(() => {
        try {
          return hashOf(fileSystem, path) === hashInKey(key);
        } catch (error) {
          if (systemCode(error) === 'EIO') return false;
          throw error;
        }
      }),
    remove(path) {
      try {
        fileSystem.removeFile(path);
      } catch (error) {
        // A file that stays is found to be at the place already by the next run.
        if (systemCode(error) === '') throw error;
      }
    },
    putAside({ key, path }) {
      try {
        fileSystem.rename(path, joinPath(folder, `damaged-${nameOfKey(key)}`));
      } catch (error) {
        // Perhaps because it is not there. One that stays is found to be damaged once more by the next run.
        if (systemCode(error) === '') throw error;
      }
    },
    prepare: (owner, staleMs = spoolStaleMs) =>
      failing(() => {
        makeFolders(fileSystem, folder);
        const keeps = (name: string): boolean => keyOfName(name) !== null;
        return cleanSpool({ folder, fileSystem, clock, ownPrefix: `${owner}-`, staleMs, keeps });
      }),
    get hasSpace() {
      return failing(() => fileSystem.freeBytes(folder)) >= limits.spoolSpareBytes;
    },
  };
}

const nameOfKey = (key: string): string => key.replaceAll('/', '_');

function keyOfName(name: string): string | null {
  const key = name.replaceAll('_', '/');
  return isObjectKey(key) ? key : null;
}

function hashOf(fileSystem: FileSystem, path: string): string {
  const hash = createSha256();
  const fd = fileSystem.open(path, 'read');
  try {
    const slab = new Uint8Array(readBytes);
    for (let at = 0; ; ) {
      const count = fileSystem.read(fd, slab, at);
      if (count === 0) return hash.hex();
      hash.update(slab.subarray(0, count));
      at += count;
    }
  } finally {
    fileSystem.close(fd);
  }
}
