/**
 * What a walk never enters, whatever the person's rules say: other file systems, what the kernel makes up, Coffer's own
 * folders, vaults, and files whose bytes are somewhere else. Asked for every entry, so all but folders pay next to nothing.
 */
import { systemCode } from '../base/index.ts';
import { startsWith } from './cache-tag.ts';
import { joinPath } from './names.ts';
import type { FileStat, FileSystem } from './port.ts';
import { pseudoVolumeKinds } from './volumes.ts';

export type BoundaryOptions = {
  /** Whether the walk may cross into other file systems (never into pseudo ones). */
  readonly otherFileSystems: boolean;
  /** The store, COFFER_HOME and the spool, as `locateFolders` found them. */
  readonly protectedFolders: readonly LocatedFolder[];
};

/** `at` is null where there is none yet. */
export type LocatedFolder = {
  readonly path: string;
  readonly at: { readonly device: number; readonly inode: number } | null;
};

/** Stable keys: they are counted, stored and shown. */
export type BoundaryReason = 'other-filesystem' | 'pseudo-filesystem' | 'coffer-own' | 'vault' | 'cloud-placeholder';

export type Boundary = {
  /** Told by its path alone, so that nobody touches a drive of which nothing is wanted: it may never answer. */
  leaveOutUntouched(path: string): BoundaryReason | null;
  /** `parentStat` is null for the root of a source. */
  leaveOut(path: string, stat: FileStat, parentStat: FileStat | null): BoundaryReason | null;
};

/** The start of a vault's `config` [Note: object header] in FORMAT.md. */
const vaultMagic = Uint8Array.of(0x43, 0x4f, 0x46, 0x46, 0x45, 0x52, 0x0d, 0x0a);

/**
 * Attributes that sync clients give to files they will fetch on demand. An empty-looking file without one is simply sparse.
 * macOS and Windows tell it by file flags that Node does not show, so there such a file is read, and its client fetches it.
 */
const placeholderXattrs = ['user.nextcloud.', 'user.owncloud.', 'user.openvfs.'];

/** Asked once for a whole run: what it answers goes to the workers. */
export function locateFolders(fs: FileSystem, paths: readonly string[]): LocatedFolder[] {
  return paths.map((path) => {
    const stat = fs.lstatIfThere(path);
    return { path: withoutEnd(path), at: stat && { device: stat.device, inode: stat.inode } };
  });
}

export function createBoundary(options: BoundaryOptions, fs: FileSystem): Boundary {
  const own = options.protectedFolders;

  // By inode too, because a folder can be reached by another path (a link on the way, a bind mount).
  const isOwn = (path: string, stat: FileStat): boolean =>
    own.some(
      (folder) =>
        path === folder.path ||
        path.startsWith(`${folder.path}/`) ||
        (folder.at?.inode === stat.inode && folder.at.device === stat.device),
    );

  const volumeReason = (path: string, stat: FileStat, parentStat: FileStat | null): BoundaryReason | null => {
    if (stat.device === parentStat?.device) return null;
    if (pseudoVolumeKinds.has(volumeKind(fs, path))) return 'pseudo-filesystem';
    return parentStat && !options.otherFileSystems ? 'other-filesystem' : null;
  };

  const foreign = options.otherFileSystems ? new Set<string>() : fs.mountsThatMayHang();

  return {
    leaveOutUntouched: (path) => (foreign.has(path) ? 'other-filesystem' : null),
    leaveOut: (path, stat, parentStat) => {
      if (stat.kind === 'folder') {
        const reason = volumeReason(path, stat, parentStat);
        if (reason) return reason;
        if (isOwn(path, stat)) return 'coffer-own';
        return isVault(fs, path) ? 'vault' : null;
      }
      const looksEmpty = stat.blocks === 0 && stat.size > 0 && stat.kind === 'file';
      return looksEmpty && isPlaceholder(fs, path) ? 'cloud-placeholder' : null;
    },
  };
}

function isVault(fs: FileSystem, folder: string): boolean {
  if (!startsWith(fs, joinPath(folder, 'config'), vaultMagic)) return false;
  return fs.lstatIfThere(joinPath(folder, 'keys'))?.kind === 'folder';
}

function isPlaceholder(fs: FileSystem, path: string): boolean {
  return fs.xattrs(path).some(({ name }) => placeholderXattrs.some((start) => name.startsWith(start)));
}

/** A volume that cannot be asked (no permission, a hung mount) is an ordinary one. */
function volumeKind(fs: FileSystem, path: string): string {
  try {
    return fs.volumeKind(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return 'unknown';
  }
}

function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
