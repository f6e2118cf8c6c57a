import { type Clock, silentLog } from '../../../engine/base/index.ts';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import {
  createSimulatedFileSystem,
  type SimulatedFileSystem,
  seededRandom,
} from '../../../engine/filesystem/simulated/index.ts';
import { createVault, openVault, type Ports, type Vault } from '../../../engine/repository/index.ts';
import { type BackupOptions, type BackupResult, backup } from '../../../engine/snapshot/index.ts';
import { createLocalStore, type Store } from '../../../engine/storage/index.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { type ChosenPaths, noRules, sourcesOf } from '../../support/sources.ts';

export const storeFolder = '/vault';
export const sourceFolder = '/data';
export const homeFolder = '/home/coffer';

/** Hours after the simulated disk's own time, so that nothing it holds counts as just changed. */
const afterDiskMs = 1_700_000_000_000 + 6 * 3_600_000;

type Template = { readonly files: ReadonlyMap<string, Uint8Array>; readonly phrase: string };
let template: Promise<Template> | null = null;

/** An empty vault, made once: each passphrase slot costs a third of a second. */
async function makeTemplate(): Promise<Template> {
  const disk = createSimulatedFileSystem({ seed: 7 });
  const ports = portsOn(disk, { seed: 7 });
  const { recoveryPhrase } = await createVault(ports, { store: storeFolder, passphrase: 'horse battery' });
  return { files: filesBelow(disk, storeFolder), phrase: recoveryPhrase };
}

export type WorldOptions = { readonly seed?: number; readonly capacity?: number };

/** One computer: a disk with an empty vault, an empty source folder and a home for each installation. */
export type World = {
  readonly disk: SimulatedFileSystem;
  readonly clock: TestClock;
  readonly phrase: string;
  readonly seed: number;
  /** Runs so far: each draws from a seed of its own. */
  runs: number;
};

export async function createWorld({ seed = 1, capacity }: WorldOptions = {}): Promise<World> {
  template ??= makeTemplate();
  const { files, phrase } = await template;
  const disk = createSimulatedFileSystem({ seed, ...(capacity === undefined ? {} : { capacity }) });
  for (const [path, bytes] of files) write(disk, path, bytes);
  makeFolders(disk, sourceFolder);
  disk.syncVolume('/');
  return { disk, clock: testClock(afterDiskMs), phrase, seed, runs: 0 };
}

export type PortsOptions = {
  readonly seed?: number;
  readonly home?: string;
  readonly clock?: Clock;
  /** What the engine sees in place of the disk itself. */
  readonly fileSystem?: FileSystem;
  readonly wrapStore?: (store: Store) => Store;
  readonly onWarning?: (message: string) => void;
};

export function portsOn(disk: FileSystem, options: PortsOptions = {}): Ports {
  const { seed = 1, home = homeFolder, clock = testClock(afterDiskMs), fileSystem = disk, wrapStore } = options;
  const random = seededRandom(seed * 7919 + 13);
  const log = { ...silentLog, warn: (message: string) => options.onWarning?.(message) };
  const common = { home, fileSystem, clock, random, log, threads: false };
  if (wrapStore === undefined) return common;
  const storeFor = async (root: string): Promise<Store> =>
    wrapStore(createLocalStore({ root, fileSystem, clock, random }));
  return { ...common, storeFor };
}

export type RunOptions = PortsOptions & Partial<BackupOptions> & ChosenPaths;

/** One backup of `/data`, unless told otherwise, by a program that starts anew. */
export async function runBackup(world: World, options: RunOptions = {}): Promise<BackupResult> {
  const {
    seed = world.seed * 1000 + world.runs++,
    home,
    clock = world.clock,
    fileSystem,
    wrapStore,
    onWarning,
    paths = [sourceFolder],
    rules = noRules,
    otherFileSystems = false,
    ...rest
  } = options;
  const ports = portsOn(world.disk, {
    ...{ seed, clock },
    ...(home === undefined ? {} : { home }),
    ...(fileSystem === undefined ? {} : { fileSystem }),
    ...(wrapStore === undefined ? {} : { wrapStore }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
  return backup(ports, open(world, ports, 'write'), {
    sources: sourcesOf({ paths, rules, otherFileSystems }),
    tags: [],
    app: 'coffer test',
    host: 'computer',
    user: 'me',
    userHome: '/home/me',
    platform: 'linux',
    ...rest,
  });
}

export function open(world: World, ports: Ports, mode: 'read' | 'write'): Promise<Vault> {
  return openVault(ports, { store: storeFolder, secret: async () => ({ kind: 'phrase', phrase: world.phrase }), mode });
}

/** Opens the vault as a computer that has never seen it. */
export function openAfresh(world: World): Promise<Vault> {
  return open(world, portsOn(world.disk, { home: `/elsewhere/${world.runs++}`, clock: world.clock }), 'read');
}

export function makeFolders(disk: FileSystem, path: string): void {
  if (disk.lstatIfThere(path) !== null) return;
  const parent = path.slice(0, path.lastIndexOf('/'));
  if (parent !== '') makeFolders(disk, parent);
  disk.makeFolder(path, 0o755);
}

/** Makes or replaces a file in place, with the folders above it. */
export function write(disk: FileSystem, path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  makeFolders(disk, path.slice(0, path.lastIndexOf('/')));
  const isThere = disk.lstatIfThere(path) !== null;
  const fd = disk.open(path, isThere ? 'write' : 'create', 0o644);
  if (isThere) disk.truncate(fd, 0);
  disk.write(fd, bytes, 0);
  disk.close(fd);
}

export function read(disk: FileSystem, path: string): Uint8Array {
  const fd = disk.open(path, 'read');
  const bytes = new Uint8Array(disk.fstat(fd).size);
  disk.read(fd, bytes, 0);
  disk.close(fd);
  return bytes;
}

export function filesBelow(disk: FileSystem, folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const name of disk.list(folder).sort()) {
    const path = `${folder}/${name}`;
    const { kind } = disk.lstat(path);
    if (kind === 'folder') for (const [below, bytes] of filesBelow(disk, path)) files.set(below, bytes);
    else if (kind === 'file') files.set(path, read(disk, path));
  }
  return files;
}

/** Objects of the vault, without what lies in its spool. */
export function objectsIn(disk: FileSystem): string[] {
  return [...filesBelow(disk, storeFolder).keys()]
    .map((path) => path.slice(storeFolder.length + 1))
    .filter((key) => !key.startsWith('tmp/'));
}

/** Like `noise`, quick enough for megabytes. */
export function bulk(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 0x9e3779b1 + 0x6d2b79f5) >>> 0;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length).slice();
}
