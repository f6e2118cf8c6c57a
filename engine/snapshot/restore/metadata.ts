import { systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, nameFromBytes } from '../../filesystem/index.ts';
import { earlierVersion } from '../../format/index.ts';
import type { Task } from './job.ts';

export type MetadataOf = Pick<Task, 'kind' | 'mode' | 'uid' | 'gid' | 'mtimeSeconds' | 'mtimeNanoseconds' | 'extra'>;

/** Sets owner, extended attributes, mode and time, in the order in which none undoes another. */
export type Metadata = {
  /**
   * In words what could not be set; null when everything could. `made` is what the entry looks like before, `fd` the entry
   * where it is a file that is open.
   */
  apply(path: string, wanted: MetadataOf, made: FileStat, fd?: number): string | null;
};

/** What a file system or the system's rules may refuse without the content being any worse. */
const refusals = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS']);
/** Attributes have little room of their own, also on a disk that is not full. */
const attributeRefusals = new Set([...refusals, 'E2BIG', 'ERANGE', 'ENOSPC']);

export const remarks = {
  owner: 'its owner could not be set: only the administrator may give files to others',
  xattrs: 'not all of its extended attributes could be set here',
  mode: 'its permissions could not be set here',
  time: 'its time could not be set here',
  collision: 'its name was taken, so it was restored under another one',
  copied: 'was another name of the same file; restored as a copy of its own',
  earlier: 'an earlier version: the newer one was still to be read when the snapshot was made',
  changed: 'changed while it was backed up, so it may hold a mixture of two states',
} as const;

/** What is to be said of a file that was not saved as it was. */
export function remarkOf(state: string): string {
  return state === earlierVersion ? remarks.earlier : remarks.changed;
}

export function createMetadata(fileSystem: FileSystem): Metadata {
  const ownership = createOwnership(fileSystem);
  const attempt = (action: () => void, accepted = refusals): boolean => {
    try {
      action();
      return true;
    } catch (error) {
      if (!accepted.has(systemCode(error))) throw error;
      return false;
    }
  };
  return {
    apply(path, wanted, made, fd) {
      let remark: string | null = null;
      const owner = ownership.give(path, wanted, made);
      if (owner === 'refused') remark = remarks.owner;
      const xattrs = wanted.extra?.xattrs ?? [];
      for (const { name, value } of xattrs) {
        const set = (): void => fileSystem.setXattr(path, nameFromBytes(name), value);
        if (!attempt(set, attributeRefusals)) remark = remarks.xattrs;
      }
      // Set-user-id of a stranger's program must not become that of whoever restores it.
      const mode = owner === 'refused' ? wanted.mode & ~0o6000 : wanted.mode;
      const isMoved = made.mode !== mode || owner === 'given' || xattrs.length > 0;
      if (isMoved && wanted.kind !== 'symlink' && !attempt(() => fileSystem.setMode(path, mode))) remark = remarks.mode;
      const { mtimeSeconds, mtimeNanoseconds } = wanted;
      const setTime = (): void =>
        fd === undefined
          ? fileSystem.setTime(path, mtimeSeconds, mtimeNanoseconds)
          : fileSystem.setFileTime(fd, mtimeSeconds, mtimeNanoseconds);
      if (!attempt(setTime)) remark = remarks.time;
      return remark;
    },
  };
}

/** As coarse as file systems keep times. */
const timeStepSeconds = 2;

/**
 * Whether what a restore made is as it left it, or as a loss of power left it: it has the time that was set, or nothing in
 * it. Whoever writes to it gives it another time.
 */
export function isUntouched(stat: FileStat, wanted: Pick<Task, 'mtimeSeconds' | 'mtimeNanoseconds'>): boolean {
  if (stat.kind === 'folder') return false;
  if (stat.kind === 'file' && stat.size === 0) return true;
  const nanoseconds = stat.mtimeNanoseconds - wanted.mtimeNanoseconds;
  return Math.abs(stat.mtimeSeconds - wanted.mtimeSeconds + nanoseconds / 1e9) <= timeStepSeconds;
}

type Ownership = { give(path: string, wanted: MetadataOf, made: FileStat): 'same' | 'given' | 'refused' };

/** Asks the system once whether it lets files be given away, and once for each group. */
function createOwnership(fileSystem: FileSystem): Ownership {
  let mayGive = true;
  const refusedGroups = new Set<number>();
  const attempt = (path: string, uid: number, gid: number): boolean => {
    try {
      fileSystem.setOwner(path, uid, gid);
      return true;
    } catch (error) {
      if (!refusals.has(systemCode(error))) throw error;
      return false;
    }
  };
  return {
    give(path, { uid, gid }, made) {
      if (made.uid === uid && made.gid === gid) return 'same';
      if (mayGive) {
        if (attempt(path, uid, gid)) return 'given';
        if (made.uid !== uid) mayGive = false;
      }
      if (made.gid !== gid && !refusedGroups.has(gid)) {
        if (!attempt(path, made.uid, gid)) refusedGroups.add(gid);
        else if (made.uid === uid) return 'given';
      }
      return 'refused';
    },
  };
}
