import { decodePath, joinPath, nameBytes } from './names.ts';
import type { FileSystem } from './port.ts';

/** A path longer than this (with the NUL at its end) is refused by Linux, however deep the folders really go. */
const pathBytesMost = 4095;
/** Bytes of one step: leaves room for the prefix below and for a last name. */
const stepBytes = 3500;
const anchorsKept = 8;
const descriptors = '/proc/self/fd';

/** A file system whose calls take paths of any length. */
export type LongPathFileSystem = FileSystem & {
  /** Closes what it holds open; it goes on all the same. */
  letGo(): void;
};

/** A folder on the way to long paths, open. While a call uses it, nothing may take its number away. */
type Anchor = { readonly fd: number; users: number };
/** A path as the system takes it, and the folder it starts from. */
type Reached = { readonly path: string; readonly from: Anchor | null };

/**
 * Lets calls work on paths that are too long for the system: the beginning of such a path is opened, and the rest goes
 * from there through `/proc/self/fd`. Where that is not possible the system's own ENAMETOOLONG comes out.
 */
export function withLongPaths(fileSystem: FileSystem): LongPathFileSystem {
  /** The least lately used first. */
  const anchors = new Map<string, Anchor>();
  let possible: boolean | null = null;

  /** A descriptor for a folder that is itself reached step by step. */
  const anchor = (folder: string): Anchor => {
    const known = anchors.get(folder);
    anchors.delete(folder);
    const made = known ?? { fd: using(folder, (path) => fileSystem.open(path, 'read')), users: 0 };
    anchors.set(folder, made);
    for (const [other, { fd, users }] of anchors) {
      if (anchors.size <= anchorsKept) break;
      if (users > 0 || other === folder) continue;
      anchors.delete(other);
      fileSystem.close(fd);
    }
    return made;
  };
  const reach = (path: string): Reached => {
    const bytes = nameBytes(path);
    if (bytes.length <= pathBytesMost) return { path, from: null };
    possible ??= fileSystem.lstatIfThere(descriptors) !== null;
    const step = lastStep(bytes);
    if (!possible || step <= 0) return { path, from: null };
    const folder = bytes.length === path.length ? path.slice(0, step) : decodePath(bytes.subarray(0, step));
    const from = anchor(folder);
    return { path: joinPath(`${descriptors}/${from.fd}`, path.slice(folder.length + 1)), from };
  };
  const using = <T>(path: string, call: (path: string) => T): T => {
    // Nearly all paths are short by any count: a code unit is at most three bytes.
    if (path.length * 3 <= pathBytesMost) return call(path);
    const { path: short, from } = reach(path);
    if (from === null) return call(short);
    from.users++;
    let isLater = false;
    try {
      const result = call(short);
      isLater = result instanceof Promise;
      // A call that goes on behind our back needs its folder until it is done.
      if (isLater) (result as Promise<unknown>).finally(() => from.users--).catch(() => {});
      return result;
    } finally {
      if (!isLater) from.users--;
    }
  };
  return {
    ...bindPaths(fileSystem, using),
    letGo() {
      for (const [folder, { fd, users }] of anchors) {
        if (users > 0) continue;
        anchors.delete(folder);
        fileSystem.close(fd);
      }
    },
  };
}

const slash = 0x2f;

/**
 * Where the last step of a path begins; the same for all neighbours, so that they share an anchor. Looks once for each step
 * and not for each folder: there may be thousands, and each of them is asked about several times.
 */
function lastStep(path: Uint8Array): number {
  let step = 0;
  while (path.length - step > stepBytes) {
    const next = path.lastIndexOf(slash, step + stepBytes);
    if (next <= step) break;
    step = next;
  }
  return step;
}

function bindPaths(fs: FileSystem, using: <T>(path: string, call: (path: string) => T) => T): FileSystem {
  return {
    ...fs,
    list: (folder) => using(folder, fs.list),
    lstat: (path) => using(path, fs.lstat),
    lstatIfThere: (path) => using(path, fs.lstatIfThere),
    readLink: (path) => using(path, fs.readLink),
    xattrs: (path) => using(path, fs.xattrs),
    setXattr: (path, name, value) => using(path, (short) => fs.setXattr(short, name, value)),
    removeXattr: (path, name) => using(path, (short) => fs.removeXattr(short, name)),
    volumeKind: (path) => using(path, fs.volumeKind),
    freeBytes: (path) => using(path, fs.freeBytes),
    open: (path, mode, permissions) => using(path, (short) => fs.open(short, mode, permissions)),
    syncLater: (path) => using(path, fs.syncLater),
    syncFolder: (path) => using(path, fs.syncFolder),
    syncVolume: (path) => using(path, fs.syncVolume),
    makeFolder: (path, permissions) => using(path, (short) => fs.makeFolder(short, permissions)),
    makeLink: (target, path) => using(path, (short) => fs.makeLink(target, short)),
    makeHardLink: (existing, path) => using(existing, (first) => using(path, (short) => fs.makeHardLink(first, short))),
    makeSpecial: (path, kind, major, minor) => using(path, (short) => fs.makeSpecial(short, kind, major, minor)),
    rename: (from, to) => using(from, (first) => using(to, (short) => fs.rename(first, short))),
    renameNoReplace: (from, to) => using(from, (first) => using(to, (short) => fs.renameNoReplace(first, short))),
    removeFile: (path) => using(path, fs.removeFile),
    removeFolder: (path) => using(path, fs.removeFolder),
    setOwner: (path, uid, gid) => using(path, (short) => fs.setOwner(short, uid, gid)),
    setMode: (path, mode) => using(path, (short) => fs.setMode(short, mode)),
    setTime: (path, seconds, nanoseconds) => using(path, (short) => fs.setTime(short, seconds, nanoseconds)),
  };
}
