import { expect, test } from 'vitest';
import { createRealFileSystem, type FileSystem } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import type { Task } from '../../../engine/snapshot/restore/job.ts';
import { createMaker } from '../../../engine/snapshot/restore/maker.ts';
import { temporaryFolder } from '../../support/folder.ts';

const taskOf = (number: number, folder: string): Task => ({
  ...{ number, action: 'whole', kind: 'file', folder, name: `file-${number}`, replaces: false, redoes: false },
  ...{ size: 3, mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 1_600_000_000 + number, mtimeNanoseconds: 7 },
  ...{ major: 0, minor: 0, firstChunk: 0, chunks: 1, extra: undefined },
});

/** A disk whose folder begins to give new files another mode, as a default ACL does; and how often files were looked at. */
function changeableDisk() {
  const disk = createSimulatedFileSystem({ seed: 3 });
  disk.makeFolder('/out');
  disk.makeFolder('/out/deeper');
  let given: number | null = null;
  let looks = 0;
  const fileSystem: FileSystem = {
    ...disk,
    open: (path, mode, permissions) => {
      const fd = disk.open(path, mode, permissions);
      if (mode === 'create' && given !== null) disk.setMode(path, given);
      return fd;
    },
    fstat: (fd) => {
      looks++;
      return disk.fstat(fd);
    },
  };
  const give = (mode: number): void => {
    given = mode;
  };
  return { fileSystem, looks: () => looks, give };
}

const bytes = Uint8Array.of(1, 2, 3);

test('a file is looked at once when one like it was made before, and have what they should', () => {
  const { fileSystem, looks } = changeableDisk();
  const maker = createMaker(fileSystem, 'abcd');
  for (const number of [1, 2, 3]) maker.make(taskOf(number, '/out'), bytes);
  // The first is made without knowing who owns what is made here, so the second is not made like it.
  expect(looks()).toBe(5);
  const made = maker.make(taskOf(4, '/out/deeper'), bytes);
  expect(looks()).toBe(7);
  expect(made).toMatchObject({ name: null, remark: null, stat: { mode: 0o644, mtimeSeconds: 1_600_000_004, size: 3 } });
});

test.each(['redoes', 'replaces'])('a second name of a file that is made again leaves nothing behind (%s)', (how) => {
  const fileSystem = createRealFileSystem();
  const folder = temporaryFolder();
  const maker = createMaker(fileSystem, 'abcd');
  maker.make(taskOf(1, folder), bytes);
  const extra = { target: new Uint8Array(Buffer.from(`${folder}/file-1`)) };
  const { mtimeSeconds } = taskOf(1, folder);
  const link = { ...taskOf(2, folder), mtimeSeconds, extra };
  maker.link(link);
  expect(maker.link({ ...link, [how]: true }).name).toBeNull();
  expect(fileSystem.list(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(fileSystem.lstat(`${folder}/file-2`).inode).toBe(fileSystem.lstat(`${folder}/file-1`).inode);
});

test('nobody reads a file while it is made who may not read it later, also in a folder that gives another group', () => {
  const disk = createSimulatedFileSystem({ seed: 3 });
  for (const folder of ['/out', '/out/shared']) disk.makeFolder(folder);
  const writing: number[] = [];
  const fileSystem: FileSystem = {
    ...disk,
    open: (path, mode, permissions) => {
      const fd = disk.open(path, mode, permissions);
      // As a folder with the set-group-id bit does.
      if (mode === 'create' && path.startsWith('/out/shared/')) disk.setOwner(path, 0, 100);
      return fd;
    },
    write: (fd, written, position) => {
      const { mode, gid } = disk.fstat(fd);
      if (gid === 100) writing.push(mode);
      disk.write(fd, written, position);
    },
  };
  const maker = createMaker(fileSystem, 'abcd');
  const { uid, gid } = disk.lstat('/out');
  for (const number of [1, 2]) maker.make({ ...taskOf(number, '/out'), uid, gid }, bytes);
  maker.make({ ...taskOf(3, '/out/shared'), uid, gid }, bytes);
  expect(writing).toEqual([0o600]);
});

test('a folder that begins to give other permissions does not pass them on', () => {
  const { fileSystem, give } = changeableDisk();
  const maker = createMaker(fileSystem, 'abcd');
  for (const number of [1, 2]) maker.make(taskOf(number, '/out'), bytes);
  give(0o600);
  for (const number of [3, 4]) {
    const { stat } = maker.make(taskOf(number, '/out'), bytes);
    expect(stat).toMatchObject({ mode: 0o644, mtimeSeconds: 1_600_000_000 + number, mtimeNanoseconds: 7 });
    expect(fileSystem.lstat(`/out/file-${number}`)).toEqual(stat);
  }
});
