import { joinPath, splitPath } from '../../engine/filesystem/index.ts';
import { bulk, makeFolders, write } from '../unit/backup/world.ts';
import type { Ears } from './ears.ts';
import { awayFolder, dataFolder, spareBytes, type World } from './world.ts';

/** Somebody who works with files, on a disk that has room and keeps what it is given. */
export type Person = {
  /** Makes, changes, renames, moves or deletes something; says what. */
  work(): void;
  unplug(path: string): void;
  plugBack(path: string): void;
};

export function createPerson(world: World, ears: () => Ears | null): Person {
  const { dice, disk } = world;
  let written = 0;
  const hear = (...paths: readonly string[]): void => {
    for (const path of paths) ears()?.changed(path);
  };
  const keep = (path: string): void => {
    const fd = disk.open(path, 'read');
    disk.sync(fd);
    disk.close(fd);
    for (let folder = splitPath(path).folder; folder.startsWith(dataFolder); folder = splitPath(folder).folder)
      disk.syncFolder(folder);
  };
  const put = (path: string): void => {
    write(disk, path, bulk(dice.of([0, 10, 3000, 9000, 40_000]), ++written + world.seed * 1000));
    keep(path);
    hear(path);
  };
  const deeds: Record<string, (roots: readonly string[]) => string> = {
    create(roots) {
      const folder = dice.of(foldersBelow(world, roots));
      const path = joinPath(
        folder,
        `${dice.of(['a', 'b', 'c', 'd', 'e', 'f', 'x.tmp'])}${dice.integer(3)}`.replace(/tmp\d/, 'tmp'),
      );
      if (disk.lstatIfThere(path)?.kind === 'folder') return 'nothing';
      put(path);
      return `writes ${path}`;
    },
    edit(roots) {
      const path = dice.of(['', ...filesIn(world, roots)]);
      if (path === '') return 'nothing';
      const fd = disk.open(path, 'write');
      disk.write(fd, bulk(100, ++written), dice.integer(disk.fstat(fd).size + 1));
      disk.close(fd);
      keep(path);
      hear(path);
      return `edits ${path}`;
    },
    move(roots) {
      const from = dice.of(['', ...filesIn(world, roots)]);
      if (from === '') return 'nothing';
      const to = joinPath(dice.of(foldersBelow(world, roots)), dice.of(['a0', 'b1', 'moved']));
      if (disk.lstatIfThere(to)?.kind === 'folder') return 'nothing';
      disk.rename(from, to);
      disk.syncFolder(splitPath(from).folder);
      keep(to);
      hear(from, to);
      return `moves ${from} to ${to}`;
    },
    remove(roots) {
      const path = dice.of(['', ...filesIn(world, roots)]);
      if (path === '') return 'nothing';
      disk.removeFile(path);
      disk.syncFolder(splitPath(path).folder);
      hear(path);
      return `removes ${path}`;
    },
    makeFolder(roots) {
      const path = joinPath(dice.of(foldersBelow(world, roots)), dice.of(['sub', 'more', 'deep']));
      if (disk.lstatIfThere(path) !== null || path.split('/').length > 7) return 'nothing';
      makeFolders(disk, path);
      disk.syncFolder(path);
      disk.syncFolder(splitPath(path).folder);
      hear(path);
      put(joinPath(path, 'inside'));
      return `makes ${path}`;
    },
    moveFolder(roots) {
      const from = dice.of(foldersBelow(world, roots));
      if (roots.includes(from)) return 'nothing';
      const to = joinPath(dice.of(foldersBelow(world, roots)), dice.of(['sub', 'kept']));
      if (disk.lstatIfThere(to) !== null || to.startsWith(`${from}/`)) return 'nothing';
      disk.rename(from, to);
      for (const path of [from, to]) disk.syncFolder(splitPath(path).folder);
      hear(from, to);
      ears()?.changedBelow(to);
      return `moves folder ${from} to ${to}`;
    },
  };
  const names = ['create', 'create', 'edit', 'edit', 'move', 'remove', 'makeFolder', 'moveFolder'];
  const unplugged = (path: string): string => joinPath(awayFolder, path.replaceAll('/', '_'));
  const carry = (from: string, to: string): void => {
    disk.rename(from, to);
    disk.syncFolder(splitPath(from).folder);
    disk.syncFolder(splitPath(to).folder);
  };
  const isFar = (path: string): boolean => world.places.some(({ url, isFar: far }) => far && url === path);
  return {
    work() {
      const roots = [...world.sources].filter((path) => !world.away.has(path));
      if (roots.length === 0 || world.isOff) return;
      const name = dice.of(names);
      disk.setCapacity(Number.POSITIVE_INFINITY);
      world.say(`person ${deeds[name]?.(roots) ?? 'nothing'}`);
      if (world.troubles.has('full')) disk.setCapacity(disk.usedBytes + spareBytes);
    },
    unplug(path) {
      if (isFar(path)) world.line.network.isDown = true;
      else carry(path, unplugged(path));
    },
    plugBack(path) {
      if (isFar(path)) world.line.network.isDown = false;
      else carry(unplugged(path), path);
    },
  };
}

function foldersBelow({ disk }: World, roots: readonly string[]): string[] {
  const folders = [...roots];
  for (const folder of folders)
    for (const name of disk.list(folder).sort()) {
      const path = joinPath(folder, name);
      if (disk.lstat(path).kind === 'folder') folders.push(path);
    }
  return folders;
}

function filesIn(world: World, roots: readonly string[]): string[] {
  return foldersBelow(world, roots).flatMap((folder) =>
    world.disk
      .list(folder)
      .sort()
      .map((name) => joinPath(folder, name))
      .filter((path) => world.disk.lstat(path).kind === 'file'),
  );
}
