import { type Clock, silentLog } from '../../../engine/base/index.ts';
import { sha256Hex } from '../../../engine/crypto/index.ts';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import {
  createSimulatedFileSystem,
  type SimulatedFileSystem,
  seededRandom,
} from '../../../engine/filesystem/simulated/index.ts';
import { overNetwork } from '../../../engine/storage/far.ts';
import { createMemoryRecords, type Store, type UploadRecords } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { type UploadStore, withUploads } from '../../../engine/storage/upload/store.ts';
import { createFarStore, type FarStore, type NetworkFaults } from '../../support/far-store.ts';
import { bulk } from '../backup/world.ts';

export const MiB = 1024 * 1024;
const spoolFolder = '/home/spool';

export type SceneOptions = {
  readonly clock: Clock;
  readonly seed?: number;
  readonly faults?: Partial<NetworkFaults>;
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  readonly limit?: () => number | null;
  /** Below the network: the place itself. */
  readonly place?: (store: Store) => Store;
};

/** A far place, this computer's disk, and the uploads between them. */
export type Scene = {
  readonly disk: SimulatedFileSystem;
  readonly inner: Store;
  readonly far: FarStore;
  readonly records: UploadRecords;
  /** As the next run would; nothing is left of the one before but its spool and its records. */
  open(records?: UploadRecords): Promise<UploadStore>;
  /** A sealed file in the spool that can be adopted. */
  seal(bytes: number): { readonly key: string; readonly path: string; readonly content: Uint8Array };
  /** Names in the spool. */
  spooled(): string[];
};

export function makeScene(options: SceneOptions): Scene {
  const { clock, seed = 1, faults = {}, latencyMs = 20, bytesPerSecond = MiB, limit = () => null } = options;
  const disk = createSimulatedFileSystem({ seed });
  disk.makeFolder('/home');
  disk.makeFolder(spoolFolder);
  disk.syncVolume('/');
  const inner = createMemoryStore({ fileSystem: disk });
  const place = options.place?.(inner) ?? inner;
  const far = createFarStore({ inner: place, fileSystem: disk, clock, seed, latencyMs, bytesPerSecond, faults });
  const records = createMemoryRecords();
  const random = seededRandom(seed + 5);
  let sealed = 0;
  return {
    disk,
    inner,
    far,
    records,
    async open(known = records) {
      const store = withUploads(overNetwork(far, { clock, random, fileSystem: disk, bytesPerSecond: limit }), {
        ...{ folder: spoolFolder, fileSystem: disk, clock, random, log: silentLog, records: known },
      });
      await store.prepareSpool('me');
      return store;
    },
    seal(bytes) {
      sealed++;
      const content = bulk(bytes, seed * 1000 + sealed);
      const hash = sha256Hex(content);
      const path = `${spoolFolder}/me-${sealed}`;
      writeFile(disk, path, content);
      return { key: `packs/${hash.slice(0, 2)}/${hash}`, path, content };
    },
    spooled: () => disk.list(spoolFolder),
  };
}

export function writeFile(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  const fd = fileSystem.open(path, 'create', 0o600);
  fileSystem.write(fd, bytes, 0);
  fileSystem.sync(fd);
  fileSystem.close(fd);
}
