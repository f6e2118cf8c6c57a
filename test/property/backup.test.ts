import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unreachable } from '../../engine/base/index.ts';
import type { SimulatedFileSystem } from '../../engine/filesystem/simulated/index.ts';
import { type Portrait, portraitOfDisk, portraitOfSnapshot } from '../unit/backup/portrait.ts';
import { walkAll } from '../unit/backup/walker.ts';
import { bulk, createWorld, makeFolders, runBackup, type World, write } from '../unit/backup/world.ts';

type Step =
  | { readonly kind: 'write' | 'edit'; readonly at: string; readonly seed: number; readonly bytes: number }
  | { readonly kind: 'remove' | 'makeFolder'; readonly at: string }
  | { readonly kind: 'rename' | 'link' | 'symlink'; readonly at: string; readonly to: string }
  | { readonly kind: 'chmod'; readonly at: string; readonly mode: number }
  | {
      readonly kind: 'backup';
      readonly source: string;
      readonly home: string;
      readonly skips: boolean;
      readonly forgets: boolean;
    };

const folder = fc.constantFrom('/data', '/data/a', '/data/a/b', '/data/c');
const name = fc.constantFrom('1', '2', '3', 'skip', 'é');
const place = fc.tuple(folder, name).map(([parent, child]) => `${parent}/${child}`);
const bytes = fc.oneof(fc.constantFrom(0, 1, 4096), fc.nat(3000), fc.nat(400_000));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('write' as const, 'edit' as const),
      at: place,
      seed: fc.nat(6),
      bytes,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.oneof(place, folder) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('makeFolder' as const), at: folder }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('rename' as const, 'link' as const, 'symlink' as const),
      at: fc.oneof(place, folder),
      to: fc.oneof(place, folder),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('chmod' as const), at: fc.oneof(place, folder), mode: fc.nat(0o777) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('backup' as const),
      source: fc.constantFrom('/data', '/data', '/data/a', '/data/a/b', '/data/a/1'),
      home: fc.constantFrom('/home/one', '/home/one', '/home/two'),
      skips: fc.boolean(),
      forgets: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
    }),
  },
);

/** Whatever the disk refuses (a name in use, a folder that is not empty) did not happen. */
function change(disk: SimulatedFileSystem, given: Exclude<Step, { kind: 'backup' }>): void {
  try {
    switch (given.kind) {
      case 'write':
        return write(disk, given.at, bulk(given.bytes, given.seed + 1));
      case 'edit': {
        const fd = disk.open(given.at, 'write');
        disk.write(fd, bulk(20, given.seed), Math.floor(disk.lstat(given.at).size / 2));
        return disk.close(fd);
      }
      case 'remove':
        return disk.lstat(given.at).kind === 'folder' ? disk.removeFolder(given.at) : disk.removeFile(given.at);
      case 'makeFolder':
        return makeFolders(disk, given.at);
      case 'rename':
        return given.at === '/data' ? undefined : disk.rename(given.at, given.to);
      case 'link':
        return disk.makeHardLink(given.at, given.to);
      case 'symlink':
        return disk.makeLink(given.at, given.to);
      case 'chmod':
        return disk.setMode(given.at, given.mode);
      default:
        return unreachable(given);
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

/** The local state of a computer may be lost at any time. */
function forget({ disk }: World, home: string): void {
  const vaults = `${home}/vaults`;
  if (disk.lstatIfThere(vaults) === null) return;
  for (const vault of disk.list(vaults))
    for (const file of disk.list(`${vaults}/${vault}`)) disk.removeFile(`${vaults}/${vault}/${file}`);
}

function expected({ disk }: World, source: string, skips: boolean): Portrait {
  const all = Object.entries(portraitOfDisk(disk, source));
  return Object.fromEntries(skips ? all.filter(([path]) => !path.split('/').includes('skip')) : all);
}

function isThere({ disk }: World, path: string): boolean {
  try {
    return disk.lstatIfThere(path) !== null;
  } catch {
    return false; // a link above it leads to itself
  }
}

async function runAll(steps: readonly Step[]): Promise<void> {
  const world = await createWorld();
  const portraits: Portrait[] = [];
  for (const given of [
    ...steps,
    { kind: 'backup', source: '/data', home: '/home/one', skips: false, forgets: false } as const,
  ]) {
    if (given.kind !== 'backup') {
      change(world.disk, given);
      continue;
    }
    if (!isThere(world, given.source)) continue;
    if (given.forgets) forget(world, given.home);
    world.clock.advance(60_000);
    const patterns = given.skips ? ['skip'] : [];
    const { failed } = await runBackup(world, {
      paths: [given.source],
      home: given.home,
      rules: { patterns, presets: [], cacheDirTag: false },
    });
    expect(failed).toBe(0);
    portraits.push(expected(world, given.source, given.skips && world.disk.lstat(given.source).kind === 'folder'));
  }
  expect((await walkAll(world)).map(portraitOfSnapshot)).toEqual(portraits);
}

test('every snapshot shows its source as it was, whatever happened in between and whoever made it', {
  timeout: 120_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), runAll), { numRuns: 60 });
});
