/**
 * Whether calls of the file system come back. A thread whose call never returns can say nothing any more, so each thread
 * writes down what it is about to ask, in memory that others can read:
 *
 *     thread:  path ─► count is odd ─► call ─► count is even
 *     agent:   has any count moved since the last look? if none has, and one is odd: which path?
 */
import { assert } from '../base/index.ts';
import type { FileSystem } from './port.ts';

/** Memory that all threads of a run share. */
export type SharedPulse = SharedArrayBuffer;

export type Pulse = {
  readonly shared: SharedPulse;
  /** The same file system; the calls that it makes off this thread are counted. */
  watch(fileSystem: FileSystem): FileSystem;
  read(): Beat;
};

export type Beat = {
  /** Grows with each call that begins or returns. */
  readonly moves: number;
  /** Of a call that has not returned; null when there is none. */
  readonly path: string | null;
};

/** As many threads as a pool has at most. */
const slotsMost = 16;
/** A longer path is cut off: it is only to be told, and to be found below a place or a source. */
const pathBytesMost = 1016;
const slotBytes = pathBytesMost + 8;
const [countAt, lengthAt] = [0, 1];

type Slot = { readonly numbers: Int32Array; readonly path: Buffer };

function slotIn(shared: SharedPulse, slot: number): Slot {
  assert(slot < slotsMost, 'more threads than a pool has');
  return {
    numbers: new Int32Array(shared, slot * slotBytes, 2),
    path: Buffer.from(shared, slot * slotBytes + 8, pathBytesMost),
  };
}

export function createPulse(): Pulse {
  const shared = new SharedArrayBuffer(slotsMost * slotBytes);
  const slots = Array.from({ length: slotsMost }, (_, slot) => slotIn(shared, slot));
  const later = new Set<{ readonly path: string }>();
  let laterMoves = 0;

  const counted = async <T>(path: string, call: Promise<T>): Promise<T> => {
    const one = { path };
    later.add(one);
    laterMoves++;
    try {
      return await call;
    } finally {
      later.delete(one);
      laterMoves++;
    }
  };
  return {
    shared,
    watch: (fileSystem) => ({
      ...fileSystem,
      syncLater: (path) => counted(path, fileSystem.syncLater(path)),
    }),
    read() {
      let moves = laterMoves;
      let [first = null] = later;
      for (const { numbers, path } of slots) {
        const count = Atomics.load(numbers, countAt);
        moves += count;
        if (count % 2 !== 0) first ??= { path: path.toString('utf8', 0, Atomics.load(numbers, lengthAt)) };
      }
      return { moves, path: first?.path ?? null };
    },
  };
}

/** For one thread: its calls are written down. What is open is known by the path it was opened by. */
export function withPulse(fs: FileSystem, shared: SharedPulse, thread: number): FileSystem {
  const { numbers, path: room } = slotIn(shared, thread);
  const opened = new Map<number, string>();
  let last = '';

  const during = <T>(path: string, call: () => T): T => {
    if (path !== last) {
      last = path;
      Atomics.store(numbers, lengthAt, room.write(path, 'utf8'));
    }
    Atomics.add(numbers, countAt, 1);
    try {
      return call();
    } finally {
      Atomics.add(numbers, countAt, 1);
    }
  };
  const at = <T>(fd: number, call: () => T): T => during(opened.get(fd) ?? '', call);
  return {
    ...fs,
    list: (folder) => during(folder, () => fs.list(folder)),
    lstat: (path) => during(path, () => fs.lstat(path)),
    lstatIfThere: (path) => during(path, () => fs.lstatIfThere(path)),
    readLink: (path) => during(path, () => fs.readLink(path)),
    xattrs: (path) => during(path, () => fs.xattrs(path)),
    volumeKind: (path) => during(path, () => fs.volumeKind(path)),
    removeFile: (path) => during(path, () => fs.removeFile(path)),
    open: (path, mode, permissions) => {
      const fd = during(path, () => fs.open(path, mode, permissions));
      opened.set(fd, path);
      return fd;
    },
    fstat: (fd) => at(fd, () => fs.fstat(fd)),
    read: (fd, into, position) => at(fd, () => fs.read(fd, into, position)),
    write: (fd, bytes, position) => at(fd, () => fs.write(fd, bytes, position)),
    truncate: (fd, size) => at(fd, () => fs.truncate(fd, size)),
    allocate: (fd, size) => at(fd, () => fs.allocate(fd, size)),
    holes: (fd, from, to) => at(fd, () => fs.holes(fd, from, to)),
    nextData: (fd, position, size) => at(fd, () => fs.nextData(fd, position, size)),
    sync: (fd) => at(fd, () => fs.sync(fd)),
    startWriteback: (fd, offset, length) => at(fd, () => fs.startWriteback(fd, offset, length)),
    close: (fd) => {
      at(fd, () => fs.close(fd));
      opened.delete(fd);
    },
  };
}
