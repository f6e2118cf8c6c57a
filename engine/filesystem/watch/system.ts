/** The few calls of the system that watching needs, as a parameter: a test lets them fail as a full system would. */
import fs from 'node:fs';
import { systemCode } from '../../base/index.ts';
import { decodePath, encodePath, joinPath, mayBeLossy } from '../names.ts';

/** `name` is null when the system lost count of what happened. */
export type NativeEvent = (kind: 'change' | 'rename', name: string | null) => void;
export type NativeWatch = { close(): void };

export type WatchSystem = {
  /**
   * Hears of the entries of one folder; the folder's own fate comes under the name `.`. Throws what the system says when
   * there is nothing to watch, or no room for it. `failed` means that nothing more will be heard.
   */
  watchFolder(folder: string, hear: NativeEvent, failed: (error: Error) => void): NativeWatch;
  /** Hears of everything below a folder, by paths relative to it. */
  watchTree(folder: string, hear: NativeEvent, failed: (error: Error) => void): NativeWatch;
  /** Names of the folders in a folder; links are none. */
  subfolders(folder: string): string[];
  /** Nanoseconds since 1970 at which a file was made, 0 where that is not kept. */
  born(path: string): bigint;
  /** A setting of the kernel such as `fs.inotify.max_user_watches`; null where there is none. */
  setting(name: string): number | null;
};

export const realWatchSystem: WatchSystem = {
  // libuv gives events of the folder itself the last part of the path it was asked to watch. With `.` they cannot be taken
  // for those of an entry that has the folder's name.
  watchFolder: (folder, hear, failed) => open(joinPath(folder, '.'), false, hear, failed),
  watchTree: (folder, hear, failed) => open(folder, true, hear, failed),
  subfolders: (folder) => {
    // Of a million entries most are files: only the names of folders are worth the slower way to their bytes.
    const folders = fs.readdirSync(encodePath(folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (!folders.some(({ name }) => mayBeLossy(name))) return folders.map(({ name }) => name);
    return fs
      .readdirSync(encodePath(folder), { withFileTypes: true, encoding: 'buffer' })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => decodePath(name));
  },
  born: (path) => fs.lstatSync(encodePath(path), { bigint: true }).birthtimeNs,
  setting: (name) => {
    try {
      return Number.parseInt(fs.readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8'), 10);
    } catch (error) {
      if (systemCode(error) === '') throw error;
      return null;
    }
  },
};

function open(path: string, recursive: boolean, hear: NativeEvent, failed: (error: Error) => void): NativeWatch {
  // Names come as buffers, but as strings from the recursive watch that Node itself writes for Linux.
  const listener = (kind: 'change' | 'rename', name: Buffer | string | null): void =>
    hear(kind, typeof name === 'string' || name === null ? name : decodePath(name));
  const native = fs.watch(encodePath(path), { recursive, encoding: 'buffer' }, listener);
  native.on('error', failed);
  return native;
}
