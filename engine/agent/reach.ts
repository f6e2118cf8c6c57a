import type { Source } from '../contract/index.ts';
import {
  type BoundaryOptions,
  type CacheFolder,
  cacheTagName,
  compileRules,
  createBoundary,
  type FileStat,
  type FileSystem,
  joinPath,
} from '../filesystem/index.ts';
import { statOf } from './glimpse.ts';
import { rulesOf } from './source-rules.ts';

/** What a source's rules and boundaries let a run reach, asked for one path at a time. */
export type Reach = {
  /** Why a path is left out without being looked at: it lies on another drive, which may never answer. Null when it may be. */
  untouched(path: string): string | null;
  /** Whether a run enters this folder, so that a watch on it makes sense. */
  enters(folder: string): boolean;
  /** Why a run leaves this path or a folder above it out; null when it does not. A path that is not there is judged by its name. */
  leftOut(path: string): string | null;
  /** The same for entries of one folder. */
  leftOutIn(folder: string): (name: string, stat: FileStat) => string | null;
};

export function createReach(
  fileSystem: FileSystem,
  { path: root, rules: given }: Pick<Source, 'path' | 'rules'>,
  { protectedFolders, nowSeconds }: Pick<BoundaryOptions, 'protectedFolders'> & { readonly nowSeconds: number },
): Reach {
  const rules = compileRules({ ...rulesOf(given), nowSeconds });
  const boundary = createBoundary({ otherFileSystems: !given.oneFileSystem, protectedFolders }, fileSystem);

  const judge = (path: string, stat: FileStat | null, parent: FileStat | null): string | null => {
    if (path === root) return null;
    const relative = path.slice(root === '/' ? 1 : root.length + 1);
    const reason = rules.leaveOut(relative, stat?.kind === 'folder', stat);
    if (reason !== null || stat === null) return reason;
    return boundary.leaveOut(path, stat, parent);
  };
  const untouched = (path: string): string | null =>
    stepsTo(path, root)
      .slice(1)
      .map(boundary.leaveOutUntouched)
      .find((reason) => reason !== null) ?? null;
  const leftOut = (path: string): string | null => {
    const unseen = untouched(path);
    if (unseen !== null) return unseen;
    let above: FileStat | null = null;
    let cache: CacheFolder | null = null;
    for (const step of stepsTo(path, root)) {
      const stat = statOf(fileSystem, step);
      const name = step.slice(step.lastIndexOf('/') + 1);
      const reason: string | null = judge(step, stat, above) ?? cache?.leaveOut(name) ?? null;
      if (reason !== null) return reason;
      cache = stat?.kind === 'folder' ? rules.tagsFolder(step, [cacheTagName], fileSystem) : null;
      above = stat;
    }
    return null;
  };
  return {
    untouched,
    enters(folder) {
      if (folder !== root && boundary.leaveOutUntouched(folder) !== null) return false;
      const stat = statOf(fileSystem, folder);
      if (stat?.kind !== 'folder') return false;
      return judge(folder, stat, statOf(fileSystem, parentOf(folder))) === null;
    },
    leftOut,
    leftOutIn(folder) {
      const ofFolder = leftOut(folder);
      if (ofFolder !== null) return () => ofFolder;
      const above = statOf(fileSystem, folder);
      const cache = rules.tagsFolder(folder, [cacheTagName], fileSystem);
      return (name, stat) => judge(joinPath(folder, name), stat, above) ?? cache?.leaveOut(name) ?? null;
    },
  };
}

/** From the source down to the path, both included. */
function stepsTo(path: string, root: string): string[] {
  const names = path
    .slice(root.length)
    .split('/')
    .filter((name) => name !== '');
  const steps = [root];
  for (const name of names) steps.push(joinPath(steps.at(-1) ?? root, name));
  return steps;
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
