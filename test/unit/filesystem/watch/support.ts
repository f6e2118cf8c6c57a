import { lstatSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Clock, silentLog, systemClock } from '../../../../engine/base/index.ts';
import {
  createRealFileSystem,
  createWatcher,
  type Watch,
  type WatchEvent,
  type WatchOptions,
} from '../../../../engine/filesystem/index.ts';
import { realWatchSystem, type WatchSystem } from '../../../../engine/filesystem/watch/system.ts';

/** A folder of its own, in memory where that is possible: thousands of files are quick there however busy the disk is. */
export function quickFolder(): string {
  const inMemory = lstatSync('/dev/shm', { throwIfNoEntry: false })?.isDirectory() === true;
  const folder = realpathSync(mkdtempSync(join(inMemory ? '/dev/shm' : tmpdir(), 'coffer-watch-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The real clock, in which nothing takes longer than so many ms: what is looked at every five seconds, is so at once. */
export const hastyClock = (mostMs: number): Clock => ({
  ...systemClock,
  sleep: (delayMs, signal) => systemClock.sleep(Math.min(delayMs, mostMs), signal),
});

export type ListenOptions = {
  readonly enters?: WatchOptions['enters'];
  readonly platform?: string;
  readonly system?: Partial<WatchSystem>;
  readonly clock?: Clock;
};

export type Listening = {
  readonly watch: Watch;
  readonly events: WatchEvent[];
  /** Waits until it holds; looked at whenever events pause, for at most 25 seconds. */
  until(holds: () => boolean): Promise<void>;
  /** Folders said to be changed since the last call, deep ones with a star. */
  takeFolders(): string[];
  /** Fails unless reading what events name, and nothing else, ends in knowing the folder as it is. */
  untilMirrored(): Promise<void>;
};

export async function listen(root: string, options: ListenOptions = {}): Promise<Listening> {
  const events: WatchEvent[] = [];
  const mirror = new Mirror(root);
  let woken = Promise.withResolvers<void>();
  const watcher = createWatcher({
    fileSystem: createRealFileSystem(),
    clock: options.clock ?? hastyClock(50),
    platform: options.platform ?? 'linux',
    log: silentLog,
    system: { ...realWatchSystem, ...options.system },
  });
  const watch = await watcher.watch({
    root,
    enters: options.enters ?? (() => true),
    hear: (event) => {
      events.push(event);
      mirror.hear(event);
      woken.resolve();
    },
  });
  onTestFinished(() => watch.close());

  const until = async (holds: () => boolean): Promise<void> => {
    const deadline = AbortSignal.timeout(25_000);
    while (!holds()) {
      await Promise.race([woken.promise, systemClock.sleep(200)]);
      for (let count = -1; count !== events.length && !deadline.aborted; ) {
        count = events.length;
        await systemClock.sleep(20); // looking may read the whole tree: not after each of thousands of events
      }
      woken = Promise.withResolvers();
      if (deadline.aborted && !holds()) expect.fail(`not heard in time: ${mirror.mistake()}; heard ${tail(events)}`);
    }
  };
  let taken = 0;
  return {
    watch,
    events,
    until,
    takeFolders: () => {
      const folders = events.slice(taken).flatMap((event) => (event.kind === 'changed' ? [textOf(event)] : []));
      taken = events.length;
      return [...new Set(folders)].sort();
    },
    untilMirrored: () => until(() => mirror.mistake() === null),
  };
}

const tail = (events: readonly WatchEvent[]): string => JSON.stringify(events.slice(-5));
const textOf = ({ folder, deep }: { folder: string; deep?: true }): string => (deep ? `${folder}*` : folder);

type Listing = Map<string, string>;

/** What somebody knows of a tree who reads it once, and then only what events name, at the moment they name it. */
class Mirror {
  readonly #root: string;
  #folders: Map<string, Listing>;

  constructor(root: string) {
    this.#root = root;
    this.#folders = readTree(root);
  }

  hear(event: WatchEvent): void {
    if (event.kind === 'overflow' || event.kind === 'back' || event.kind === 'gone')
      this.#folders = readTree(this.#root);
    if (event.kind !== 'changed') return;
    const { folder } = event;
    const before = this.#folders.get(folder);
    if (event.deep) this.#forget(folder);
    const now = event.deep ? readTree(folder) : new Map([[folder, readFolder(folder)]]);
    for (const [path, listing] of now) if (listing) this.#folders.set(path, listing);
    const listing = this.#folders.get(folder);
    for (const [name, sign] of before ?? []) {
      if (sign.startsWith('folder') && listing?.get(name) !== sign) this.#forget(join(folder, name));
    }
  }

  /** What is not known as it is; null when all is. */
  mistake(): string | null {
    const actual = readTree(this.#root);
    for (const [path, listing] of actual) {
      const known = this.#folders.get(path);
      if (!known) return `${path} is not known`;
      for (const name of new Set([...listing.keys(), ...known.keys()])) {
        const [is, was] = [listing.get(name), known.get(name)];
        if (is !== was) return `${join(path, name)} is ${is}, known is ${was}`;
      }
    }
    return null; // what else it knows no listing names any more
  }

  #forget(folder: string): void {
    for (const path of this.#folders.keys()) {
      if (path === folder || path.startsWith(`${folder}/`)) this.#folders.delete(path);
    }
  }
}

function readTree(root: string): Map<string, Listing> {
  const folders = new Map<string, Listing>();
  const paths = [root];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const listing = readFolder(path);
    if (!listing) continue;
    folders.set(path, listing);
    for (const [name, sign] of listing) if (sign.startsWith('folder')) paths.push(join(path, name));
  }
  return folders;
}

/** Null when there is no such folder; what vanishes while it is read is left out. */
function readFolder(path: string): Listing | null {
  const listing: Listing = new Map();
  try {
    for (const name of readdirSync(path)) {
      const sign = signOf(join(path, name));
      if (sign) listing.set(name, sign);
    }
  } catch {
    return null;
  }
  return listing;
}

/** What a backup would compare. A folder has its inode alone, because its times change with its own listing. */
function signOf(path: string): string | null {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return null;
  if (stat.isDirectory()) return `folder ${stat.ino}`;
  const target = stat.isSymbolicLink() ? readlinkSync(path) : '';
  return `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.mode} ${target}`;
}
