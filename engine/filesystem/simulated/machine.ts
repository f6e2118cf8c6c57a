/** What the calls of the simulated file system share: the tree, open files, locks, time and space. */
import type { Random } from '../../base/index.ts';
import { systemError } from '../system-error.ts';
import { seededRandom } from './seeded-random.ts';
import { type Attributes, type Moment, type Node, Tree } from './tree.ts';

export type OpenFile = { readonly node: Node; readonly path: string; readonly canWrite: boolean };

export type Machine = {
  readonly tree: Tree;
  readonly random: Random;
  readonly isOff: boolean;
  readonly locks: Set<Node>;
  /** A moment later than all before it. */
  tick(): Moment;
  newAttributes(mode: number): Attributes;
  /** The node at a path, which must exist. */
  node(path: string, syscall: string, options?: { readonly follow: boolean }): Node;
  folder(path: string, syscall: string): Node;
  openFile(file: OpenFile): number;
  file(fd: number, syscall: string): OpenFile;
  closeFile(fd: number): void;
  pathOf(fd: number): string;
  /** Takes space, or fails with ENOSPC and takes none. */
  take(bytes: number, syscall: string, path: string): void;
  give(bytes: number): void;
  /** Gives back the space of a file that no name and no open file holds any more. */
  giveIfGone(node: Node): void;
  freeBytes(): number;
  usedBytes(): number;
  setCapacity(bytes: number): void;
  losePower(): void;
  switchOff(): void;
  restart(): void;
  mount(path: string, kind: string): void;
};

/** 2023-11-14, so that times look like times. */
const firstSecond = 1_700_000_000;
const tickNanoseconds = 1_000_003;

export function createMachine(seed: number, capacityBytes: number): Machine {
  const random = seededRandom(seed);
  const openFiles = new Map<number, OpenFile>();
  const locks = new Set<Node>();
  let [ticks, used, capacity, devices, nextFd] = [0, 0, capacityBytes, 1, 3];
  let isOff = false;

  const tick = (): Moment => {
    const nanoseconds = ++ticks * tickNanoseconds;
    return { seconds: firstSecond + Math.floor(nanoseconds / 1e9), nanoseconds: nanoseconds % 1e9 };
  };
  const newAttributes = (mode: number): Attributes => {
    const now = tick();
    return { mode: mode & 0o7777, uid: 0, gid: 0, mtime: now, ctime: now, xattrs: new Map() };
  };
  const tree = new Tree(newAttributes(0o755), { device: devices++, kind: 'ext' });
  const endProcess = (): void => {
    for (const { node } of openFiles.values()) node.openFiles = 0;
    openFiles.clear();
    locks.clear();
    used = 0;
    for (const node of tree.nodes()) used += node.content.storedBytes;
  };
  const find = (path: string, syscall: string, options?: { readonly follow: boolean }): Node => {
    const found = tree.find(path, options);
    if (!found) throw systemError('ENOENT', syscall, path);
    return found;
  };
  const losePower = (): void => {
    tree.losePower(random);
    endProcess();
  };

  return {
    tree,
    random,
    locks,
    get isOff() {
      return isOff;
    },
    tick,
    newAttributes,
    node: find,
    folder: (path, syscall) => {
      const found = find(path, syscall, { follow: true });
      if (found.kind !== 'folder') throw systemError('ENOTDIR', syscall, path);
      return found;
    },
    openFile: (file) => {
      file.node.openFiles++;
      openFiles.set(nextFd, file);
      return nextFd++;
    },
    file: (fd, syscall) => {
      const file = openFiles.get(fd);
      if (!file) throw systemError('EBADF', syscall);
      return file;
    },
    closeFile: (fd) => void openFiles.delete(fd),
    pathOf: (fd) => openFiles.get(fd)?.path ?? '',
    take: (bytes, syscall, path) => {
      if (bytes > 0 && used + bytes > capacity) throw systemError('ENOSPC', syscall, path);
      used += bytes;
    },
    give: (bytes) => {
      used -= bytes;
    },
    giveIfGone: (node) => {
      if (node.links === 0 && node.openFiles === 0) used -= node.content.storedBytes;
    },
    freeBytes: () => Math.max(0, capacity - used),
    usedBytes: () => used,
    setCapacity: (bytes) => {
      capacity = bytes;
    },
    losePower,
    switchOff: () => {
      losePower();
      isOff = true;
    },
    restart: () => {
      endProcess();
      isOff = false;
    },
    mount: (path, kind) => {
      find(path, 'mount').volume = { device: devices++, kind };
    },
  };
}
