/** Calls of the simulated file system that change entries and attributes. */
import type { FileKind, FileSystem } from '../port.ts';
import { systemError } from '../system-error.ts';
import type { Machine } from './machine.ts';
import type { Attributes, Node } from './tree.ts';

type ChangeCalls = Pick<
  FileSystem,
  | 'makeFolder'
  | 'makeLink'
  | 'makeHardLink'
  | 'makeSpecial'
  | 'rename'
  | 'renameNoReplace'
  | 'removeFile'
  | 'removeFolder'
  | 'setOwner'
  | 'setMode'
  | 'setTime'
>;

export function changeCalls(machine: Machine): ChangeCalls {
  return { ...makeCalls(machine), ...moveCalls(machine), ...attributeCalls(machine) };
}

type Rest = Partial<Pick<Node, 'target' | 'major' | 'minor'>>;

function makeCalls(machine: Machine): Pick<ChangeCalls, 'makeFolder' | 'makeLink' | 'makeHardLink' | 'makeSpecial'> {
  const make = (path: string, kind: FileKind, mode: number, syscall: string, rest: Rest = {}): void => {
    const { folder, name, node } = machine.tree.place(path, syscall);
    if (node) throw systemError('EEXIST', syscall, path);
    const made = machine.tree.make(kind, machine.newAttributes(mode), folder.volume, rest);
    machine.tree.change([{ folder, name, after: made }]);
    touchFolder(machine, folder);
  };
  return {
    makeFolder: (path, permissions = 0o777) => make(path, 'folder', permissions, 'mkdir'),
    makeLink: (target, path) => make(path, 'link', 0o777, 'symlink', { target }),
    makeSpecial: (path, kind, major, minor) => {
      const isDevice = kind === 'character' || kind === 'block';
      make(path, kind, 0o600, 'mknod', isDevice ? { major, minor } : {});
    },
    makeHardLink: (existing, path) => {
      const linked = machine.node(existing, 'link');
      if (linked.kind === 'folder') throw systemError('EPERM', 'link', existing, path);
      const { folder, name, node } = machine.tree.place(path, 'link');
      if (node) throw systemError('EEXIST', 'link', existing, path);
      if (folder.volume !== linked.volume) throw systemError('EXDEV', 'link', existing, path);
      machine.tree.change([{ folder, name, after: linked }]);
      touchFolder(machine, folder);
    },
  };
}

function moveCalls(machine: Machine): Pick<ChangeCalls, 'rename' | 'renameNoReplace' | 'removeFile' | 'removeFolder'> {
  const remove = (path: string, syscall: string, check: (node: Node) => void): void => {
    const { folder, name, node } = machine.tree.place(path, syscall);
    if (!node) throw systemError('ENOENT', syscall, path);
    check(node);
    machine.tree.change([{ folder, name, after: null }]);
    touchFolder(machine, folder);
    machine.giveIfGone(node);
  };
  return {
    rename: (from, to) => move(machine, from, to),
    renameNoReplace: (from, to) => {
      machine.node(from, 'rename');
      if (machine.tree.find(to)) throw systemError('EEXIST', 'rename', from, to);
      move(machine, from, to);
    },
    removeFile: (path) =>
      remove(path, 'unlink', (node) => {
        if (node.kind === 'folder') throw systemError('EISDIR', 'unlink', path);
      }),
    removeFolder: (path) =>
      remove(path, 'rmdir', (node) => {
        if (node.kind !== 'folder') throw systemError('ENOTDIR', 'rmdir', path);
        if (node.entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
      }),
  };
}

function move(machine: Machine, from: string, to: string): void {
  const source = machine.tree.place(from, 'rename');
  const target = machine.tree.place(to, 'rename');
  const moved = source.node;
  if (!moved) throw systemError('ENOENT', 'rename', from, to);
  // Two names of one file: POSIX leaves both.
  if (moved === target.node) return;
  if (source.folder.volume !== target.folder.volume) throw systemError('EXDEV', 'rename', from, to);
  if (moved.kind === 'folder' && isInside(target.folder, moved)) throw systemError('EINVAL', 'rename', from, to);
  if (target.node) {
    if (target.node.kind === 'folder' && moved.kind !== 'folder') throw systemError('EISDIR', 'rename', from, to);
    if (target.node.kind !== 'folder' && moved.kind === 'folder') throw systemError('ENOTDIR', 'rename', from, to);
    if (target.node.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', from, to);
  }
  machine.tree.change([
    { folder: source.folder, name: source.name, after: null },
    { folder: target.folder, name: target.name, after: moved },
  ]);
  touchFolder(machine, source.folder);
  if (target.folder !== source.folder) touchFolder(machine, target.folder);
  moved.attributes = { ...moved.attributes, ctime: machine.tick() };
  if (target.node) machine.giveIfGone(target.node);
}

function attributeCalls(machine: Machine): Pick<ChangeCalls, 'setOwner' | 'setMode' | 'setTime'> {
  const change = (path: string, syscall: string, changed: Partial<Attributes>): void => {
    const node = machine.node(path, syscall);
    node.attributes = { ...node.attributes, ...changed, ctime: machine.tick() };
  };
  return {
    setOwner: (path, uid, gid) => change(path, 'lchown', { uid, gid }),
    setMode: (path, mode) => {
      // A link has no mode of its own.
      if (machine.node(path, 'chmod').kind !== 'link') change(path, 'chmod', { mode: mode & 0o7777 });
    },
    setTime: (path, seconds, nanoseconds) => change(path, 'utimensat', { mtime: { seconds, nanoseconds } }),
  };
}

function touchFolder(machine: Machine, folder: Node): void {
  const now = machine.tick();
  folder.attributes = { ...folder.attributes, mtime: now, ctime: now };
}

function isInside(folder: Node, ancestor: Node): boolean {
  for (let node: Node | null = folder; node; node = node.parent === node ? null : node.parent) {
    if (node === ancestor) return true;
  }
  return false;
}
