import { CofferError, systemCode, toHex, utf8 } from '../../base/index.ts';
import { sha256 } from '../../crypto/index.ts';
import {
  type BoundaryOptions,
  createBoundary,
  type FileStat,
  type FileSystem,
  homeFailure,
  isBelow,
  locateFolders,
  presets,
  splitPath,
  withoutTrailingSlash,
} from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';
import type { ScanSetup } from './setup.ts';
import type { BackupSource, Look } from './types.ts';

/** A folder or file the person chose. */
export type Source = ScanSetup['sources'][number] & {
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
  /** Null: everywhere. */
  readonly look: Extract<Look, { kind: 'folders' }> | null;
  /** Of the path and all that decides what is left out of it: who knows it by another does not know it. */
  readonly origin: string;
};

export type Sources = {
  readonly present: readonly Source[];
  /** Paths of those that are not there now. */
  readonly absent: readonly string[];
};

/** Sources as they are now; one inside another counts once. A path that is not there stops the run before it starts. */
export function resolveSources(ports: Ports, given: readonly BackupSource[], nowSeconds: number): Sources {
  const wanted = new Map<string, BackupSource>();
  for (const source of given) {
    const path = withoutTrailingSlash(source.path);
    if (!wanted.has(path)) wanted.set(path, source);
  }
  const paths = [...wanted.keys()];
  const outer = [...wanted].filter(([path]) => !paths.some((other) => other !== path && isBelow(path, other)));
  outer.sort(([left], [right]) => (left < right ? -1 : 1));
  const present: Source[] = [];
  const absent: string[] = [];
  const protectedFolders = locateOwn(ports);
  for (const [path, { rules, otherFileSystems, look }] of outer) {
    if (look?.kind === 'nowhere') {
      absent.push(path);
      continue;
    }
    const stat = statOf(ports.fileSystem, path);
    const name = path === '/' ? '/' : splitPath(path).name;
    const about = { rules: { nowSeconds, ...rules }, boundary: { otherFileSystems, protectedFolders } };
    present.push({ path, name, stat, look: look ?? null, ...about, origin: originOf(path, about) });
  }
  return { present, absent };
}

/** A drive that was unplugged meanwhile leaves an empty mount point behind, which would look like a folder that was emptied. */
export function assertStillThere(fileSystem: FileSystem, sources: readonly Source[]): void {
  for (const { path, stat } of sources) {
    if (statOf(fileSystem, path).device !== stat.device) throw new CofferError('path.notFound', { path });
  }
}

function statOf(fileSystem: FileSystem, path: string): FileStat {
  let stat: FileStat | null;
  try {
    stat = fileSystem.lstatIfThere(path);
  } catch (error) {
    throw systemCode(error) === '' ? error : new CofferError('path.notFound', { path }, error);
  }
  if (stat === null) throw new CofferError('path.notFound', { path });
  return stat;
}

const daySeconds = 86_400;

function originOf(path: string, { rules, boundary }: ScanSetup['sources'][number]): string {
  const { nowSeconds = 0, ...lasting } = rules;
  // Files grow too old by themselves, without an event: once a day everything is looked at.
  const day = rules.ageMaxDays === undefined ? null : Math.floor(nowSeconds / daySeconds);
  const lines = rules.presets.map((name) => presets[name]);
  return toHex(sha256(utf8(JSON.stringify([path, lasting, lines, boundary, day]))));
}

/** The walk leaves vaults and COFFER_HOME out where it meets them; a source is where it starts. */
export function refuseOwn(fileSystem: FileSystem, sources: readonly Source[]): void {
  for (const { path, stat, boundary } of sources) {
    const reason = createBoundary({ ...boundary, otherFileSystems: true }, fileSystem).leaveOut(path, stat, null);
    if (reason === 'coffer-own' || reason === 'vault') throw new CofferError('path.own', { path });
  }
}

function locateOwn({ fileSystem, home }: Ports): BoundaryOptions['protectedFolders'] {
  try {
    return locateFolders(fileSystem, [home]);
  } catch (error) {
    throw homeFailure(home, error);
  }
}
