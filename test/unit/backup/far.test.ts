import { expect, test } from 'vitest';
import type { Clock } from '../../../engine/base/index.ts';
import type { BegunFiles } from '../../../engine/snapshot/backup/begun-files.ts';
import type { BackupResult } from '../../../engine/snapshot/index.ts';
import { expectCode } from '../../contract/store.ts';
import { createFarStore, createNetwork } from '../../support/far-store.ts';
import { inVirtualTime } from '../../support/virtual-clock.ts';
import { portraitOfDisk, portraitOfSnapshot } from './portrait.ts';
import { walkNewest } from './walker.ts';
import {
  bulk,
  createWorld,
  filesBelow,
  homeFolder,
  objectsIn,
  type RunOptions,
  read,
  runBackup,
  type World,
  write,
} from './world.ts';

const MB = 1_000_000;

/** A computer whose place is at the other end of a line; reading takes no time on it. */
async function setScene(clock: Clock, bytesPerSecond = MB) {
  const world = await createWorld();
  const network = createNetwork();
  /** Of each of several connections, in runs from now on. */
  const line = { bytesPerSecond };
  let opened = 0;
  const run = (options: RunOptions = {}): Promise<BackupResult> =>
    runBackup(world, {
      wrapStore: (inner) =>
        createFarStore({ inner, fileSystem: world.disk, clock, network, ...line, seed: ++opened, latencyMs: 20 }),
      clock,
      ...options,
    });
  return { world, network, line, run };
}

const spoolOf = ({ disk }: World): string[] =>
  [...filesBelow(disk, `${homeFolder}/vaults`).keys()].filter((path) => path.includes('/spool-'));
const keyOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replaceAll('_', '/');

async function expectAsOnDisk(world: World): Promise<void> {
  expect(portraitOfSnapshot(await walkNewest(world))).toEqual(portraitOfDisk(world.disk, '/data'));
}

test('packs that are damaged in the spool cost one run: the rest is sent, and the next makes them anew', async () => {
  await inVirtualTime(async (clock) => {
    const { world, network, run } = await setScene(clock);
    for (let file = 0; file < 6; file++) write(world.disk, `/data/${file}`, bulk(20 * MB, file + 1));
    const stopping = new AbortController();
    const first = run({ signal: stopping.signal });
    await clock.sleep(8_000);
    stopping.abort();
    await expectCode(first, 'cancelled');
    const left = spoolOf(world);
    expect(left.length).toBeGreaterThan(4);
    // All of one second.
    const timeOf = (path: string): number => world.disk.lstat(path).mtimeNanoseconds;
    const damaged = left.toSorted((one, other) => timeOf(one) - timeOf(other)).slice(0, 2);
    for (const path of damaged) {
      // Its time stays, so that it is sent in its turn, which is before anything is read.
      const { mtimeSeconds, mtimeNanoseconds } = world.disk.lstat(path);
      const bytes = read(world.disk, path);
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      write(world.disk, path, bytes);
      world.disk.setTime(path, mtimeSeconds, mtimeNanoseconds);
    }

    write(world.disk, '/data/late', bulk(50 * MB, 9));
    const whole = left.filter((path) => !damaged.includes(path));
    const wholeBytes = whole.reduce((sum, path) => sum + world.disk.lstat(path).size, 0);
    const sentBefore = network.sentBytes;
    const error = await expectCode(run(), 'upload.damaged');
    expect(damaged.map(keyOf)).toContain(error.context.key);
    expect(objectsIn(world.disk)).toEqual(expect.arrayContaining(whole.map(keyOf)));
    // What cannot be published is not read either; a folder makes a small pack.
    expect(network.sentBytes - sentBefore - wholeBytes).toBeLessThan(1000);
    const aside = spoolOf(world).map((path) => path.slice(path.lastIndexOf('/') + 1));
    const names = damaged.map((path) => `damaged-${path.slice(path.lastIndexOf('/') + 1)}`);
    expect(aside).toEqual(names.toSorted());

    await run();
    await expectAsOnDisk(world);
    for (const path of damaged) expect(objectsIn(world.disk)).not.toContain(keyOf(path));
    expect(Math.max(...network.sent.values())).toBe(1);
  });
});

test('a run over a line that is known to be slow spools no more than that takes in its time', async () => {
  await inVirtualTime(async (clock) => {
    const { world, line, run } = await setScene(clock, 0.2 * MB);
    const begun: BegunFiles = new Map();
    const bound = { readMs: 30_000, begun };
    const more = (round: number): void => {
      for (let file = 0; file < 20; file++)
        write(world.disk, `/data/${round}-${file}`, bulk(4 * MB, round * 50 + file));
    };
    more(1);
    // Nothing is known yet, so all of it is read at once.
    expect((await run({ bound })).deferred.files).toBe(0);
    more(2);
    const beganMs = clock.monotonic();
    expect((await run({ bound })).deferred.files).toBeGreaterThan(3);
    expect(clock.monotonic() - beganMs).toBeGreaterThan(bound.readMs / 2);

    // What was so once is not for ever.
    line.bytesPerSecond = 50 * MB;
    await run({ bound });
    more(3);
    expect((await run({ bound })).deferred.files).toBe(0);
    await expectAsOnDisk(world);
  });
});
