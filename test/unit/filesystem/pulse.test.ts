import { expect, test } from 'vitest';
import { createPulse, type FileSystem, withPulse } from '../../../engine/filesystem/index.ts';
import { createRealFileSystem } from '../../../engine/filesystem/real.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** The real one, which looks at the pulse in the middle of each of these calls, as another thread would. */
function looking(look: () => void): FileSystem {
  const real = createRealFileSystem();
  return {
    ...real,
    lstat: (path) => {
      look();
      return real.lstat(path);
    },
    write: (fd, bytes, position) => {
      look();
      real.write(fd, bytes, position);
    },
  };
}

test('a call under way is named by its path, and what is written by the path that was opened', () => {
  const pulse = createPulse();
  const seen: (string | null)[] = [];
  const fileSystem = withPulse(
    looking(() => seen.push(pulse.read().path)),
    pulse.shared,
    3,
  );
  const folder = temporaryFolder();
  const [long, name] = [`${folder}/${'ä'.repeat(600)}`, `${folder}/☂`];
  expect(() => fileSystem.lstat(long)).toThrow('ENAMETOOLONG');
  const fd = fileSystem.open(name, 'create');
  fileSystem.lstat(folder);
  fileSystem.write(fd, new Uint8Array(3), 0);
  fileSystem.close(fd);
  expect(seen.slice(1)).toEqual([folder, name]);
  expect(seen[0]?.length).toBeGreaterThan(500);
  expect(long.startsWith(seen[0] ?? '-')).toBe(true);
  expect(pulse.read()).toEqual({ moves: 10, path: null });
});

test('a sync off this thread is under way until it has returned', async () => {
  const pulse = createPulse();
  const done = Promise.withResolvers<void>();
  const fileSystem = pulse.watch({ ...createRealFileSystem(), syncLater: () => done.promise });
  const sync = fileSystem.syncLater('/drive/pack');
  expect(pulse.read()).toEqual({ moves: 1, path: '/drive/pack' });
  done.resolve();
  await sync;
  expect(pulse.read()).toEqual({ moves: 2, path: null });
});
