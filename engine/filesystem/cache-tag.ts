import { systemCode } from '../base/index.ts';
import { joinPath } from './names.ts';
import type { FileSystem } from './port.ts';

/** The mark programs put into their cache folders (bford.info/cachedir). The folder and its mark are kept. */
export const cacheTagName = 'CACHEDIR.TAG';
const signature = Buffer.from('Signature: 8a477f597d28d172789f06886806bc55');

/** Whether this folder has a mark with the right signature; the name alone says nothing. */
export function isTaggedCache(fs: FileSystem, folder: string): boolean {
  return startsWith(fs, joinPath(folder, cacheTagName), signature);
}

/** Whether a regular file begins with these bytes; false where it cannot be read. */
export function startsWith(fs: FileSystem, path: string, expected: Uint8Array): boolean {
  try {
    if (fs.lstatIfThere(path)?.kind !== 'file') return false;
    const fd = fs.open(path, 'read');
    try {
      const start = new Uint8Array(expected.length);
      return fs.read(fd, start, 0) === expected.length && Buffer.compare(start, expected) === 0;
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return false;
  }
}
