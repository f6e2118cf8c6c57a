/** Calls of the simulated file system on open files, and the ones that make things durable. */
import type { FileSystem, OpenMode } from '../port.ts';
import { systemError } from '../system-error.ts';
import type { Machine } from './machine.ts';
import { statOf } from './path-calls.ts';
import type { Node } from './tree.ts';

type FileCalls = Pick<
  FileSystem,
  | 'open'
  | 'fstat'
  | 'read'
  | 'write'
  | 'truncate'
  | 'allocate'
  | 'setFileTime'
  | 'holes'
  | 'nextData'
  | 'sync'
  | 'syncLater'
  | 'startWriteback'
  | 'close'
  | 'syncFolder'
  | 'syncVolume'
  | 'syncVolumeLater'
  | 'lock'
>;

export function fileCalls(machine: Machine): FileCalls {
  return {
    open: (path, mode, permissions = 0o666) => openFile(machine, path, mode, permissions),
    fstat: (fd) => statOf(machine.file(fd, 'fstat').node),
    read: (fd, into, position) => {
      const { node, path } = machine.file(fd, 'read');
      if (node.kind === 'folder') throw systemError('EISDIR', 'read', path);
      return node.content.read(into, position);
    },
    ...writeCalls(machine),
    setFileTime: (fd, seconds, nanoseconds) => {
      const { node } = machine.file(fd, 'futimens');
      node.attributes = { ...node.attributes, mtime: { seconds, nanoseconds }, ctime: machine.tick() };
    },
    holes: (fd, from, to) => machine.file(fd, 'lseek').node.content.holes(from, to),
    nextData: (fd, position) => {
      const holes = machine.file(fd, 'lseek').node.content.holes();
      const hole = holes.find(({ offset, length }) => offset <= position && position < offset + length);
      return hole === undefined ? position : hole.offset + hole.length;
    },
    sync: (fd) => {
      const { node } = machine.file(fd, 'fsync');
      if (node.kind === 'folder') return machine.tree.sync(node);
      node.content.sync();
      node.syncedAttributes = node.attributes;
    },
    syncLater: async (path) => {
      const node = machine.node(path, 'fsync');
      if (node.kind === 'folder') return machine.tree.sync(node);
      node.content.sync();
      node.syncedAttributes = node.attributes;
    },
    startWriteback: (fd) => void machine.file(fd, 'sync_file_range'),
    close: (fd) => {
      const { node } = machine.file(fd, 'close');
      machine.closeFile(fd);
      node.openFiles--;
      machine.giveIfGone(node);
    },
    syncFolder: (path) => machine.tree.sync(machine.folder(path, 'fsync')),
    syncVolume: (path) => syncVolume(machine, path),
    syncVolumeLater: async (fd) => {
      machine.file(fd, 'syncfs');
      machine.tree.syncAll();
      return true;
    },
    lock: (path) => {
      if (!machine.tree.find(path)) machine.closeFile(openFile(machine, path, 'create', 0o600));
      const node = machine.node(path, 'flock');
      if (machine.locks.has(node)) return null;
      machine.locks.add(node);
      return { release: () => void machine.locks.delete(node) };
    },
  };
}

function syncVolume(machine: Machine, path: string): boolean {
  machine.node(path, 'syncfs', { follow: true });
  machine.tree.syncAll();
  return true;
}

function writeCalls(machine: Machine): Pick<FileSystem, 'write' | 'truncate' | 'allocate'> {
  const touch = (node: Node): void => {
    const now = machine.tick();
    node.attributes = { ...node.attributes, mtime: now, ctime: now };
  };
  const writable = (fd: number, syscall: string): { readonly node: Node; readonly path: string } => {
    const file = machine.file(fd, syscall);
    if (!file.canWrite) throw systemError('EBADF', syscall, file.path);
    return file;
  };
  return {
    write: (fd, bytes, position) => {
      const { node, path } = writable(fd, 'write');
      const before = node.content.storedBytes;
      const free = machine.freeBytes();
      const growth = node.content.growthOf(position, bytes.length);
      // As on a disk: what still fits is written before the error.
      const isFull = growth > free;
      node.content.write(isFull ? bytes.subarray(0, Math.max(0, bytes.length - growth + free)) : bytes, position);
      machine.give(before - node.content.storedBytes);
      touch(node);
      if (isFull) throw systemError('ENOSPC', 'write', path);
    },
    truncate: (fd, size) => {
      const { node } = writable(fd, 'ftruncate');
      const before = node.content.storedBytes;
      node.content.truncate(size);
      machine.give(before - node.content.storedBytes);
      touch(node);
    },
    allocate: (fd, size) => {
      const { node, path } = writable(fd, 'fallocate');
      machine.take(node.content.growthOf(0, size), 'fallocate', path);
      node.content.allocate(size);
    },
  };
}

function openFile(machine: Machine, path: string, mode: OpenMode, permissions: number): number {
  // The folder itself, which may be reached through a link.
  if (path.endsWith('/.') && mode === 'read')
    return machine.openFile({ node: machine.node(path, 'open'), path, canWrite: false });
  const { folder, name, node } = machine.tree.place(path, 'open');
  if (mode === 'create') {
    if (node) throw systemError('EEXIST', 'open', path);
    const made = machine.tree.make('file', machine.newAttributes(permissions), folder.volume);
    machine.tree.change([{ folder, name, after: made }]);
    return machine.openFile({ node: made, path, canWrite: true });
  }
  if (!node) throw systemError('ENOENT', 'open', path);
  if (node.kind === 'link') throw systemError('ELOOP', 'open', path);
  if (node.kind === 'folder' && mode === 'write') throw systemError('EISDIR', 'open', path);
  if (node.kind === 'socket' || node.kind === 'character' || node.kind === 'block')
    throw systemError('ENXIO', 'open', path);
  return machine.openFile({ node, path, canWrite: mode === 'write' });
}
