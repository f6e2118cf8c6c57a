import { CofferError, systemCode } from '../../base/index.ts';
import {
  type BoundaryOptions,
  createBoundary,
  type FileStat,
  type FileSystem,
  homeFailure,
  locateFolders,
  splitPath,
} from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';

/** A folder or file the person chose. */
export type Source = { readonly path: string; readonly name: string; readonly stat: FileStat };

/** Sources as they are now; one inside another counts once. A path that is not there stops the run before it starts. */
export function resolveSources(fileSystem: FileSystem, paths: readonly string[]): Source[] {
  const wanted = [...new Set(paths.map(withoutTrailingSlash))].sort();
  const outer = wanted.filter((path) => !wanted.some((other) => other !== path && isBelow(path, other)));
  return outer.map((path) => {
    let stat: FileStat | null;
    try {
      stat = fileSystem.lstatIfThere(path);
    } catch (error) {
      throw systemCode(error) === '' ? error : new CofferError('path.notFound', { path }, error);
    }
    if (stat === null) throw new CofferError('path.notFound', { path });
    return { path, name: path === '/' ? '/' : splitPath(path).name, stat };
  });
}

export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

const withoutTrailingSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') || '/' : path);

/** The walk leaves vaults and COFFER_HOME out where it meets them; a source is where it starts. */
export function refuseOwn(ports: Ports, sources: readonly Source[], options: BoundaryOptions): void {
  const boundary = createBoundary({ ...options, otherFileSystems: true }, ports.fileSystem);
  for (const { path, stat } of sources) {
    const reason = boundary.leaveOut(path, stat, null);
    if (reason === 'coffer-own' || reason === 'vault') throw new CofferError('path.own', { path });
  }
}

export function locateOwn({ fileSystem, home }: Ports): BoundaryOptions['protectedFolders'] {
  try {
    return locateFolders(fileSystem, [home]);
  } catch (error) {
    throw homeFailure(home, error);
  }
}
