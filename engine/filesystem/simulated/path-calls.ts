/** Calls of the simulated file system that look at paths, and the extended attributes. */
import type { FileStat, FileSystem } from '../port.ts';
import { systemError } from '../system-error.ts';
import type { Machine } from './machine.ts';
import type { Node } from './tree.ts';

type PathCalls = Pick<
  FileSystem,
  'list' | 'lstat' | 'lstatIfThere' | 'readLink' | 'xattrs' | 'setXattr' | 'removeXattr' | 'volumeKind' | 'freeBytes'
>;

export function statOf(node: Node): FileStat {
  const { mode, uid, gid, mtime, ctime } = node.attributes;
  return {
    kind: node.kind,
    size: node.kind === 'link' ? Buffer.byteLength(node.target) : node.content.size,
    mode,
    uid,
    gid,
    mtimeSeconds: mtime.seconds,
    mtimeNanoseconds: mtime.nanoseconds,
    ctimeSeconds: ctime.seconds,
    ctimeNanoseconds: ctime.nanoseconds,
    inode: node.inode,
    device: node.volume.device,
    links: node.kind === 'folder' ? 2 : node.links,
    blocks: node.content.storedBytes / 512,
    major: node.major,
    minor: node.minor,
  };
}

export function pathCalls(machine: Machine): PathCalls {
  const changeXattrs = (path: string, syscall: string, change: (xattrs: Map<string, Uint8Array>) => void): void => {
    const node = machine.node(path, syscall);
    const xattrs = new Map(node.attributes.xattrs);
    change(xattrs);
    node.attributes = { ...node.attributes, xattrs, ctime: machine.tick() };
  };
  return {
    list: (path) => [...machine.folder(path, 'scandir').entries.keys()],
    lstat: (path) => statOf(machine.node(path, 'lstat')),
    lstatIfThere: (path) => {
      const node = machine.tree.find(path);
      return node && statOf(node);
    },
    readLink: (path) => {
      const node = machine.node(path, 'readlink');
      if (node.kind !== 'link') throw systemError('EINVAL', 'readlink', path);
      return node.target;
    },
    xattrs: (path) => {
      const { xattrs } = machine.node(path, 'listxattr').attributes;
      return [...xattrs].map(([name, value]) => ({ name, value: value.slice() }));
    },
    setXattr: (path, name, value) => {
      const { kind } = machine.node(path, 'setxattr');
      if (name.startsWith('user.') && kind !== 'file' && kind !== 'folder')
        throw systemError('EPERM', 'setxattr', path);
      changeXattrs(path, 'setxattr', (xattrs) => xattrs.set(name, value.slice()));
    },
    removeXattr: (path, name) =>
      changeXattrs(path, 'removexattr', (xattrs) => {
        if (!xattrs.delete(name)) throw systemError('ENODATA', 'removexattr', path);
      }),
    volumeKind: (path) => machine.node(path, 'statfs', { follow: true }).volume.kind,
    freeBytes: (path) => {
      machine.node(path, 'statfs', { follow: true });
      return machine.freeBytes();
    },
  };
}
