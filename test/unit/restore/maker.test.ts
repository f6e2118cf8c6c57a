import { expect, test } from 'vitest';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import type { Task } from '../../../engine/snapshot/restore/job.ts';
import { createMaker } from '../../../engine/snapshot/restore/maker.ts';

const taskOf = (number: number, folder: string): Task => ({
  ...{ number, action: 'whole', kind: 'file', folder, name: `file-${number}`, replaces: false },
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
