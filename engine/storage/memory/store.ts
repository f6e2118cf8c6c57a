import { assert, CofferError } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { assertKey, assertPrefix } from '../keys.ts';
import type { Store } from '../port.ts';
import { resolveRange } from '../range.ts';

export type MemoryStoreOptions = {
  readonly url?: string;
  /** Where the files to `adopt` lie; without it nothing can be adopted. */
  readonly fileSystem?: FileSystem;
};

/** A store in a map: for tests and for the simulator. Names are durable at once, so `flush` has nothing to do. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { url = 'memory:', fileSystem } = options;
  const objects = new Map<string, Uint8Array>();

  const present = (key: string): Uint8Array => {
    const bytes = objects.get(key);
    if (bytes === undefined) throw new CofferError('store.objectMissing', { key, store: url });
    return bytes;
  };

  const add = (key: string, bytes: Uint8Array): void => {
    if (objects.has(key)) throw new CofferError('store.objectExists', { key, store: url });
    objects.set(key, bytes);
  };

  const keysWith = (prefix: string): string[] => {
    assertPrefix(prefix);
    return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  };

  const check = (key: string, signal: AbortSignal | undefined): void => {
    assertKey(key);
    signal?.throwIfAborted();
  };

  return {
    url,
    spool: null,
    async *list(prefix, signal) {
      signal?.throwIfAborted();
      for (const key of keysWith(prefix)) {
        const size = objects.get(key)?.length;
        if (size !== undefined) yield { key, size };
      }
    },
    async *listKeys(prefix, signal) {
      signal?.throwIfAborted();
      yield* keysWith(prefix);
    },
    async get(key, range, signal) {
      check(key, signal);
      const bytes = present(key);
      const { offset, length } = resolveRange(key, bytes.length, range);
      return bytes.slice(offset, offset + length);
    },
    async stat(key, signal) {
      check(key, signal);
      const bytes = objects.get(key);
      return bytes === undefined ? null : { key, size: bytes.length };
    },
    async put(key, bytes, signal) {
      check(key, signal);
      add(key, new Uint8Array(bytes));
    },
    async adopt(key, path, signal) {
      check(key, signal);
      assert(fileSystem !== undefined, 'a memory store adopts files only from the file system it was given');
      add(key, readWhole(fileSystem, path));
      fileSystem.removeFile(path);
    },
    flush: async (signal) => signal?.throwIfAborted(),
    settle: async (signal) => signal?.throwIfAborted(),
    async delete(key, signal) {
      check(key, signal);
      objects.delete(key);
    },
    prepareSpool: async () => 0,
    close: async () => {},
  };
}

function readWhole(fileSystem: FileSystem, path: string): Uint8Array {
  const fd = fileSystem.open(path, 'read');
  try {
    const bytes = new Uint8Array(fileSystem.fstat(fd).size);
    for (let at = 0; at < bytes.length; ) {
      const count = fileSystem.read(fd, bytes.subarray(at), at);
      assert(count > 0, 'a file to adopt does not shrink');
      at += count;
    }
    return bytes;
  } finally {
    fileSystem.close(fd);
  }
}
