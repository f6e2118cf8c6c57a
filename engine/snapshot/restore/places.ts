import { CofferError, systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { FolderEntry, TreeEntry } from '../../format/index.ts';
import type { FolderBefore, FolderMade } from './journal.ts';
import { isUntouched, remarks } from './metadata.ts';
import { type HiddenNames, nameBeside } from './names.ts';
import type { Resume } from './record.ts';
import type { Conflict } from './types.ts';

/** A folder of the target that was made, or looked at and found to be a real folder: never a link to somewhere else. */
export type Place = {
  readonly path: string;
  /** Where that is in the snapshot. */
  readonly origin: string;
  readonly device: number;
  /** Made by this run, so nothing of anybody else is in it. */
  readonly fresh: boolean;
  /** What was in it when it was entered, for folders that are not fresh. */
  names: Set<string> | null;
};

export type PlacesOptions = {
  readonly fileSystem: FileSystem;
  readonly policy: Conflict;
  readonly hidden: HiddenNames;
  readonly resume: Resume | null;
  readonly ownsAll: boolean;
  /** Heard before a folder is made. */
  note(folder: FolderMade): void;
  /** Heard when a folder was made in this one. */
  touch(parent: Place): void;
  remark(path: string, remark: string): void;
};

export type Entered = {
  readonly place: Place;
  /** Whether its metadata are to be set when everything below it is done. */
  readonly setsMetadata: boolean;
};

/** A folder to be there; its entry is null where it is only on the way. */
type Wanted = { readonly number: number; readonly entry: FolderEntry | null };

export type Places = {
  /** The folder for `name` below a place; null when the policy says to leave what is there. */
  enter(parent: Place, name: string, folder: Wanted): Entered | null;
  /** What is to be done about an entry that is no folder. */
  decide(parent: Place, name: string, number: number, entry: TreeEntry): Decision;
  readonly policy: Conflict;
  /** Whether a place has an entry of this very name. */
  has(place: Place, name: string): boolean;
  /** A free name beside one that is taken. */
  beside(folder: string, name: string): string;
};

export type Decision =
  | { readonly kind: 'create' | 'replace'; readonly name: string; readonly keepsBoth: boolean }
  /** It has the same size: whether it has the same bytes is to be seen. */
  | { readonly kind: 'compare'; readonly name: string }
  /** This restore made it before it was interrupted, and what became of it cannot be told by looking. */
  | { readonly kind: 'redo'; readonly name: string }
  /** The same where it can be told; `replaces` as it was decided then, `isOwn` unless somebody changed it since. */
  | { readonly kind: 'adopt'; readonly name: string; readonly replaces: boolean; readonly isOwn: boolean }
  | { readonly kind: 'skip' };

const besideMost = 10_000;
const folderPermissions = 0o700;

export function createPlaces(options: PlacesOptions): Places {
  const { fileSystem, policy, hidden, resume } = options;

  const namesIn = (place: Place): Set<string> =>
    (place.names ??= new Set(place.fresh ? [] : fileSystem.list(place.path)));
  const free = (folder: string, name: string): string => {
    for (let attempt = 1; attempt < besideMost; attempt++) {
      const candidate = nameBeside(name, attempt);
      if (fileSystem.lstatIfThere(joinPath(folder, candidate)) === null) return candidate;
    }
    throw Object.assign(new Error('every name is taken'), { code: 'EEXIST' });
  };
  const make = (parent: Place, name: string, number: number, old?: string): Place | null => {
    const path = joinPath(parent.path, name);
    options.note({ number, path, made: true, ...(old === undefined ? {} : { old }) });
    try {
      fileSystem.makeFolder(path, folderPermissions);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return null;
      throw error;
    }
    options.touch(parent);
    parent.names?.add(name);
    return { path, origin: '', device: parent.device, fresh: true, names: null };
  };
  /** An earlier run gave it the mode that it is to have in the end, which may forbid even its owner to write in it. */
  const openUp = (path: string, { mode }: FileStat): void => {
    if ((mode & folderPermissions) === folderPermissions) return;
    try {
      fileSystem.setMode(path, mode | folderPermissions);
    } catch (error) {
      // What cannot be done in it will say so.
      if (systemCode(error) === '') throw error;
    }
  };
  const merge = (parent: Place, name: string, { number, entry }: Wanted, stat: FileStat): Entered => {
    const path = joinPath(parent.path, name);
    const earlier = resume?.folder(number);
    const wasMade = earlier?.made === true && earlier.path === path;
    const setsMetadata = wasMade || options.ownsAll || policy === 'overwrite';
    if (setsMetadata && !wasMade) {
      const before = { ...beforeOf(stat), ...xattrsBefore(fileSystem, path, entry) };
      options.note({ number, path, made: options.ownsAll, before });
    }
    if (wasMade || options.ownsAll) openUp(path, stat);
    const place = { path, origin: '', device: stat.device, fresh: false, names: null };
    return { place, setsMetadata };
  };
  /** Null: this name is taken by something that stays. */
  const tryName = (parent: Place, name: string, folder: Wanted): Entered | 'left' | null => {
    const { number } = folder;
    const path = joinPath(parent.path, name);
    const existing = parent.fresh ? null : fileSystem.lstatIfThere(path);
    if (existing === null) {
      const place = make(parent, name, number);
      return place && { place, setsMetadata: true };
    }
    // Where names differ in case or form only, what is there has another name than this one.
    const isListed = namesIn(parent).has(name);
    if (existing.kind === 'folder') return isListed ? merge(parent, name, folder, existing) : null;
    if (!isListed || policy === 'keep-both') return null;
    if (policy === 'skip') return 'left';
    const old = joinPath(parent.path, hidden.old(number));
    options.note({ number, path, made: true, old });
    fileSystem.rename(path, old);
    const place = make(parent, name, number, old);
    return place && { place, setsMetadata: true };
  };
  return {
    policy,
    has: (place, name) => !place.fresh && namesIn(place).has(name),
    beside: free,
    enter(parent, name, folder) {
      const { number, entry } = folder;
      const earlier = resume?.folder(number)?.path;
      const wanted = earlier === undefined ? name : earlier.slice(earlier.lastIndexOf('/') + 1);
      for (let attempt = 0; attempt < besideMost; attempt++) {
        const candidate = attempt === 0 ? wanted : nameBeside(name, attempt);
        const entered = tryName(parent, candidate, folder);
        if (entered === 'left') return null;
        if (entered === null) continue;
        if (candidate !== wanted) options.remark(joinPath(parent.path, candidate), remarks.collision);
        const place = { ...entered.place, origin: joinPath(parent.origin, name) };
        return { place, setsMetadata: entered.setsMetadata && entry !== null };
      }
      throw new CofferError('target.unusable', { path: parent.path, detail: 'every name is taken' });
    },
    decide(parent, name, number, entry) {
      const begun = resume?.intent(number) ?? null;
      if (begun !== null && begun.folder === parent.path) return takeUp(parent, number, begun, entry);
      if (parent.fresh || !namesIn(parent).has(name)) return { kind: 'create', name, keepsBoth: false };
      const existing = fileSystem.lstatIfThere(joinPath(parent.path, name));
      if (existing === null) return { kind: 'create', name, keepsBoth: false };
      return against(parent, name, entry, existing);
    },
  };

  function against(parent: Place, name: string, entry: TreeEntry, existing: FileStat): Decision {
    if (policy === 'skip') return { kind: 'skip' };
    const path = joinPath(parent.path, name);
    const hasMetadata = policy === 'keep-both' || sameMetadata(entry, existing);
    if (hasMetadata && entry.kind === 'file' && existing.kind === 'file' && entry.size === existing.size) {
      return { kind: 'compare', name };
    }
    if (hasMetadata && isSameSpecial(fileSystem, path, entry, existing)) return { kind: 'skip' };
    // A folder is never replaced by something else: everything in it would go with it.
    if (policy === 'overwrite' && existing.kind !== 'folder') return { kind: 'replace', name, keepsBoth: false };
    const other = free(parent.path, name);
    namesIn(parent).add(other);
    return { kind: 'create', name: other, keepsBoth: true };
  }

  /** What an interrupted run began. Its name was free then, or it replaces; both were recorded before. */
  function takeUp(
    parent: Place,
    number: number,
    begun: { name: string; replaces: boolean },
    entry: TreeEntry,
  ): Decision {
    const name = resume?.nameOf(number) ?? begun.name;
    const path = joinPath(parent.path, name);
    const existing = namesIn(parent).has(name) ? fileSystem.lstatIfThere(path) : null;
    if (existing === null) return { kind: begun.replaces ? 'replace' : 'create', name, keepsBoth: false };
    if (begun.replaces) {
      const old = fileSystem.lstatIfThere(joinPath(parent.path, hidden.old(number)));
      const isOld = old === null || (old.inode === existing.inode && old.device === existing.device);
      if (isOld) return { kind: 'replace', name, keepsBoth: false };
    }
    const { seconds, nanoseconds } = entry.mtime;
    const isOwn = isUntouched(existing, { mtimeSeconds: seconds, mtimeNanoseconds: nanoseconds });
    const canTell = resume?.isDistrusted(number) !== true && entry.kind === 'file' && existing.kind === 'file';
    if (canTell) return { kind: 'adopt', name, replaces: begun.replaces, isOwn };
    return isOwn && !begun.replaces ? { kind: 'redo', name } : { kind: 'replace', name, keepsBoth: false };
  }
}

function beforeOf({ mode, uid, gid, mtimeSeconds, mtimeNanoseconds }: FileStat): FolderBefore {
  return { mode, uid, gid, mtimeSeconds, mtimeNanoseconds };
}

/** Asked only where attributes are to be set: few folders have any. */
function xattrsBefore(fileSystem: FileSystem, path: string, entry: FolderEntry | null): Pick<FolderBefore, 'xattrs'> {
  if (entry?.xattrs === undefined || entry.xattrs.length === 0) return {};
  const own = new Map(fileSystem.xattrs(path).map(({ name, value }) => [name, value]));
  return { xattrs: entry.xattrs.map(({ name }) => ({ name, value: own.get(nameFromBytes(name)) ?? null })) };
}

function sameMetadata(entry: TreeEntry, stat: FileStat): boolean {
  return (
    entry.mode === stat.mode &&
    entry.uid === stat.uid &&
    entry.gid === stat.gid &&
    entry.mtime.seconds === stat.mtimeSeconds &&
    entry.mtime.nanoseconds === stat.mtimeNanoseconds
  );
}

function isSameSpecial(fileSystem: FileSystem, path: string, entry: TreeEntry, existing: FileStat): boolean {
  switch (entry.kind) {
    case 'symlink':
      return existing.kind === 'link' && fileSystem.readLink(path) === nameFromBytes(entry.target);
    case 'fifo':
    case 'socket':
      return existing.kind === entry.kind;
    case 'charDevice':
    case 'blockDevice': {
      const kind = entry.kind === 'charDevice' ? 'character' : 'block';
      return existing.kind === kind && existing.major === entry.major && existing.minor === entry.minor;
    }
    case 'file':
    case 'folder':
      return false;
  }
}
