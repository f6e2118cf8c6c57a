/**
 * The calls of the C library that Node's `fs` lacks, through koffi; `crypto/native.ts` has those of codecs. Bound for Linux; elsewhere,
 * and for any function this C library does not export, a call is null and the caller uses what Node has.
 *
 * The buffers that calls fill belong to one `Native`, so each thread loads its own (all calls are synchronous).
 */
import { createRequire } from 'node:module';
import { decodePath, nameBytes } from './names.ts';
import type { Hole } from './port.ts';
import { systemError, systemErrorOf } from './system-error.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_NO_AUTOMOUNT = 0x800;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const FALLOC_FL_KEEP_SIZE = 1;
const SYNC_FILE_RANGE_WRITE = 2;
const RENAME_NOREPLACE = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

const errnos = {
  ENOENT: 2,
  ENXIO: 6,
  EAGAIN: 11,
  ENOTDIR: 20,
  EINVAL: 22,
  ERANGE: 34,
  ENOSYS: 38,
  ENODATA: 61,
  ENOTSUP: 95,
};

const signatures = {
  statx: 'int statx(int, const char*, int, unsigned int, void*)',
  fstatfs: 'int fstatfs(int, void*)',
  utimensat: 'int utimensat(int, const char*, const void*, int)',
  futimens: 'int futimens(int, const void*)',
  fchmodat: 'int fchmodat(int, const char*, unsigned int, int)',
  llistxattr: 'int64 llistxattr(const char*, void*, size_t)',
  lgetxattr: 'int64 lgetxattr(const char*, const char*, void*, size_t)',
  lsetxattr: 'int lsetxattr(const char*, const char*, const void*, size_t, int)',
  lremovexattr: 'int lremovexattr(const char*, const char*)',
  lseek: 'int64 lseek(int, int64, int)',
  syncfs: 'int syncfs(int)',
  sync_file_range: 'int sync_file_range(int, int64, int64, unsigned int)',
  fallocate: 'int fallocate(int, int, int64, int64)',
  renameat2: 'int renameat2(int, const char*, int, const char*, unsigned int)',
  mknod: 'int mknod(const char*, unsigned int, uint64)',
  flock: 'int flock(int, int)',
  getsockopt: 'int getsockopt(int, int, int, void*, void*)',
  malloc_trim: 'int malloc_trim(size_t)',
  syscall: 'int64 syscall(int64, int64, int64, int64)',
} as const;

type CallName = keyof typeof signatures;
type Call = ((...values: readonly (number | string | Uint8Array)[]) => number) & {
  /** On a thread of the C side; the last value is told the outcome, and may then ask for `errno`. */
  readonly async: (...values: readonly [...(number | string)[], (error: unknown, result: number) => void]) => void;
};

/** The loaded C library: finds functions, and tells why the last call failed. */
export type Library = {
  find(name: CallName): Call | null;
  errno(): number;
  fail(name: CallName, path?: string, dest?: string): never;
};

export type Native = ReturnType<typeof statCalls> &
  ReturnType<typeof xattrCalls> &
  ReturnType<typeof dataCalls> &
  ReturnType<typeof pathCalls>;

/** Null where this system has no such library at all. */
export function loadNative(): Native | null {
  const library = loadLibrary();
  return library && { ...statCalls(library), ...xattrCalls(library), ...dataCalls(library), ...pathCalls(library) };
}

export function loadLibrary(): Library | null {
  if (process.platform !== 'linux') return null;
  let koffi: typeof import('koffi');
  let library: import('koffi').LibraryHandle;
  try {
    koffi = createRequire(import.meta.url)('koffi');
    library = koffi.load(null);
  } catch {
    // No build of koffi for this processor: everything still works, with less exact metadata.
    return null;
  }
  return {
    find: (name) => {
      try {
        return library.func(signatures[name]);
      } catch {
        return null;
      }
    },
    errno: () => koffi.errno(),
    fail: (name, path, dest) => {
      throw systemErrorOf(koffi.errno(), name, path, dest);
    },
  };
}

/** Text for a C string. A NUL inside would silently cut the path short and name another file. */
function cString(path: string): string | Uint8Array {
  if (path.includes('\0')) throw systemError('EINVAL', 'path', path);
  return path.isWellFormed() ? path : Buffer.concat([nameBytes(path), Buffer.of(0)]);
}

function statCalls({ find, errno, fail }: Library) {
  const statx = find('statx');
  const fstatfs = find('fstatfs');
  // Plain Uint8Arrays: koffi takes them in 0.9 µs a call, Buffers in 1.5.
  const record = new Uint8Array(256);
  const view = new DataView(record.buffer);
  const flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  return {
    /** A `struct statx`, valid until the next call; null when there is nothing at that path. */
    statPath:
      statx &&
      ((path: string): DataView | null => {
        if (statx(AT_FDCWD, cString(path), flags, STATX_BASIC_STATS, record) === 0) return view;
        const cause = errno();
        return cause === errnos.ENOENT || cause === errnos.ENOTDIR ? null : fail('statx', path);
      }),
    statFile:
      statx &&
      ((fd: number): DataView => {
        if (statx(fd, '', AT_EMPTY_PATH, STATX_BASIC_STATS, record) !== 0) fail('statx');
        return view;
      }),
    /** The magic number of the file system. Of an O_PATH descriptor, so that asking does not trigger an automount. */
    volumeMagic:
      fstatfs &&
      ((fd: number): number => {
        if (fstatfs(fd, record) !== 0) fail('fstatfs');
        return view.getUint32(0, true);
      }),
  };
}

function xattrCalls({ find, errno, fail }: Library) {
  const [list, get, set, remove] = [find('llistxattr'), find('lgetxattr'), find('lsetxattr'), find('lremovexattr')];
  // The kernel allocates as much as a call offers: with 1 KiB, enough for nearly all, a call takes a third less
  // time than with 64 KiB, its own limit.
  const small = 1024;
  const buffer = new Uint8Array(65536);
  const withRoom = (attempt: (room: number) => number): number => {
    const length = attempt(small);
    return length < 0 && errno() === errnos.ERANGE ? attempt(buffer.length) : length;
  };
  return {
    listXattrs:
      list &&
      ((path: string): string[] => {
        const text = cString(path);
        const length = withRoom((room) => list(text, buffer, room));
        if (length < 0) return errno() === errnos.ENOTSUP ? [] : fail('llistxattr', path);
        return length === 0 ? [] : decodePath(buffer.subarray(0, length - 1)).split('\0');
      }),
    /** Null when it is gone meanwhile. */
    getXattr:
      get &&
      ((path: string, name: string): Uint8Array | null => {
        const [text, key] = [cString(path), cString(name)];
        const length = withRoom((room) => get(text, key, buffer, room));
        if (length >= 0) return buffer.slice(0, length);
        return errno() === errnos.ENODATA ? null : fail('lgetxattr', path);
      }),
    setXattr:
      set &&
      ((path: string, name: string, bytes: Uint8Array): void => {
        if (set(cString(path), cString(name), bytes, bytes.length, 0) !== 0) fail('lsetxattr', path);
      }),
    removeXattr:
      remove &&
      ((path: string, name: string): void => {
        if (remove(cString(path), cString(name)) !== 0) fail('lremovexattr', path);
      }),
  };
}

function dataCalls({ find, errno, fail }: Library) {
  const [seek, allocate] = [find('lseek'), find('fallocate')];
  const [syncVolume, writeback, flock] = [find('syncfs'), find('sync_file_range'), find('flock')];
  return {
    holes:
      seek &&
      ((fd: number, from: number, to: number): Hole[] => {
        const holes: Hole[] = [];
        for (let at = from; at < to; ) {
          const data = seek(fd, at, SEEK_DATA);
          if (data < 0 && errno() === errnos.EINVAL) return [];
          if (data < 0 && errno() !== errnos.ENXIO) fail('lseek');
          // ENXIO: no data after `at`.
          const end = data < 0 ? to : Math.min(data, to);
          if (end > at) holes.push({ offset: at, length: end - at });
          at = seek(fd, end, SEEK_HOLE);
          // Nothing after `end`: the hole reached the end, or the file shrank between the two calls.
          if (at < 0) return errno() === errnos.ENXIO ? holes : fail('lseek');
        }
        return holes;
      }),
    nextData:
      seek &&
      ((fd: number, position: number, size: number): number => {
        const data = seek(fd, position, SEEK_DATA);
        if (data >= 0) return Math.min(data, size);
        if (errno() === errnos.ENXIO) return size;
        return errno() === errnos.EINVAL ? position : fail('lseek');
      }),
    /** Keeps the size: where it is unsupported, a caller sees no difference. */
    allocate:
      allocate &&
      ((fd: number, size: number): void => {
        if (allocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) === 0) return;
        if (errno() !== errnos.ENOTSUP && errno() !== errnos.ENOSYS) fail('fallocate');
      }),
    syncVolume:
      syncVolume &&
      ((fd: number): void => {
        if (syncVolume(fd) !== 0) fail('syncfs');
      }),
    syncVolumeLater:
      syncVolume &&
      ((fd: number): Promise<void> =>
        new Promise((resolve, reject) => {
          syncVolume.async(fd, (error, result) => {
            if (error !== null) reject(error);
            else if (result === 0) resolve();
            else reject(systemErrorOf(errno(), 'syncfs'));
          });
        })),
    /** A hint: what goes wrong while writing back is reported by the sync that follows. */
    startWriteback:
      writeback &&
      ((fd: number, offset: number, length: number) => void writeback(fd, offset, length, SYNC_FILE_RANGE_WRITE)),
    /** False when another open file holds the lock. */
    lock:
      flock &&
      ((fd: number): boolean => {
        if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
        return errno() === errnos.EAGAIN ? false : fail('flock');
      }),
  };
}

function pathCalls({ find, errno, fail }: Library) {
  const [utimensat, futimens, fchmodat] = [find('utimensat'), find('futimens'), find('fchmodat')];
  const [renameat2, mknod] = [find('renameat2'), find('mknod')];
  const times = new Uint8Array(32);
  const view = new DataView(times.buffer);
  /** Two `struct timespec`, access and modification; 64-bit halves written apart to stay clear of BigInt. */
  const setTimes = (seconds: number, nanoseconds: number): void => {
    for (const at of [0, 16]) {
      view.setUint32(at, seconds % 2 ** 32, true);
      view.setInt32(at + 4, Math.floor(seconds / 2 ** 32), true);
      view.setUint32(at + 8, nanoseconds, true);
    }
  };
  return {
    setFileTime:
      futimens &&
      ((fd: number, seconds: number, nanoseconds: number): void => {
        setTimes(seconds, nanoseconds);
        if (futimens(fd, times) !== 0) fail('futimens');
      }),
    setTime:
      utimensat &&
      ((path: string, seconds: number, nanoseconds: number): void => {
        setTimes(seconds, nanoseconds);
        if (utimensat(AT_FDCWD, cString(path), times, AT_SYMLINK_NOFOLLOW) !== 0) fail('utimensat', path);
      }),
    /** Never through a link; false for a link (Linux gives it no mode) and where the C library cannot tell. */
    setMode:
      fchmodat &&
      ((path: string, mode: number): boolean => {
        if (fchmodat(AT_FDCWD, cString(path), mode, AT_SYMLINK_NOFOLLOW) === 0) return true;
        return errno() === errnos.ENOTSUP ? false : fail('fchmodat', path);
      }),
    /** False where the file system or the kernel does not know the call. */
    renameNoReplace:
      renameat2 &&
      ((from: string, to: string): boolean => {
        if (renameat2(AT_FDCWD, cString(from), AT_FDCWD, cString(to), RENAME_NOREPLACE) === 0) return true;
        const unsupported = errno() === errnos.EINVAL || errno() === errnos.ENOSYS;
        return unsupported ? false : fail('renameat2', from, to);
      }),
    makeNode:
      mknod &&
      ((path: string, mode: number, device: number): void => {
        if (mknod(cString(path), mode, device) !== 0) fail('mknod', path);
      }),
  };
}
