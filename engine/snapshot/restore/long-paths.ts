import { type FileSystem, joinPath, nameBytes } from '../../filesystem/index.ts';

/** A path longer than this (with the NUL at its end) is refused by Linux, however deep the folders really go. */
const pathBytesMost = 4095;
/** Room that is left for the last name and a hidden name beside it. */
const stepBytes = 3500;
const anchorsKept = 8;

/**
 * Lets calls work on paths that are too long for the system: the beginning of such a path is opened, and the rest goes
 * from there through `/proc/self/fd`. Where that is not possible the system's own ENAMETOOLONG comes out.
 */
export function withLongPaths(fileSystem: FileSystem): FileSystem & { forgetAnchors(): void } {
  const anchors = new Map<string, number>();
  const forgetAnchors = (): void => {
    for (const fd of anchors.values()) fileSystem.close(fd);
    anchors.clear();
  };
  /** A descriptor for a folder, itself reached step by step. */
  const anchor = (folder: string): number => {
    const known = anchors.get(folder);
    if (known !== undefined) return known;
    const fd = fileSystem.open(short(folder), 'read');
    anchors.set(folder, fd);
    return fd;
  };
  const short = (path: string): string => {
    // Most paths are short by any count of bytes: at most three for each code unit.
    if (path.length * 3 <= pathBytesMost || nameBytes(path).length <= pathBytesMost) return path;
    let cut = path.lastIndexOf('/', path.length - 1);
    while (cut > 0 && nameBytes(path.slice(0, cut)).length > stepBytes * steps(path, cut)) cut = path.lastIndexOf('/', cut - 1);
    if (cut <= 0) return path;
    if (anchors.size >= anchorsKept && !anchors.has(path.slice(0, cut))) forgetAnchors();
    return joinPath(`/proc/self/fd/${anchor(path.slice(0, cut))}`, path.slice(cut + 1));
  };
  /** The end of the longest prefix that is a whole number of steps, so that neighbours share their anchor. */
  const steps = (path: string, cut: number): number => {
    const whole = nameBytes(path).length;
    void cut;
    return Math.max(1, Math.floor((whole - 1) / stepBytes));
  };
  return { ...bindPaths(fileSystem, short), forgetAnchors };
}
