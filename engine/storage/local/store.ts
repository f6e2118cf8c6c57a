import {
  assert,
  type Clock,
  isCofferError,
  type Random,
  systemClock,
  systemCode,
  systemRandom,
} from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { assertKey, assertPrefix } from '../keys.ts';
import { type Store, spoolStaleMs } from '../port.ts';
import { createGuard, type Guard } from './guard.ts';
import { createNames, type Names } from './names.ts';
import { createObjects, type Objects } from './objects.ts';
import { cleanSpool } from './spool.ts';
import { walkFolders, walkKeys } from './walk.ts';

export type LocalStoreOptions = {
  /** Absolute, without a slash at its end. */
  readonly root: string;
  readonly fileSystem: FileSystem;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Who writes: its files in the spool are its own to clear. The installation's id, where there is one. */
  readonly owner?: string;
};

/**
 * Objects as files below a folder.
 *
 *   put     write tmp/<owner>-<random>-<n> → fsync → rename, never replacing → note the folder
 *   adopt   rename a file that is durable already (copied first where it lies on another file system)
 *   flush   fsync the noted folders, or the file system as a whole when they are many
 *
 * So a name under the layout's folders stands for whole bytes at every moment; what a crash leaves is a file in `tmp/` or
 * an object whose name a power cut may still take away. File access is synchronous inside the asynchronous methods: for
 * files of up to 16 MiB on a local disk it is several times quicker than going through the pool of threads.
 */
export function createLocalStore(options: LocalStoreOptions): Store {
  const { root, fileSystem, clock = systemClock, random = systemRandom, owner = 'put' } = options;
  const names = createNames(root, fileSystem);
  const objects = createObjects({ root, fileSystem, names, random, owner });
  const guard = createGuard({ root, fileSystem, forget: names.forget });
  return {
    url: root,
    spool: `${root}/tmp`,
    ...listings({ root, fileSystem, guard, objects }),
    ...reading(guard, objects),
    ...writing(guard, objects),
    ...durability({ root, fileSystem, guard, names }),
    async prepareSpool(prefix, staleMs = spoolStaleMs) {
      assert(prefix !== '', 'the owner of a spool has a name');
      return guard.attempt('write', undefined, () => {
        names.ensure('tmp');
        return cleanSpool({ folder: `${root}/tmp`, fileSystem, clock, ownPrefix: `${prefix}-`, staleMs });
      });
    },
    async close() {},
  };
}

type Parts = { readonly root: string; readonly fileSystem: FileSystem; readonly guard: Guard };

function listings({
  root,
  fileSystem,
  guard,
  objects,
}: Parts & { objects: Objects }): Pick<Store, 'list' | 'listKeys'> {
  /** The walk is pulled through the guard step by step, so that an error in the middle is told like any other. */
  async function* keysByFolder(prefix: string, signal: AbortSignal | undefined): AsyncGenerator<readonly string[]> {
    assertPrefix(prefix);
    const walk = walkKeys({ root, fileSystem, prefix });
    for (;;) {
      signal?.throwIfAborted();
      const step = guard.attempt('list', undefined, () => walk.next());
      if (step.done) return;
      yield step.value;
    }
  }

  return {
    async *list(prefix, signal) {
      for await (const keys of keysByFolder(prefix, signal)) {
        const entries = guard.attempt('list', undefined, () => keys.map(objects.sizeOf));
        // What was deleted since its name was listed is no object any more.
        for (const entry of entries) if (entry !== null) yield entry;
      }
    },
    async *listKeys(prefix, signal) {
      for await (const keys of keysByFolder(prefix, signal)) yield* keys;
    },
  };
}

function reading(guard: Guard, objects: Objects): Pick<Store, 'get' | 'stat'> {
  return {
    async get(key, range, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      return guard.attempt('read', key, () => {
        try {
          return objects.read(key, range);
        } catch (error) {
          throw isAbsence(error) ? guard.missing(key) : error;
        }
      });
    },
    async stat(key, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      const entry = guard.attempt('read', key, () => objects.sizeOf(key));
      if (entry !== null) return entry;
      const reason = guard.missing(key);
      if (isCofferError(reason, 'store.objectMissing')) return null;
      throw reason;
    },
  };
}

function writing(guard: Guard, objects: Objects): Pick<Store, 'put' | 'adopt' | 'delete'> {
  return {
    async put(key, bytes, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      guard.attempt('write', key, () => objects.write(key, bytes));
    },
    async adopt(key, path, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      guard.attempt('write', key, () => objects.adopt(key, path));
    },
    async delete(key, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      guard.attempt('delete', key, () => {
        try {
          objects.remove(key);
        } catch (error) {
          if (!isAbsence(error)) throw error;
          const reason = guard.missing(key);
          if (!isCofferError(reason, 'store.objectMissing')) throw reason;
        }
      });
    },
  };
}

function durability({ root, fileSystem, guard, names }: Parts & { names: Names }): Pick<Store, 'flush' | 'settle'> {
  return {
    async flush(signal) {
      signal?.throwIfAborted();
      guard.attempt('write', undefined, names.flush);
    },
    async settle(signal) {
      signal?.throwIfAborted();
      guard.attempt('write', undefined, () => names.settle(() => walkFolders({ root, fileSystem })));
    },
  };
}

/** ENOTDIR: a file lies where the object's folder would be, so there is no such object. */
function isAbsence(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}
