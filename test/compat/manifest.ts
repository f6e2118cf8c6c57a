import { createHash } from 'node:crypto';
import { createRealFileSystem, joinPath, nameBytes, sortNames } from '../../engine/filesystem/index.ts';
import { readFile } from '../support/trees.ts';

/** What is written down of one entry: all that must be the same after a restore. Names as the bytes they are, in hexadecimal. */
export type Listed = Readonly<Record<string, string | number>>;

/** Every entry below a folder, by its path as text; the time to the microsecond, which is as near as every tool sets it. */
export function manifestOf(root: string): Record<string, Listed> {
  const fileSystem = createRealFileSystem();
  const listed: Record<string, Listed> = {};
  const visit = (path: string, shown: string): void => {
    for (const name of sortNames(fileSystem.list(path))) {
      const below = joinPath(path, name);
      const key = `${shown}/${name.isWellFormed() ? name : `hex:${Buffer.from(nameBytes(name)).toString('hex')}`}`;
      const { kind, mode, mtimeSeconds, mtimeNanoseconds, size } = fileSystem.lstat(below);
      const time = `${mtimeSeconds}+${Math.round(mtimeNanoseconds / 1000)}`;
      const xattrs = fileSystem
        .xattrs(below)
        .filter((one) => one.name.startsWith('user.'))
        .map((one) => `${one.name}=${Buffer.from(one.value).toString('hex')}`);
      listed[key] = {
        ...{ kind, mode: mode.toString(8), time },
        ...(kind === 'file'
          ? { size, sha256: createHash('sha256').update(readFile(fileSystem, below)).digest('hex') }
          : {}),
        ...(kind === 'link' ? { target: fileSystem.readLink(below) } : {}),
        ...(xattrs.length > 0 ? { xattrs: xattrs.sort().join() } : {}),
      };
      if (kind === 'folder') visit(below, key);
    }
  };
  visit(root, '');
  return listed;
}
