import type { FileSystem } from '../../../engine/filesystem/index.ts';
import type { World } from './world.ts';

/**
 * The world's disk, on which reading files of the source takes time: so many bytes a second, and so long for each file. Counts
 * what was read of which file.
 */
export function slowDisk(
  { disk, clock }: World,
  { bytesPerSecond, openMs = 0 }: { readonly bytesPerSecond: number; readonly openMs?: number },
): { readonly fileSystem: FileSystem; readonly readBytes: Map<string, number> } {
  const paths = new Map<number, string>();
  const readBytes = new Map<string, number>();
  const fileSystem: FileSystem = {
    ...disk,
    open(path, mode, permissions) {
      const fd = disk.open(path, mode, permissions);
      paths.delete(fd);
      if (path.startsWith('/data')) {
        paths.set(fd, path);
        clock.advance(openMs);
      }
      return fd;
    },
    read(fd, into, position) {
      const got = disk.read(fd, into, position);
      const path = paths.get(fd);
      if (path === undefined) return got;
      clock.advance((got / bytesPerSecond) * 1000);
      readBytes.set(path, (readBytes.get(path) ?? 0) + got);
      return got;
    },
  };
  return { fileSystem, readBytes };
}
