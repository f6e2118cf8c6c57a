import { joinPath } from '../names.ts';
import type { NativeWatch } from './system.ts';

/** A folder that is listened to: there may be 50,000, so it holds its name alone and nothing it can do without. */
export type Folder = {
  readonly name: string;
  readonly parent: Folder | null;
  /** As it was just before the watch was opened: what stands there with another one is another folder. */
  readonly inode: number;
  /** Null where it may not be read. */
  native: NativeWatch | null;
  below: Map<string, Folder> | null;
  /** Deleted, moved or unmounted, whatever stands at its path now: inodes are used again at once, so they do not tell. */
  isDoubtful: boolean;
  isDropped: boolean;
};

export function makeFolder(name: string, parent: Folder | null, inode: number): Folder {
  return { name, parent, inode, native: null, below: null, isDoubtful: false, isDropped: false };
}

export function attach(folder: Folder): void {
  if (!folder.parent) return;
  folder.parent.below ??= new Map();
  folder.parent.below.set(folder.name, folder);
}

export function detach(folder: Folder): void {
  if (folder.parent?.below?.get(folder.name) === folder) folder.parent.below.delete(folder.name);
}

/** The root's name is its whole path. */
export function pathOf(folder: Folder): string {
  return folder.parent ? joinPath(pathOf(folder.parent), folder.name) : folder.name;
}
