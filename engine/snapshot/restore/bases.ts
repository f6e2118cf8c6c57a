import { systemCode } from '../../base/index.ts';
import { type FileSystem, joinPath, splitPath } from '../../filesystem/index.ts';
import type { FolderMade } from './journal.ts';
import type { Place } from './places.ts';
import type { Root } from './selection.ts';

/** Folders that Coffer makes above what it restores: private in a target, as usual around an original place. */
const permissionsIn = { target: 0o700, original: 0o755 } as const;

export type Bases = { enter(root: Root): Place };

export type BasesOptions = {
  readonly where: keyof typeof permissionsIn;
  /** Heard before a folder is made. */
  note(folder: FolderMade): void;
  /** A folder in which something is made, or was. */
  touch(place: Pick<Place, 'device' | 'path'>): void;
};

/**
 * Folders that the person chose, or that were around a source: they may be reached through links, nothing below them may.
 */
export function createBases(fileSystem: FileSystem, { where, note, touch }: BasesOptions): Bases {
  const known = new Map<string, Place>();
  /** Numbers below those of the walk. */
  let number = 0;
  /** The folders in which one was made. */
  const make = (path: string): string[] => {
    if (isFolder(fileSystem, path)) return [];
    const { folder } = splitPath(path);
    const parents = folder !== path && folder !== '' ? make(folder) : [];
    note({ number: --number, path, made: true });
    fileSystem.makeFolder(path, permissionsIn[where]);
    return [...parents, folder];
  };
  return {
    enter(root) {
      const base = root.base;
      const found = known.get(base);
      // One target has many sources, but each is somewhere else in it.
      const origin = where === 'target' ? '' : originOf(root);
      if (found !== undefined) return { ...found, origin };
      const parents = make(base);
      const fresh = parents.length > 0;
      const { device } = fileSystem.lstat(joinPath(base, '.'));
      for (const path of [base, ...parents]) touch({ device, path });
      const place: Place = { path: base, origin, device, fresh, names: new Set(fresh ? [] : fileSystem.list(base)) };
      known.set(base, place);
      return place;
    },
  };
}

function isFolder(fileSystem: FileSystem, path: string): boolean {
  if (fileSystem.lstatIfThere(path) === null) return false;
  try {
    return fileSystem.lstat(joinPath(path, '.')).kind === 'folder';
  } catch (error) {
    // A link to nothing.
    if (systemCode(error) === 'ENOENT') throw Object.assign(new Error(path), { code: 'ENOTDIR' });
    throw error;
  }
}

/** The folder in the snapshot that lies where the base is here. */
function originOf({ path, steps, name }: Root): string {
  const names = path.split('/');
  return names.slice(0, names.length - steps.length - (name === '' ? 0 : 1)).join('/');
}
