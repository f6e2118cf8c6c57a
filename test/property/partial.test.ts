import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SimulatedFileSystem } from '../../engine/filesystem/simulated/index.ts';
import type { Snapshot } from '../../engine/format/index.ts';
import { type BackupResult, type BackupSource, createKeptCache, type Look } from '../../engine/snapshot/index.ts';
import { noRules } from '../support/sources.ts';
import { walkAll } from '../unit/backup/walker.ts';
import { bulk, createWorld, makeFolders, openAfresh, runBackup, type World, write } from '../unit/backup/world.ts';

type Change =
  | { readonly kind: 'write'; readonly at: string; readonly seed: number }
  | { readonly kind: 'remove' | 'makeFolder'; readonly at: string }
  | { readonly kind: 'rename' | 'link' | 'symlink'; readonly at: string; readonly to: string }
  | { readonly kind: 'chmod'; readonly at: string; readonly mode: number };

type Run = {
  readonly kind: 'run';
  readonly sources: readonly string[];
  readonly skips: boolean;
  /** Folders are named with everything below them. */
  readonly isCoarse: boolean;
  /** The cache is lost before it. */
  readonly forgets: boolean;
  /** It is the first of its process. */
  readonly begins: boolean;
  /** The last change was just now. */
  readonly isRacy: boolean;
  readonly unreadable: string | null;
};

const folder = fc.constantFrom('/data', '/data/a', '/data/a/b', '/data/a/b/c', '/data/a b', '/data/c', '/data/c/b');
const place = fc
  .tuple(folder, fc.constantFrom('1', '2', 'b', 'skip', 'é'))
  .map(([parent, name]) => `${parent}/${name}`);
const either = fc.oneof(place, folder);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), at: place, seed: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: either }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('makeFolder' as const), at: folder }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('rename' as const, 'rename' as const, 'link' as const, 'symlink' as const),
      at: either,
      to: either,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('chmod' as const), at: either, mode: fc.nat(0o777) }) },
);

const run: fc.Arbitrary<Run> = fc.record({
  kind: fc.constant('run' as const),
  sources: fc.constantFrom(['/data'], ['/data'], ['/data'], ['/data/a', '/data/c'], ['/data/a']),
  skips: fc.integer({ min: 0, max: 5 }).map((draw) => draw === 0),
  isCoarse: fc.boolean(),
  forgets: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  begins: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
  isRacy: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
  unreadable: fc.option(place, { freq: 3 }),
});

/** Whatever the disk refuses (a name in use, a folder that is not empty) did not happen. */
function apply(disk: SimulatedFileSystem, given: Change): void {
  try {
    if (given.kind === 'write') write(disk, given.at, bulk(given.seed * 300, given.seed + 1));
    else if (given.kind === 'makeFolder') makeFolders(disk, given.at);
    else if (given.kind === 'chmod') disk.setMode(given.at, given.mode);
    else if (given.kind === 'link') disk.makeHardLink(given.at, given.to);
    else if (given.kind === 'symlink') disk.makeLink(given.at, given.to);
    else if (given.at === '/data') return;
    else if (given.kind === 'rename') disk.rename(given.at, given.to);
    else if (disk.lstat(given.at).kind === 'folder') disk.removeFolder(given.at);
    else disk.removeFile(given.at);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

/**
 * What the system's events tell apart: for each folder the names in it and what they are, and of files also their times and
 * sizes. That names came or went in a folder, the folder above it does not hear.
 */
type Picture = ReadonlyMap<string, string>;

function pictureOf(disk: SimulatedFileSystem): Picture {
  const picture = new Map<string, string>();
  const visit = (path: string): void => {
    const lines: unknown[] = [disk.lstat(path)];
    for (const name of disk.list(path).sort()) {
      const stat = disk.lstat(`${path}/${name}`);
      if (stat.kind === 'folder') visit(`${path}/${name}`);
      lines.push(name, stat.kind === 'folder' ? [stat.mode, stat.inode] : stat);
    }
    picture.set(path, JSON.stringify(lines));
  };
  visit('/data');
  return picture;
}

function touched(before: Picture, after: Picture): Set<string> {
  const all = new Set([...before.keys(), ...after.keys()]);
  return new Set([...all].filter((path) => before.get(path) !== after.get(path)));
}

function forget({ disk }: World, home: string): void {
  const vaults = `${home}/vaults`;
  if (disk.lstatIfThere(vaults) === null) return;
  for (const vault of disk.list(vaults))
    for (const name of disk.list(`${vaults}/${vault}`))
      if (name.startsWith('folders')) disk.removeFile(`${vaults}/${vault}/${name}`);
}

const figures = ({ files, folders, others, bytes, failed, excluded }: BackupResult) => ({
  files,
  folders,
  others,
  bytes,
  failed,
  excluded,
});
const byPath = <Item extends { readonly path: string }>(items: readonly Item[]): Item[] =>
  [...items].sort((left, right) => (left.path < right.path ? -1 : 1));
const shown = ({ sources, counts, excluded }: Snapshot) => ({ sources, counts, excluded });

async function runAll(steps: readonly (Change | Run)[]): Promise<void> {
  const world = await createWorld();
  const { disk, clock } = world;
  const pictures = new Map<string, Picture>();
  let homes = 0;
  let kept = createKeptCache();
  for (const step of [...steps, { ...lastRun }]) {
    if (step.kind !== 'run') {
      apply(disk, step);
      continue;
    }
    const { sources, skips, unreadable, isRacy, isCoarse, forgets, begins } = step;
    if (sources.some((path) => disk.lstatIfThere(path)?.kind !== 'folder')) continue;
    if (forgets) {
      forget(world, home);
      kept = createKeptCache();
    }
    // A new process knows only what was written, which may be older.
    if (begins) kept = createKeptCache();
    // Nothing becomes unreadable without an event and a new ctime; that it can be read again is found without either.
    if (unreadable !== null) apply(disk, { kind: 'chmod', at: unreadable, mode: 0 });
    const now = pictureOf(disk);
    const rules = { ...noRules, patterns: skips ? ['skip'] : [] };
    const asked = (path: string): BackupSource => ({ path, rules, otherFileSystems: false });
    const looking = (path: string): BackupSource => {
      const changed = touched(pictures.get(path) ?? now, now);
      const look: Look = isCoarse
        ? { kind: 'folders', folders: new Set(), below: changed }
        : { kind: 'folders', folders: changed };
      return { ...asked(path), look };
    };
    clock.advance(newestMs(disk) + (isRacy ? 500 : 60_000) - clock.now());
    if (unreadable !== null)
      disk.failAt(1, 'EACCES', { calls: ['open', 'list'], path: (path) => path === unreadable, times: 999 });
    const part = await runBackup(world, { sources: sources.map(looking), home, kept });
    const whole = await runBackup(world, { sources: sources.map(asked), home: `/home/fresh-${homes++}` });
    disk.clearFaults();
    for (const path of sources) pictures.set(path, now);
    expect(figures(part)).toEqual(figures(whole));
    expect(byPath(part.failures)).toEqual(byPath(whole.failures));
    expect(byPath(part.leftOut)).toEqual(byPath(whole.leftOut));
    await expectSame(world, part, whole);
  }
  for (const { holders, refs } of await walkAll(world))
    for (const packs of holders.values()) expect(packs.some((pack) => refs.includes(pack))).toBe(true);
}

const home = '/home/one';
const lastRun: Run = {
  ...{ kind: 'run', sources: ['/data'], skips: false, isCoarse: false },
  ...{ forgets: false, begins: false, isRacy: false, unreadable: null },
};

/** Changes of the disk happen at its own time. */
function newestMs(disk: SimulatedFileSystem): number {
  write(disk, '/clock', String(disk.lstatIfThere('/clock')?.mtimeNanoseconds ?? 0));
  const { mtimeSeconds } = disk.lstat('/clock');
  return mtimeSeconds * 1000;
}

async function expectSame(world: World, ...results: readonly BackupResult[]): Promise<void> {
  const vault = await openAfresh(world);
  const [part, whole] = results.map((result) => vault.snapshots.find(({ id }) => id === result.snapshot));
  await vault.close();
  expect(part && shown(part.snapshot)).toEqual(whole && shown(whole.snapshot));
}

test('looking only where something changed makes the snapshot that looking everywhere makes', {
  timeout: 240_000,
}, async () => {
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: change }, { weight: 2, arbitrary: run }), {
    minLength: 4,
    maxLength: 30,
  });
  await fc.assert(fc.asyncProperty(steps, runAll), { numRuns: 40 });
});
