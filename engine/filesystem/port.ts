/**
 * The local file system as the engine sees it: synchronous (workers block on it, measured seven times faster than
 * promises), with what Node lacks filled in through FFI. One real implementation, one simulated for faults.
 *
 * [Note: path text] Paths and names are strings that hold any bytes: what is not valid UTF-8 is kept byte by byte as lone
 * surrogates U+DC80–U+DCFF, so that `encodePath(decodePath(bytes))` is always the same bytes. Only adapters convert.
 */
export type FileKind = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'character' | 'block';

export type FileStat = {
  readonly kind: FileKind;
  readonly size: number;
  /** The 12 permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
  /** 512-byte blocks in use; fewer than the size needs means a sparse file. */
  readonly blocks: number;
  /** Of a device file, else 0. */
  readonly major: number;
  readonly minor: number;
};

export type Xattr = { readonly name: string; readonly value: Uint8Array };
export type Hole = { readonly offset: number; readonly length: number };
export type OpenMode = 'read' | 'create' | 'write';

/** What a file system object can keep; the rest is done as well as Node's `fs` can, or not at all, as each call says. */
export type Support = {
  /** `setTime` to the ns; otherwise it goes through a floating-point number (about 0.2 µs off). */
  readonly exactTimes: boolean;
  readonly xattrs: boolean;
  readonly holes: boolean;
  readonly allocation: boolean;
  readonly volumeSync: boolean;
  readonly specialFiles: boolean;
  /** `renameNoReplace` of a folder is one step; otherwise it looks first. */
  readonly atomicNoReplace: boolean;
  /** Locks of the system; otherwise a file with the holder's process id. */
  readonly systemLocks: boolean;
};

/** `read` there, or `write` a file into that folder. */
export type WholeQuestion = { readonly path: string; readonly by: 'read' | 'write' };

export type FileSystem = {
  readonly support: Support;
  /** Resolves once the file system of this path has answered something, not on this thread; on one that hangs, never. */
  answers(path: string): Promise<void>;
  /** The same of what a drive does rather than of what is known of it: reads something, or writes a file and removes it. */
  answersWholly(asked: WholeQuestion): Promise<void>;
  /** Folders at which drives are mounted that may never answer; told by the system, none of them is touched. */
  mountsThatMayHang(): ReadonlySet<string>;
  /** Names only, unsorted, without `.` and `..`. */
  list(folder: string): string[];
  lstat(path: string): FileStat;
  /** Like lstat, null when there is nothing at that path. */
  lstatIfThere(path: string): FileStat | null;
  readLink(path: string): string;
  xattrs(path: string): Xattr[];
  setXattr(path: string, name: string, value: Uint8Array): void;
  removeXattr(path: string, name: string): void;
  /** Identifies the kind of file system (`ext`, `proc`, `fuse`, …) at a folder. */
  volumeKind(path: string): string;
  /** What this user may still write on the file system of a path. */
  freeBytes(path: string): number;

  /** `create` fails when the path exists and never follows a link at the last part; `read` never follows one either. */
  open(path: string, mode: OpenMode, permissions?: number): number;
  fstat(fd: number): FileStat;
  /** Reads at `position`; returns the bytes read, 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Writes all of it. */
  write(fd: number, bytes: Uint8Array, position: number): void;
  truncate(fd: number, size: number): void;
  /** Reserves space so that a full disk is noticed before writing; the size stays. Does nothing where unsupported. */
  allocate(fd: number, size: number): void;
  /** `setTime` for an open file: a third cheaper than by its path. */
  setFileTime(fd: number, seconds: number, nanoseconds: number): void;
  /** Holes of an open file between two positions; [] where unsupported. */
  holes(fd: number, from: number, to: number): Hole[];
  /** Where the next bytes are that are in no hole, from a position on; `size` when there are none, the position itself where unsupported. */
  nextData(fd: number, position: number, size: number): number;
  sync(fd: number): void;
  /** `sync` by path, off this thread where that is possible: the agent thread must not wait for disks. */
  syncLater(path: string): Promise<void>;
  /** Starts writing back without waiting; does nothing where unsupported. */
  startWriteback(fd: number, offset: number, length: number): void;
  close(fd: number): void;
  syncFolder(path: string): void;
  /** Makes everything on the file system of this path durable; false where unsupported (the caller then syncs file by file). */
  syncVolume(path: string): boolean;
  /**
   * `syncVolume` for an open file or folder, off this thread where that is possible. It fails for whatever could not be
   * written since that was opened, also when another program's sync was told of it first.
   */
  syncVolumeLater(fd: number): Promise<boolean>;

  makeFolder(path: string, permissions?: number): void;
  makeLink(target: string, path: string): void;
  makeHardLink(existing: string, path: string): void;
  makeSpecial(path: string, kind: 'fifo' | 'socket' | 'character' | 'block', major: number, minor: number): void;
  rename(from: string, to: string): void;
  /** Fails when `to` exists. */
  renameNoReplace(from: string, to: string): void;
  removeFile(path: string): void;
  removeFolder(path: string): void;
  /** On the link itself where the path is one. */
  setOwner(path: string, uid: number, gid: number): void;
  setMode(path: string, mode: number): void;
  /** Exact to the ns, on the link itself where the path is one; atime is set to the same. */
  setTime(path: string, seconds: number, nanoseconds: number): void;
  /** Exclusive advisory lock that dies with the process; null when another process holds it. */
  lock(path: string): FileLock | null;
};

export type FileLock = { release(): void };
