import { createHash } from 'node:crypto';
import { isCofferError } from '../../../engine/base/index.ts';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import type { BackupResult } from '../../../engine/snapshot/index.ts';
import { type Portrait, portraitOfDisk, portraitOfSnapshot } from '../../unit/backup/portrait.ts';
import { type Walked, walkAll } from '../../unit/backup/walker.ts';
import {
  bulk,
  createWorld,
  objectsIn,
  read,
  runBackup,
  sourceFolder,
  storeFolder,
  type World,
  write,
} from '../../unit/backup/world.ts';

/** A computer with one backup behind it and a run of about 300 calls of the file system before it. */
export type Scene = {
  readonly world: World;
  readonly first: Portrait;
  readonly now: Portrait;
  /** Objects of the vault after the first backup. */
  readonly objects: readonly string[];
};

export async function setScene(seed: number): Promise<Scene> {
  const world = await createWorld({ seed });
  const { disk } = world;
  for (let file = 0; file < 12; file++) write(disk, `/data/${file % 3}/${file}`, bulk(3000 + file * 900, file + 1));
  write(disk, '/data/deep/er/text', 'a line of text\n'.repeat(3000));
  disk.makeLink('text', '/data/deep/er/link');
  await runBackup(world);
  const [first, objects] = [portraitOfDisk(disk, sourceFolder), objectsIn(disk)];
  world.clock.advance(3_600_000);
  for (const file of [1, 4, 7]) write(disk, `/data/${file % 3}/${file}`, bulk(5000 + file, 100 + file));
  for (let file = 0; file < 6; file++) write(disk, `/data/new/${file % 2}/${file}`, bulk(20_000, 200 + (file % 4)));
  disk.removeFile('/data/0/3');
  disk.rename('/data/1/10', '/data/2/renamed');
  disk.syncVolume('/');
  return { world, first, objects, now: portraitOfDisk(disk, sourceFolder) };
}

/** What came of a run: its result, or its error, which must be one that a person can be told. */
export type Outcome = { readonly result: BackupResult | null; readonly error: unknown };

export async function tryBackup({ world }: Scene, fileSystem: FileSystem = world.disk): Promise<Outcome> {
  try {
    return { result: await runBackup(world, { fileSystem }), error: null };
  } catch (error) {
    return { result: null, error };
  }
}

export class Unsound extends Error {}

function demand(holds: boolean, what: string, cause?: unknown): asserts holds {
  if (!holds) throw new Unsound(what, { cause });
}

export function demandClearError({ error }: Outcome): void {
  demand(error === null || isCofferError(error), `an error that is not in the catalogue: ${String(error)}`, error);
}

/** Every visible object is whole, nothing is gone, and every published snapshot restores. */
export async function demandSound(scene: Scene, { result }: Outcome): Promise<void> {
  const { world, objects, now } = scene;
  const visible = objectsIn(world.disk);
  for (const key of visible) {
    const named = /^(?:packs\/..|index|refs|keys|snapshots\/[0-9a-f]{32})\/(?:\d+-)?([0-9a-f]{64})$/.exec(key)?.[1];
    if (named === undefined) continue;
    const hash = createHash('sha256')
      .update(read(world.disk, `${storeFolder}/${key}`))
      .digest('hex');
    demand(hash === named, `${key} is visible and not whole`);
  }
  const gone = objects.filter((key) => !visible.includes(key));
  demand(gone.length === 0, `${gone.join(' ')} is gone`);
  // What was published before is whole then; only a new log entry publishes more.
  if (result === null && !visible.some((key) => key.startsWith('heads/') && !objects.includes(key))) return;
  const newer = (await walkAndCompare(scene))[1];
  demand(newer !== undefined, 'a log entry without its snapshot');
  demand(
    result === null || newer.stored.id === result.snapshot,
    'a run said it had published a snapshot that is not there',
  );
  // A fault that hit a file of the source leaves its mark on the snapshot, and is counted there.
  const { failed, excluded } = newer.stored.snapshot.counts;
  if (failed + excluded === 0) demandSame(portraitOfSnapshot(newer), now, 'the snapshot that was published');
}

async function walkAndCompare({ world, first }: Scene): Promise<readonly Walked[]> {
  const walked = await walkAll(world);
  demand(walked[0] !== undefined, 'the snapshot made before is gone');
  demandSame(portraitOfSnapshot(walked[0]), first, 'the snapshot made before');
  return walked;
}

/** The trouble is over: the next run saves everything. */
export async function demandRecovery(scene: Scene): Promise<readonly Walked[]> {
  const { world, now } = scene;
  world.clock.advance(60_000);
  const outcome = await tryBackup(scene);
  demand(outcome.result !== null, `the next run fails: ${String(outcome.error)}`, outcome.error);
  demand(outcome.result.failed === 0, 'the next run leaves files out');
  const walked = await walkAndCompare(scene);
  const newest = walked.at(-1);
  demand(newest?.stored.id === outcome.result.snapshot, 'the next run published nothing');
  demandSame(portraitOfSnapshot(newest), now, 'the snapshot of the next run');
  demand(world.disk.list(`${storeFolder}/tmp`).length === 0, 'something is left in the spool');
  return walked;
}

function demandSame(left: Portrait, right: Portrait, what: string): void {
  for (const path of new Set([...Object.keys(left), ...Object.keys(right)])) {
    demand(left[path] === right[path], `${what} shows ${path} as ${left[path]}, not ${right[path]}`);
  }
}

/** How many calls of these kinds an undisturbed run makes. */
export async function countCalls(seed: number, counted: (name: string) => boolean = () => true): Promise<number> {
  const scene = await setScene(seed);
  let calls = 0;
  await tryBackup(
    scene,
    watched(scene.world.disk, (name) => {
      if (counted(name)) calls++;
    }),
  );
  return calls;
}

/** Something happens before every call. */
export function watched(disk: FileSystem, before: (name: string) => void): FileSystem {
  const all = Object.entries(disk).map(([name, call]) => {
    if (typeof call !== 'function') return [name, call];
    return [
      name,
      (...values: readonly unknown[]) => {
        before(name);
        return (call as (...passed: readonly unknown[]) => unknown)(...values); // passes on what it was given
      },
    ];
  });
  return Object.fromEntries(all) as FileSystem; // the same names
}

/** Runs a scenario with its seed and number in every error, so that one line says how to see it again. */
export async function replayable(name: string, scenario: () => Promise<void>): Promise<void> {
  try {
    await scenario();
  } catch (error) {
    throw new Error(`${name}: ${String(error)}`, { cause: error });
  }
}
