import { CofferError, type Random, systemCode, toHex } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import type { ByteRange, StoreEntry } from '../port.ts';
import { resolveRange } from '../range.ts';
import { type Names, parentOf } from './names.ts';
import { copyInto, removeQuietly, writeDurably } from './spool.ts';

/** Objects as files. Errors are those of the file system, but for what the port itself says of objects. */
export type Objects = {
  read(key: string, range: ByteRange | undefined): Uint8Array;
  /** Null where there is no file of that name. */
  sizeOf(key: string): StoreEntry | null;
  write(key: string, bytes: Uint8Array): void;
  adopt(key: string, path: string): void;
  remove(key: string): void;
};

export type ObjectsOptions = {
  readonly root: string;
  readonly fileSystem: FileSystem;
  readonly names: Names;
  readonly random: Random;
  readonly owner: string;
};

export function createObjects(options: ObjectsOptions): Objects {
  const { root, fileSystem, names } = options;
  const nextSpoolPath = spoolPaths(options);
  const pathOf = (key: string): string => `${root}/${key}`;

  /** Whoever is told that an object exists will rely on it, so its name counts as one to make durable. */
  const refuseExisting = (key: string): void => {
    if (fileSystem.lstatIfThere(pathOf(key)) === null) return;
    names.ensure(parentOf(key));
    names.touch(parentOf(key));
    throw new CofferError('store.objectExists', { key, store: root });
  };

  const place = (from: string, key: string): void => {
    const folder = parentOf(key);
    names.ensure(folder);
    try {
      fileSystem.renameNoReplace(from, pathOf(key));
    } catch (error) {
      // Somebody else was quicker.
      if (systemCode(error) === 'EEXIST') refuseExisting(key);
      throw error;
    }
    names.touch(folder);
  };

  const writeThenPlace = (key: string, fill: (fd: number) => void): void => {
    names.ensure('tmp');
    const path = nextSpoolPath();
    writeDurably(fileSystem, path, fill);
    try {
      place(path, key);
    } catch (error) {
      removeQuietly(fileSystem, path);
      throw error;
    }
  };

  return {
    read: (key, range) => readObject(fileSystem, pathOf(key), key, range),
    sizeOf: (key) => {
      const stat = fileSystem.lstatIfThere(pathOf(key));
      return stat?.kind === 'file' ? { key, size: stat.size } : null;
    },
    write: (key, bytes) => {
      refuseExisting(key);
      writeThenPlace(key, (fd) => fileSystem.write(fd, bytes, 0));
    },
    adopt: (key, path) => {
      refuseExisting(key);
      try {
        place(path, key);
      } catch (error) {
        if (systemCode(error) !== 'EXDEV') throw error;
        writeThenPlace(key, (fd) => copyInto(fileSystem, path, fd));
        removeQuietly(fileSystem, path);
      }
    },
    remove: (key) => {
      fileSystem.removeFile(pathOf(key));
      names.touch(parentOf(key));
    },
  };
}

/** Names that no other process, also of the same owner, makes. */
function spoolPaths({ root, random, owner }: ObjectsOptions): () => string {
  const session = toHex(random.bytes(8));
  let count = 0;
  return () => {
    count += 1;
    return `${root}/tmp/${owner}-${session}-${count}`;
  };
}

function readObject(fileSystem: FileSystem, path: string, key: string, range: ByteRange | undefined): Uint8Array {
  const damaged = (reason: string, cause?: unknown): CofferError =>
    new CofferError('object.damaged', { key, reason }, cause);
  const fd = openObject(fileSystem, path, damaged);
  try {
    const stat = fileSystem.fstat(fd);
    if (stat.kind !== 'file') throw damaged('it is not a file');
    const { offset, length } = resolveRange(key, stat.size, range);
    // Not zeroed first: the loop fills all of it or throws.
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    for (let done = 0; done < length; ) {
      const count = fileSystem.read(fd, bytes.subarray(done), offset + done);
      if (count === 0) throw damaged('it ends too early');
      done += count;
    }
    return bytes;
  } finally {
    fileSystem.close(fd);
  }
}

type Damaged = (reason: string, cause?: unknown) => CofferError;

function openObject(fileSystem: FileSystem, path: string, damaged: Damaged): number {
  try {
    return fileSystem.open(path, 'read');
  } catch (error) {
    const system = systemCode(error);
    if (system === 'ELOOP' || system === 'EISDIR') throw damaged('it is not a file', error);
    throw error;
  }
}
