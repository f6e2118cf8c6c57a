import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BegunFiles } from '../../engine/snapshot/backup/begun-files.ts';
import { portraitOfDisk, portraitOfSnapshot } from '../unit/backup/portrait.ts';
import { slowDisk } from '../unit/backup/slow-disk.ts';
import { type Walked, walkAll } from '../unit/backup/walker.ts';
import { bulk, createWorld, makeFolders, read, runBackup, type World, write } from '../unit/backup/world.ts';

const KiB = 1024;

type Edit =
  | { readonly kind: 'write'; readonly at: string; readonly kib: number; readonly seed: number }
  | { readonly kind: 'remove'; readonly at: string }
  | { readonly kind: 'rename' | 'link'; readonly at: string; readonly to: string };
type Run = {
  readonly kind: 'run';
  readonly readMs: number;
  /** Where to look is not told: the cache alone says what was deferred. Only after runs that looked everywhere. */
  readonly looksNowhere: boolean;
  /** The agent starts anew: what it knew of begun files is lost. */
  readonly forgets: boolean;
  /** The first calls that write packs fail. */
  readonly failsPacks: boolean;
};

const folder = fc.constantFrom('/data', '/data/a', '/data/a/b', '/data/c');
const place = fc.tuple(folder, fc.constantFrom('1', '2', '3', '4')).map(([parent, name]) => `${parent}/${name}`);
/** Small ones, and now and then one of several slabs. */
const kib = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4_100, max: 18_000 }) },
);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), at: place, kib, seed: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('rename' as const, 'link' as const), at: place, to: place }),
  },
);
const run: fc.Arbitrary<Run> = fc.record({
  kind: fc.constant('run' as const),
  readMs: fc.integer({ min: 1, max: 3_000 }),
  looksNowhere: fc.boolean(),
  forgets: fc.integer({ min: 0, max: 5 }).map((draw) => draw === 0),
  failsPacks: fc.integer({ min: 0, max: 5 }).map((draw) => draw === 0),
});

function apply({ disk }: World, given: Edit): void {
  try {
    if (given.kind === 'write') write(disk, given.at, bulk(given.kib * KiB + given.seed, given.seed + 1));
    else if (given.kind === 'remove') disk.removeFile(given.at);
    else if (given.kind === 'rename') disk.rename(given.at, given.to);
    else disk.makeHardLink(given.at, given.to);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

const contentOf = (bytes: Uint8Array): string => hash('sha1', bytes);

function filesOf({ disk }: World): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of disk.list(path)) {
      const below = `${path}/${name}`;
      if (disk.lstat(below).kind === 'folder') visit(below);
      else files.set(below, contentOf(read(disk, below)));
    }
  };
  visit('/data');
  return files;
}

async function runAll(steps: readonly (Edit | Run)[]): Promise<void> {
  const world = await createWorld();
  const { disk, clock } = world;
  for (const path of ['/data/a/b', '/data/c']) makeFolders(disk, path);
  const { fileSystem } = slowDisk(world, { bytesPerSecond: 4_096 * KiB, openMs: 20 });
  let begun: BegunFiles = new Map();
  /** Every content that a path ever had. */
  const ever = new Map<string, Set<string>>();
  const onDisk: Map<string, string>[] = [];
  let isEdited = true;
  let deferred = 0;
  const backUp = async (step: Run): Promise<void> => {
    if (step.forgets) begun = new Map();
    const files = filesOf(world);
    for (const [path, content] of files) ever.set(path, (ever.get(path) ?? new Set()).add(content));
    onDisk.push(files);
    clock.advance(Math.max(60_000, newestMs(world) + 60_000 - clock.now()));
    const look = { kind: 'folders', folders: new Set<string>() } as const;
    const looksNowhere = step.looksNowhere && !isEdited;
    const rules = { patterns: [], presets: [], cacheDirTag: false };
    const source = { path: '/data', rules, otherFileSystems: false, ...(looksNowhere ? { look } : {}) };
    if (step.failsPacks) disk.failAt(1, 'EIO', { calls: ['syncLater'], path: () => true, times: 1 });
    const result = await runBackup(world, { fileSystem, sources: [source], bound: { readMs: step.readMs, begun } });
    disk.clearFaults();
    expect(result.failed).toBe(0);
    expect(result.excluded['deferred'] ?? 0).toBe(result.deferred.files);
    deferred = result.deferred.files;
    isEdited = false;
  };
  for (const step of steps) {
    if (step.kind === 'run') await backUp(step);
    else {
      apply(world, step);
      isEdited = true;
    }
  }
  const last: Run = { kind: 'run', readMs: 1_000, looksNowhere: false, forgets: false, failsPacks: false };
  await backUp(last);
  for (let rounds = 0; deferred > 0; rounds++) {
    expect(rounds).toBeLessThan(200);
    await backUp({ ...last, looksNowhere: true });
  }
  const walked = await walkAll(world);
  expect(portraitOfSnapshot(walked.at(-1) as Walked)).toEqual(portraitOfDisk(disk, '/data')); // there is one
  for (const [index, { entries, files, stored }] of walked.entries()) {
    const disk = onDisk[index] ?? new Map();
    const before = walked[index - 1]?.files ?? new Map();
    for (const [path, bytes] of files) expect(ever.get(path)).toContain(contentOf(bytes));
    for (const path of disk.keys()) if (before.has(path)) expect([path, files.has(path)]).toEqual([path, true]);
    for (const path of files.keys()) expect([path, disk.has(path)]).toEqual([path, true]);
    for (const [path, entry] of entries) {
      const bytes = files.get(path);
      if (bytes !== undefined && entry.state === undefined) expect(contentOf(bytes)).toBe(disk.get(path));
    }
    const lacking = [...disk].filter(([path, content]) => {
      const bytes = files.get(path);
      return bytes === undefined || contentOf(bytes) !== content;
    });
    expect(lacking.length).toBeLessThanOrEqual(stored.snapshot.excluded.get('deferred') ?? 0);
  }
}

/** A run in which the pack with the folder's new tree fails, and no time is left for the next pass. */
const lostPack: (Edit | Run)[] = [
  { kind: 'write', at: '/data/3', kib: 0, seed: 0 },
  { kind: 'run', readMs: 1, looksNowhere: false, forgets: true, failsPacks: false },
  { kind: 'write', at: '/data/1', kib: 0, seed: 0 },
  ...[1, 2, 3].map((readMs): Run => ({ kind: 'run', readMs, looksNowhere: false, forgets: true, failsPacks: true })),
];

/** Changes of the disk happen at its own time. */
function newestMs({ disk }: World): number {
  write(disk, '/clock', 'now');
  return disk.lstat('/clock').mtimeSeconds * 1000;
}

test('runs without enough time publish what is true, lose no file that was there, and come to an end', {
  timeout: 240_000,
}, async () => {
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: edit }, { weight: 2, arbitrary: run }), {
    minLength: 4,
    maxLength: 14,
  });
  await fc.assert(fc.asyncProperty(steps, runAll), { numRuns: 30, examples: [[lostPack]] });
});
