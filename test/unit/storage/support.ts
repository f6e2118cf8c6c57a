import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Random } from '../../../engine/base/index.ts';
import { createRealFileSystem, type FileSystem } from '../../../engine/filesystem/index.ts';
import { createLocalStore, type Store } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import type { StoreUnderTest } from '../../contract/store.ts';

export const realFileSystem: FileSystem = createRealFileSystem();

/** A clock that only moves when somebody sleeps; the pauses are kept. */
export function steppingClock(): Clock & { readonly pauses: number[] } {
  let nowMs = 1_000_000;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (delayMs, signal) => {
      signal?.throwIfAborted();
      pauses.push(delayMs);
      nowMs += delayMs;
    },
  };
}

/** Always draws the largest number it may. */
export const highestRandom: Random = {
  bytes: (length) => new Uint8Array(length).fill(255),
  integer: (below) => below - 1,
};

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

export function writeFile(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  const fd = fileSystem.open(path, 'create', 0o600);
  fileSystem.write(fd, bytes, 0);
  fileSystem.sync(fd);
  fileSystem.close(fd);
}

export type Place = {
  readonly root: string;
  readonly dispose: () => void;
};

/** An empty folder on the disk of this computer. */
export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-store-'));
  return { root: folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

function files(fileSystem: FileSystem, folder: string): Pick<StoreUnderTest, 'makeFile' | 'fileIsThere'> {
  let count = 0;
  return {
    makeFile: (bytes) => {
      count += 1;
      const path = `${folder}/given-${count}`;
      writeFile(fileSystem, path, bytes);
      return path;
    },
    fileIsThere: (path) => fileSystem.lstatIfThere(path) !== null,
  };
}

export async function localUnderTest(fileSystem: FileSystem, place: Place): Promise<StoreUnderTest> {
  const store = createLocalStore({ root: place.root, fileSystem, owner: 'me' });
  await store.prepareSpool('me');
  return { store, ...files(fileSystem, place.root), dispose: place.dispose };
}

export async function memoryUnderTest(wrap: (store: Store) => Store = (store) => store): Promise<StoreUnderTest> {
  const place = makePlace();
  const store = wrap(createMemoryStore({ fileSystem: realFileSystem }));
  return { store, ...files(realFileSystem, place.root), dispose: place.dispose };
}
