import { assert, crashPoint, isZero, systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, joinPath, nameFromBytes } from '../../filesystem/index.ts';
import { dataBetween } from './holes.ts';
import type { Extra, Task } from './job.ts';
import { createMetadata, isUntouched, type Metadata } from './metadata.ts';
import { hiddenNames, nameBeside } from './names.ts';

/** What became of an entry: what it looks like now, and its name where that is not the one it should have. */
export type Made = { readonly stat: FileStat; readonly name: string | null; readonly remark: string | null };

/**
 * Makes entries, each under a hidden name first: with the last step it appears whole, with all its metadata, or not at
 * all. Nothing that is there is ever replaced unless the task says so, and then it is kept aside.
 */
export type Maker = {
  partPath(task: Pick<Task, 'folder' | 'number'>): string;
  oldPath(task: Pick<Task, 'folder' | 'number'>): string;
  /** An empty temporary file; one of the same name was left by an earlier try of this restore. */
  createPart(task: Task): number;
  /** Leaves out zeros where the task names a hole. */
  write(fd: number, task: Task, offset: number, bytes: Uint8Array): void;
  /** A file whose only chunk this is (or none), a link, a pipe, a device. */
  make(task: Task, bytes: Uint8Array | null): Made;
  /** All bytes of the temporary file are in. */
  finish(task: Task): Made;
  /** A second name of a file that is there. */
  link(task: Task): Made;
  metadata: Metadata;
  /** Clearing up must not hide what failed first. */
  discard(path: string): void;
};

const besideMost = 10_000;
/** A file system or a kernel that refuses a second name for this file. */
export const linkRefusals = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES']);

export function createMaker(fileSystem: FileSystem, restore: string): Maker {
  const hidden = hiddenNames(restore);
  const metadata = createMetadata(fileSystem);
  const partPath: Maker['partPath'] = (task) => joinPath(task.folder, hidden.part(task.number));
  const oldPath: Maker['oldPath'] = (task) => joinPath(task.folder, hidden.old(task.number));
  /** What the last file that was made looked like before it got its metadata: the next one in its folder looks the same. */
  let natural: { readonly folder: string; readonly permissions: number; readonly stat: FileStat } | null = null;

  const discard = (path: string): void => {
    try {
      fileSystem.removeFile(path);
    } catch (error) {
      if (systemCode(error) === '') throw error;
    }
  };
  const afresh = <T>(path: string, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      fileSystem.removeFile(path);
      return make();
    }
  };
  const permissionsOf = (task: Task): number => {
    // Whoever may not read the finished file must not read it while it is made either. Each folder may give another owner.
    const known = natural?.folder === task.folder ? natural.stat : null;
    const isOwn = known !== null && known.uid === task.uid && known.gid === task.gid;
    const withXattrs = task.extra?.xattrs === undefined ? 0 : 0o200;
    return (task.mode & (isOwn ? 0o777 : 0o700)) | withXattrs;
  };
  const createPart = (task: Task): number => {
    const path = partPath(task);
    return afresh(path, () => fileSystem.open(path, 'create', permissionsOf(task)));
  };
  const write: Maker['write'] = (fd, task, offset, bytes) => {
    const holes = task.extra?.holes;
    if (holes === undefined) return fileSystem.write(fd, bytes, offset);
    const between = (from: number, to: number): Uint8Array => bytes.subarray(from - offset, to - offset);
    const isZeroBetween = (from: number, to: number): boolean => isZero(between(from, to));
    for (const [from, to] of dataBetween(holes, offset, offset + bytes.length, isZeroBetween)) {
      fileSystem.write(fd, between(from, to), from);
    }
  };
  const place = (part: string, task: Task): string | null => {
    crashPoint('restore.named.before');
    const name = takeName(part, task);
    crashPoint('restore.named.after');
    return name;
  };
  const takeName = (part: string, task: Task): string | null => {
    const path = joinPath(task.folder, task.name);
    if (task.replaces && exchange(part, path, oldPath(task))) return null;
    if (task.redoes && supersede(part, path, task)) return null;
    for (let attempt = 0; attempt < besideMost; attempt++) {
      const name = attempt === 0 ? task.name : nameBeside(task.name, attempt);
      try {
        fileSystem.renameNoReplace(part, joinPath(task.folder, name));
        return attempt === 0 ? null : name;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
    throw Object.assign(new Error('every name is taken'), { code: 'EEXIST' });
  };
  const renameOver = (part: string, path: string, existing: FileStat): void => {
    fileSystem.rename(part, path);
    // Where both were names of one file, the system did nothing.
    if (existing.links > 1) discard(part);
  };
  /** The old file keeps a second name, so that at every moment one of the two has its own. False: nothing to replace. */
  const exchange = (part: string, path: string, old: string): boolean => {
    const existing = fileSystem.lstatIfThere(path);
    if (existing === null || existing.kind === 'folder') return false;
    if (fileSystem.lstatIfThere(old) === null) {
      try {
        fileSystem.makeHardLink(path, old);
      } catch (error) {
        if (!linkRefusals.has(systemCode(error))) throw error;
        fileSystem.rename(path, old);
      }
    }
    renameOver(part, path, existing);
    return true;
  };
  /** What an earlier try made is worth nothing. False: somebody changed it since, or took it away. */
  const supersede = (part: string, path: string, task: Task): boolean => {
    const existing = fileSystem.lstatIfThere(path);
    if (existing === null || !isUntouched(existing, task)) return false;
    renameOver(part, path, existing);
    return true;
  };
  const settle = (task: Task, part: string, stat: FileStat): Made => {
    const remark = metadata.apply(part, task, stat);
    const name = place(part, task);
    return { stat: fileSystem.lstat(joinPath(task.folder, name ?? task.name)), name, remark };
  };
  const orDiscard = (part: string, make: () => Made): Made => {
    try {
      return make();
    } catch (error) {
      discard(part);
      throw error;
    }
  };
  const makeFile = (task: Task, part: string, bytes: Uint8Array | null): Made => {
    const permissions = permissionsOf(task);
    const fd = createPart(task);
    return orDiscard(part, () => {
      // Open until it has its name: through the descriptor the system need not find it again for each call.
      try {
        if (bytes !== null) write(fd, task, 0, bytes);
        if (task.extra?.holes !== undefined) fileSystem.truncate(fd, task.size);
        const isLikeLast = natural?.folder === task.folder && natural.permissions === permissions;
        const before = isLikeLast && natural !== null ? natural.stat : fileSystem.fstat(fd);
        natural = { folder: task.folder, permissions, stat: before };
        const remark = metadata.apply(part, task, before, fd);
        const name = place(part, task);
        const stat = fileSystem.fstat(fd);
        if (!isLikeLast || remark !== null || isAsWanted(stat, task)) return { stat, name, remark };
        // The folder gives its files something else now.
        natural = null;
        const late = metadata.apply(joinPath(task.folder, name ?? task.name), task, stat, fd);
        return { stat: fileSystem.fstat(fd), name, remark: late };
      } finally {
        fileSystem.close(fd);
      }
    });
  };
  return {
    partPath,
    oldPath,
    createPart,
    write,
    metadata,
    discard,
    make(task, bytes) {
      const part = partPath(task);
      if (task.kind === 'file') return makeFile(task, part, bytes);
      return orDiscard(part, () => {
        afresh(part, () => makeSpecial(fileSystem, part, task));
        return settle(task, part, fileSystem.lstat(part));
      });
    },
    finish(task) {
      const part = partPath(task);
      return orDiscard(part, () => {
        if (task.extra?.holes !== undefined) truncateTo(fileSystem, part, task.size);
        return settle(task, part, fileSystem.lstat(part));
      });
    },
    link(task) {
      const part = partPath(task);
      const existing = targetOf(task.extra);
      return orDiscard(part, () => {
        afresh(part, () => fileSystem.makeHardLink(existing, part));
        const name = place(part, task);
        return { stat: fileSystem.lstat(joinPath(task.folder, name ?? task.name)), name, remark: null };
      });
    },
  };
}

function isAsWanted(stat: FileStat, { mode, uid, gid }: Task): boolean {
  return stat.mode === mode && stat.uid === uid && stat.gid === gid;
}

function makeSpecial(fileSystem: FileSystem, path: string, task: Task): void {
  switch (task.kind) {
    case 'symlink':
      return fileSystem.makeLink(targetOf(task.extra), path);
    case 'fifo':
    case 'socket':
      return fileSystem.makeSpecial(path, task.kind, 0, 0);
    case 'charDevice':
      return fileSystem.makeSpecial(path, 'character', task.major, task.minor);
    case 'blockDevice':
      return fileSystem.makeSpecial(path, 'block', task.major, task.minor);
    case 'file':
    case 'folder':
      throw new Error('a file or folder is made elsewhere');
  }
}

function targetOf(extra: Extra | undefined): string {
  assert(extra?.target !== undefined, 'a link leads somewhere');
  return nameFromBytes(extra.target);
}

function truncateTo(fileSystem: FileSystem, path: string, size: number): void {
  const fd = fileSystem.open(path, 'write');
  try {
    fileSystem.truncate(fd, size);
  } finally {
    fileSystem.close(fd);
  }
}
