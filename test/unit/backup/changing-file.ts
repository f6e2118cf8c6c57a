import { createHash } from 'node:crypto';
import type { FileStat, FileSystem } from '../../../engine/filesystem/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { type Walked, walkAll } from './walker.ts';
import { bulk, createWorld, read, runBackup, type World, write } from './world.ts';

/** What may happen to a file while a backup reads it. */
export const changes = ['overwritten', 'truncated', 'replaced', 'vanishes', 'grows'] as const;
export type Change = (typeof changes)[number];

const path = '/data/busy';
const KiB = 1024;
/** Empty, one chunk, several; now and then around the limit of small files, or of two and three segments. */
const smallSizes = [0, 700, 5 * KiB, 40 * KiB, 300 * KiB, 900 * KiB];
const largeSizes = [4096 * KiB - 1, 4096 * KiB + 1, 4500 * KiB, 8500 * KiB, 17_000 * KiB];

type State = { readonly stat: FileStat; readonly hash: string };

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Backs up a file that changes at some of the calls that look at it, then holds the snapshot against every state the file
 * has ever been in. Throws when a file is told as whole that never was like that, and when the next run does not find its
 * last state.
 */
export async function backUpChangingFile(seed: number, change: Change): Promise<'whole' | 'flagged' | 'absent'> {
  const random = seededRandom(seed * 31 + changes.indexOf(change));
  const world = await createWorld({ seed });
  const sizes = random.integer(8) === 0 ? largeSizes : smallSizes;
  const size = sizes[random.integer(sizes.length)] ?? 0;
  write(world.disk, path, bulk(size, seed));
  write(world.disk, '/data/still', bulk(5000, seed + 1));
  const from = random.integer(8);
  const until = random.integer(3) === 0 ? Number.POSITIVE_INFINITY : from + 1 + random.integer(4);
  const states: State[] = [stateOf(world)];
  let calls = 0;
  const busy = interrupted(world.disk, () => {
    calls++;
    if (calls <= from || calls > until || world.disk.lstatIfThere(path) === null) return;
    alter(world, change, { seed: seed * 100 + calls, room: random.integer(1000) / 1000 });
    if (world.disk.lstatIfThere(path) !== null) states.push(stateOf(world));
  });
  const result = await runBackup(world, { fileSystem: busy });
  world.clock.advance(60_000);
  await runBackup(world);
  const [during, after] = await walkAll(world);
  if (during === undefined || after === undefined) throw new Error('a snapshot is missing');
  expectLastState(world, after);
  const { entries, files } = during;
  if (files.get('/data/still')?.length !== 5000) throw new Error('its neighbour was lost');
  const entry = entries.get(path);
  const outcome = entry === undefined ? 'absent' : entry.state === undefined ? 'whole' : 'flagged';
  if (outcome === 'absent' && result.excluded['vanished'] !== 1) throw new Error('a file is missing and not counted');
  if (outcome === 'flagged' && result.failed !== 1) throw new Error('a flagged file is not counted');
  if (
    outcome === 'whole' &&
    entry?.kind === 'file' &&
    !states.some((state) => isState(state, entry, files.get(path)))
  ) {
    throw new Error(
      `told as whole, but never like that (${size} bytes, ${calls} calls, changed from ${from} until ${until})`,
    );
  }
  return outcome;
}

function isState(
  { stat, hash }: State,
  entry: { readonly mtime: { readonly seconds: number; readonly nanoseconds: number }; readonly size: number },
  saved: Uint8Array | undefined,
): boolean {
  if (stat.mtimeNanoseconds !== entry.mtime.nanoseconds || stat.mtimeSeconds !== entry.mtime.seconds) return false;
  return saved !== undefined && hashOf(saved) === hash;
}

const stateOf = ({ disk }: World): State => ({ stat: disk.lstat(path), hash: hashOf(read(disk, path)) });

/** A run in peace afterwards saves the file as it then is. */
function expectLastState({ disk }: World, { files }: Walked): void {
  const saved = files.get(path);
  const there = disk.lstatIfThere(path) === null ? undefined : read(disk, path);
  if (there === undefined ? saved !== undefined : saved === undefined || Buffer.compare(saved, there) !== 0) {
    throw new Error('the next run does not show the last state');
  }
}

function alter(
  { disk }: World,
  change: Change,
  { seed, room }: { readonly seed: number; readonly room: number },
): void {
  const { size } = disk.lstat(path);
  if (change === 'vanishes') return disk.removeFile(path);
  if (change === 'replaced') {
    write(disk, '/data/.new', bulk(size + 10, seed));
    return disk.rename('/data/.new', path);
  }
  const fd = disk.open(path, 'write');
  const at = Math.floor(size * room);
  if (change === 'overwritten') disk.write(fd, bulk(50, seed), at);
  if (change === 'truncated') disk.truncate(fd, at);
  if (change === 'grows') disk.write(fd, bulk(Math.max(1, Math.floor(800_000 * room)), seed), size);
  disk.close(fd);
}

/** Something happens before every call that looks at the file. */
function interrupted(disk: FileSystem, before: () => void): FileSystem {
  const opened = new Set<number>();
  const asked = <Result>(concerned: boolean, call: () => Result): Result => {
    if (concerned) before();
    return call();
  };
  return {
    ...disk,
    lstat: (of) => asked(of === path, () => disk.lstat(of)),
    open: (of, mode, permissions) => {
      const fd = asked(of === path, () => disk.open(of, mode, permissions));
      if (of === path) opened.add(fd);
      return fd;
    },
    fstat: (fd) => asked(opened.has(fd), () => disk.fstat(fd)),
    read: (fd, into, position) => asked(opened.has(fd), () => disk.read(fd, into, position)),
    close: (fd) => {
      opened.delete(fd);
      disk.close(fd);
    },
  };
}
