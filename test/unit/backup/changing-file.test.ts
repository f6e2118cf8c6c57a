import { describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import { backUpChangingFile, changes } from './changing-file.ts';
import { walkNewest } from './walker.ts';
import { bulk, createWorld, runBackup, type World, write } from './world.ts';

const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

/** One alone: `vitest run test/unit/backup/changing-file.test.ts -t "grows, seed 7"`. */
describe.each(changes)('a file that is read while it changes: %s', (change) => {
  test.each(seeds)(`${change}, seed %i, is one point in time or flagged`, async (seed) => {
    await backUpChangingFile(seed, change);
  });
});

describe('a file that never holds still', () => {
  /** A file that grows at each of its reads. */
  async function restless(
    bytes: number,
  ): Promise<{ world: World; reads: () => number; run: () => ReturnType<typeof runBackup> }> {
    const world = await createWorld();
    const { disk } = world;
    write(disk, '/data/busy', bulk(bytes));
    let reads = 0;
    const opened = new Set<number>();
    const open: FileSystem['open'] = (path, mode, permissions) => {
      const fd = disk.open(path, mode, permissions);
      if (path === '/data/busy') opened.add(fd);
      return fd;
    };
    const read = (fd: number, into: Uint8Array, position: number): number => {
      const got = disk.read(fd, into, position);
      if (position > 0 || !opened.has(fd)) return got;
      reads++;
      const own = disk.open('/data/busy', 'write');
      disk.write(own, bulk(10, reads), disk.lstat('/data/busy').size);
      disk.close(own);
      return got;
    };
    return { world, reads: () => reads, run: () => runBackup(world, { fileSystem: { ...disk, open, read } }) };
  }

  test.each([50_000, 5_000_000])('is told as changed while it was read (%i bytes)', async (bytes) => {
    const { run } = await restless(bytes);
    expect(await run()).toMatchObject({ failed: 1, failures: [{ path: '/data/busy', code: 'changed-while-read' }] });
  });

  test.each([50_000, 5_000_000])(
    'is flagged in the snapshot, with the bytes that were read (%i bytes)',
    async (bytes) => {
      const { world, run } = await restless(bytes);
      await run();
      const { entries, files } = await walkNewest(world);
      expect(entries.get('/data/busy')?.state).toBe('changed-while-read');
      expect(files.get('/data/busy')?.subarray(0, bytes)).toEqual(bulk(bytes));
    },
  );

  test.each([50_000, 5_000_000])('is tried at least three times, and not for ever (%i bytes)', async (bytes) => {
    const { reads, run } = await restless(bytes);
    await run();
    expect(reads()).toBeGreaterThanOrEqual(3);
    expect(reads()).toBeLessThanOrEqual(4);
  });

  test('is read again by the next run', async () => {
    const { world, run } = await restless(50_000);
    await run();
    world.clock.advance(60_000);
    expect(await runBackup(world)).toMatchObject({ failed: 0, changedFiles: 1 });
  });
});
