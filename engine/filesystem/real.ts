/**
 * The file system of this computer. What `native.ts` offers is used where it is there; each such call has a fallback on
 * Node's `fs`, and `support` says what the fallback cannot keep.
 */
import fs from 'node:fs';
import { systemCode as codeOf } from '../base/index.ts';
import { answersWholly } from './drive-question.ts';
import { createLock } from './lock.ts';
import { mountsThatMayHang, parseMounts } from './mounts.ts';
import { decodePath, encodePath, mayBeLossy } from './names.ts';
import { loadNative, type Native } from './native.ts';
import type { FileStat, FileSystem, OpenMode, Support, Xattr } from './port.ts';
import { deviceNumber, statOfNode, statOfStatx, typeBits } from './stat.ts';
import { systemError } from './system-error.ts';
import { volumeKinds } from './volumes.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
// Absent on some systems, where their guard is absent too.
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
const O_NOATIME = fs.constants.O_NOATIME ?? 0;
const O_PATH = 0x200000;

export type RealFileSystemOptions = {
  /** False to do without FFI, as on systems that have none: for tests. */
  readonly useNative?: boolean;
};

export function createRealFileSystem({ useNative = true }: RealFileSystemOptions = {}): FileSystem {
  const native = useNative ? loadNative() : null;
  return {
    support: supportOf(native),
    // Asks its server where there is one, and never what is remembered of it.
    answers: (path) =>
      fs.promises.statfs(encodePath(path)).then(
        () => {},
        () => {},
      ),
    answersWholly: (asked) => answersWholly(asked).catch(() => {}),
    mountsThatMayHang: () => mountsThatMayHang(parseMounts(mountinfo())),
    ...statPart(native),
    ...xattrPart(native),
    ...filePart(native),
    ...syncPart(native),
    ...makePart(native),
    ...changePart(native),
    lock: createLock(native?.lock ?? null),
  };
}

/** Empty where the system has no such list. */
function mountinfo(): Uint8Array {
  try {
    return fs.readFileSync('/proc/self/mountinfo');
  } catch {
    return new Uint8Array(0);
  }
}

function supportOf(native: Native | null): Support {
  return {
    exactTimes: Boolean(native?.setTime),
    xattrs: Boolean(native?.listXattrs && native.getXattr),
    holes: Boolean(native?.holes),
    allocation: Boolean(native?.allocate),
    volumeSync: Boolean(native?.syncVolume),
    specialFiles: Boolean(native?.makeNode),
    atomicNoReplace: Boolean(native?.renameNoReplace),
    systemLocks: Boolean(native?.lock),
  };
}

function statPart(
  native: Native | null,
): Pick<FileSystem, 'list' | 'lstat' | 'lstatIfThere' | 'fstat' | 'readLink' | 'volumeKind' | 'freeBytes'> {
  const nodeStat = (path: string): FileStat | null => {
    try {
      return statOfNode(fs.lstatSync(encodePath(path), { bigint: true }));
    } catch (error) {
      if (isNothingThere(error)) return null;
      throw error;
    }
  };
  const { statPath, statFile, volumeMagic } = native ?? {};
  const lstatIfThere = statPath
    ? (path: string): FileStat | null => {
        const view = statPath(path);
        return view && statOfStatx(view);
      }
    : nodeStat;
  return {
    lstatIfThere,
    lstat: (path) => {
      const stat = lstatIfThere(path);
      if (stat) return stat;
      throw systemError('ENOENT', 'lstat', path);
    },
    fstat: (fd) => (statFile ? statOfStatx(statFile(fd)) : statOfNode(fs.fstatSync(fd, { bigint: true }))),
    list: (folder) => {
      const names = fs.readdirSync(encodePath(folder));
      if (!names.some(mayBeLossy)) return names;
      return fs.readdirSync(encodePath(folder), 'buffer').map(decodePath);
    },
    readLink: (path) => {
      const target = fs.readlinkSync(encodePath(path));
      return mayBeLossy(target) ? decodePath(fs.readlinkSync(encodePath(path), 'buffer')) : target;
    },
    volumeKind: (path) => {
      if (!volumeMagic) return 'unknown';
      const fd = fs.openSync(encodePath(path), O_PATH);
      try {
        const magic = volumeMagic(fd);
        return volumeKinds.get(magic) ?? `0x${magic.toString(16)}`;
      } finally {
        fs.closeSync(fd);
      }
    },
    freeBytes: (path) => {
      const { bavail, bsize } = fs.statfsSync(encodePath(path));
      return bavail * bsize;
    },
  };
}

function xattrPart(native: Native | null): Pick<FileSystem, 'xattrs' | 'setXattr' | 'removeXattr'> {
  const { listXattrs, getXattr, setXattr, removeXattr } = native ?? {};
  return {
    xattrs: (path) => {
      if (!listXattrs || !getXattr) return [];
      const xattrs: Xattr[] = [];
      for (const name of listXattrs(path)) {
        const value = getXattr(path, name);
        if (value) xattrs.push({ name, value });
      }
      return xattrs;
    },
    setXattr: setXattr ?? unsupported('setxattr'),
    removeXattr: removeXattr ?? unsupported('removexattr'),
  };
}

function filePart(
  native: Native | null,
): Pick<
  FileSystem,
  'open' | 'read' | 'write' | 'truncate' | 'allocate' | 'setFileTime' | 'holes' | 'nextData' | 'close'
> {
  return {
    open: (path, mode, permissions = 0o666) => openFile(path, mode, permissions),
    read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
    write: (fd, bytes, position) => {
      for (let done = 0; done < bytes.length; ) {
        done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
      }
    },
    truncate: (fd, size) => fs.ftruncateSync(fd, size),
    allocate: (fd, size) => {
      // A length of 0 is EINVAL.
      if (size > 0) native?.allocate?.(fd, size);
    },
    setFileTime:
      native?.setFileTime ??
      ((fd, seconds, nanoseconds) => {
        const time = timeOfNode(seconds, nanoseconds);
        fs.futimesSync(fd, time, time);
      }),
    holes: native?.holes ?? (() => []),
    nextData: native?.nextData ?? ((_fd, position) => position),
    close: (fd) => fs.closeSync(fd),
  };
}

function openFile(path: string, mode: OpenMode, permissions: number): number {
  const encoded = encodePath(path);
  if (mode === 'create') return fs.openSync(encoded, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, permissions);
  if (mode === 'write') return fs.openSync(encoded, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  // O_NONBLOCK: a file that became a FIFO since it was listed would block the walk for ever.
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  try {
    return fs.openSync(encoded, flags | O_NOATIME);
  } catch (error) {
    // O_NOATIME is for the owner of a file (and root).
    if (O_NOATIME !== 0 && codeOf(error) === 'EPERM') return fs.openSync(encoded, flags);
    throw error;
  }
}

function syncPart(
  native: Native | null,
): Pick<FileSystem, 'sync' | 'syncLater' | 'startWriteback' | 'syncFolder' | 'syncVolume' | 'syncVolumeLater'> {
  return {
    sync: (fd) => fs.fsyncSync(fd),
    syncLater: async (path) => {
      const file = await openForSync(path);
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
    startWriteback: native?.startWriteback ?? (() => {}),
    syncFolder: (path) => {
      // Windows opens no folders; its file systems journal their entries.
      if (process.platform === 'win32') return;
      withOpen(path, (fd) => {
        try {
          fs.fsyncSync(fd);
        } catch (error) {
          // Some network and FUSE file systems have no such call.
          if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error;
        }
      });
    },
    syncVolume: (path) => {
      const sync = native?.syncVolume;
      if (!sync) return false;
      withOpen(path, sync);
      return true;
    },
    syncVolumeLater: async (fd) => {
      await native?.syncVolumeLater?.(fd);
      return Boolean(native?.syncVolumeLater);
    },
  };
}

/** Windows syncs only what may be written; elsewhere a file that nobody may write can be synced all the same. */
async function openForSync(path: string): Promise<fs.promises.FileHandle> {
  try {
    return await fs.promises.open(encodePath(path), O_RDWR | O_NOFOLLOW);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'].includes(codeOf(error))) throw error;
    return await fs.promises.open(encodePath(path), O_RDONLY | O_NOFOLLOW);
  }
}

function withOpen(path: string, use: (fd: number) => void): void {
  const fd = fs.openSync(encodePath(path), O_RDONLY);
  try {
    use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function makePart(native: Native | null): Pick<FileSystem, 'makeFolder' | 'makeLink' | 'makeHardLink' | 'makeSpecial'> {
  return {
    makeFolder: (path, permissions = 0o777) => void fs.mkdirSync(encodePath(path), { mode: permissions }),
    makeLink: (target, path) => fs.symlinkSync(encodePath(target), encodePath(path)),
    makeHardLink: (existing, path) => fs.linkSync(encodePath(existing), encodePath(path)),
    makeSpecial: (path, kind, major, minor) => {
      if (!native?.makeNode) throw systemError('ENOTSUP', 'mknod', path);
      native.makeNode(
        path,
        typeBits[kind] | 0o600,
        kind === 'fifo' || kind === 'socket' ? 0 : deviceNumber(major, minor),
      );
    },
  };
}

function changePart(
  native: Native | null,
): Pick<FileSystem, 'rename' | 'renameNoReplace' | 'removeFile' | 'removeFolder' | 'setOwner' | 'setMode' | 'setTime'> {
  return {
    rename: (from, to) => fs.renameSync(encodePath(from), encodePath(to)),
    renameNoReplace: (from, to) => {
      if (!native?.renameNoReplace?.(from, to)) renameByLink(from, to);
    },
    removeFile: (path) => fs.unlinkSync(encodePath(path)),
    removeFolder: (path) => fs.rmdirSync(encodePath(path)),
    setOwner: (path, uid, gid) => fs.lchownSync(encodePath(path), uid, gid),
    setMode: (path, mode) => {
      if (native?.setMode?.(path, mode)) return;
      if (!fs.lstatSync(encodePath(path)).isSymbolicLink()) fs.chmodSync(encodePath(path), mode);
    },
    setTime:
      native?.setTime ??
      ((path, seconds, nanoseconds) => {
        const time = timeOfNode(seconds, nanoseconds);
        fs.lutimesSync(encodePath(path), time, time);
      }),
  };
}

/** Node takes a negative number for "now", but not a date before 1970, which is exact to the millisecond. */
function timeOfNode(seconds: number, nanoseconds: number): Date | number {
  return seconds < 0 ? new Date(seconds * 1000 + nanoseconds / 1e6) : seconds + nanoseconds / 1e9;
}

/** A file gets its second name before it loses the first, so nothing is ever replaced. Folders have no hard links. */
function renameByLink(from: string, to: string): void {
  if (!fs.lstatSync(encodePath(from)).isDirectory()) {
    try {
      fs.linkSync(encodePath(from), encodePath(to));
      fs.unlinkSync(encodePath(from));
      return;
    } catch (error) {
      // A file system without hard links (FAT).
      if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
    }
  }
  if (fs.lstatSync(encodePath(to), { throwIfNoEntry: false })) throw systemError('EEXIST', 'rename', from, to);
  fs.renameSync(encodePath(from), encodePath(to));
}

function unsupported(syscall: string): (path: string) => never {
  return (path) => {
    throw systemError('ENOTSUP', syscall, path);
  };
}

function isNothingThere(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}
