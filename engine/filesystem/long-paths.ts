import { decodePath, joinPath, nameBytes } from './names.ts';
import type { FileSystem } from './port.ts';

/** A path longer than this (with the NUL at its end) is refused by Linux, however deep the folders really go. */
const pathBytesMost = 4095;
/** Bytes of one step: leaves room for the prefix below and for a last name. */
const stepBytes = 3500;
const anchorsKept = 8;
const descriptors = '/proc/self/fd';

/**
 * Lets calls work on paths that are too long for the system: the beginning of such a path is opened, and the rest goes
 * from there through `/proc/self/fd`. Where that is not possible the system's own ENAMETOOLONG comes out.
 */
export function withLongPaths(fileSystem: FileSystem): FileSystem {
  const anchors = new Map<string, number>();
  let possible: boolean | null = null;

  /** A descriptor for a folder that is itself reached step by step. The oldest is forgotten; a call needs the newest two. */
  const anchor = (folder: string): number => {
    const known = anchors.get(folder);
    if (known !== undefined) return known;
    const fd = fileSystem.open(short(folder), 'read');
    anchors.set(folder, fd);
    const [oldest] = anchors;
    if (anchors.size > anchorsKept && oldest !== undefined) {
      anchors.delete(oldest[0]);
      fileSystem.close(oldest[1]);
    }
    return fd;
  };
  const short = (path: string): string => {
    // Nearly all paths are short by any count: a code unit is at most three bytes.
    if (path.length * 3 <= pathBytesMost) return path;
    const bytes = nameBytes(path);
    if (bytes.length <= pathBytesMost) return path;
    possible ??= fileSystem.lstatIfThere(descriptors) !== null;
    const step = lastStep(bytes);
    if (!possible || step <= 0) return path;
    const folder = bytes.length === path.length ? path.slice(0, step) : decodePath(bytes.subarray(0, step));
    return joinPath(`${descriptors}/${anchor(folder)}`, path.slice(folder.length + 1));
  };
  return bindPaths(fileSystem, short);
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

function bindPaths(fs: FileSystem, short: (path: string) => string): FileSystem {
  return {
    ...fs,
    list: (folder) => fs.list(short(folder)),
    lstat: (path) => fs.lstat(short(path)),
    lstatIfThere: (path) => fs.lstatIfThere(short(path)),
    readLink: (path) => fs.readLink(short(path)),
    xattrs: (path) => fs.xattrs(short(path)),
    setXattr: (path, name, value) => fs.setXattr(short(path), name, value),
    removeXattr: (path, name) => fs.removeXattr(short(path), name),
    volumeKind: (path) => fs.volumeKind(short(path)),
    open: (path, mode, permissions) => fs.open(short(path), mode, permissions),
    syncLater: (path) => fs.syncLater(short(path)),
    syncFolder: (path) => fs.syncFolder(short(path)),
    syncVolume: (path) => fs.syncVolume(short(path)),
    syncVolumeLater: (path) => fs.syncVolumeLater(short(path)),
    makeFolder: (path, permissions) => fs.makeFolder(short(path), permissions),
    makeLink: (target, path) => fs.makeLink(target, short(path)),
    makeHardLink: (existing, path) => fs.makeHardLink(short(existing), short(path)),
    makeSpecial: (path, kind, major, minor) => fs.makeSpecial(short(path), kind, major, minor),
    rename: (from, to) => fs.rename(short(from), short(to)),
    renameNoReplace: (from, to) => fs.renameNoReplace(short(from), short(to)),
    removeFile: (path) => fs.removeFile(short(path)),
    removeFolder: (path) => fs.removeFolder(short(path)),
    setOwner: (path, uid, gid) => fs.setOwner(short(path), uid, gid),
    setMode: (path, mode) => fs.setMode(short(path), mode),
    setTime: (path, seconds, nanoseconds) => fs.setTime(short(path), seconds, nanoseconds),
  };
}
