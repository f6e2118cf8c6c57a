import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { loadIndex } from '../../../engine/repository/index.ts';
import { executeRestore, planRestore } from '../../../engine/snapshot/restore/index.ts';
import { noise, treeDifferences } from '../../support/trees.ts';
import { createWorld, open, portsOn, runBackup, type World, write } from '../../unit/backup/world.ts';

/** Any tree, with anything in it that a file system can hold. */
type Made =
  | {
      readonly kind: 'file';
      readonly size: number;
      readonly seed: number;
      readonly hole: number;
      readonly attribute: string | null;
    }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'second' }
  | { readonly kind: 'fifo' | 'socket' | 'character' };
type Entry = {
  readonly made: Made;
  readonly mode: number;
  readonly owner: number;
  readonly seconds: number;
  readonly nanoseconds: number;
};
type Folder = {
  readonly entries: readonly (readonly [string, Entry])[];
  readonly folders: readonly (readonly [string, Folder])[];
  readonly mode: number;
};

/** Names with any bytes but `/` and NUL; lone surrogates stand for bytes that are not UTF-8. */
const name = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom('a', 'A', 'ä', 'a\u0308', ' ', '~', '-rf', '.hidden', 'x\udcffy', 'line\nbreak', 'b'.repeat(255)),
  )
  .filter(
    (text) => !/[/\0\ud800-\udbff]/.test(text) && text !== '.' && text !== '..' && Buffer.byteLength(text) <= 255,
  );

const size = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 3_000_000 }) },
);
const made: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      size,
      seed: fc.integer({ min: 1, max: 5 }),
      hole: fc.oneof(fc.constant(0), fc.constant(1_000_000)),
      attribute: fc.option(fc.string({ maxLength: 50 }), { freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), target: name }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'second' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('fifo' as const, 'socket' as const, 'character' as const) }),
  },
);
const entry: fc.Arbitrary<Entry> = fc.record({
  made,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  owner: fc.integer({ min: 0, max: 3 }),
  seconds: fc.integer({ min: -2_000_000_000, max: 4_000_000_000 }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
});
const { folder } = fc.letrec<{ folder: Folder }>((tie) => ({
  folder: fc.record({
    entries: fc.array(fc.tuple(name, entry), { maxLength: 6 }),
    folders: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(fc.tuple(name, tie('folder')), { maxLength: 3 })),
    mode: fc.integer({ min: 0, max: 0o7777 }),
  }),
}));

/** Files so far, so that others can become second names of them. */
function make(disk: SimulatedFileSystem, path: string, tree: Folder, files: string[]): void {
  const taken = new Set<string>();
  for (const [of, one] of tree.entries) {
    if (taken.has(of)) continue;
    taken.add(of);
    makeEntry(disk, `${path}/${of}`, one, files);
  }
  for (const [of, inner] of tree.folders) {
    if (taken.has(of)) continue;
    taken.add(of);
    disk.makeFolder(`${path}/${of}`);
    make(disk, `${path}/${of}`, inner, files);
  }
  disk.setMode(path, tree.mode);
  disk.setTime(path, 1_500_000_000, tree.mode);
}

function makeEntry(
  disk: SimulatedFileSystem,
  path: string,
  { made: what, mode, owner, seconds, nanoseconds }: Entry,
  files: string[],
): void {
  const first = files[0];
  if (what.kind === 'second') {
    if (first !== undefined) disk.makeHardLink(first, path);
    return;
  }
  if (what.kind === 'link') disk.makeLink(what.target, path);
  else if (what.kind === 'file') {
    write(disk, path, noise(what.size, what.seed));
    if (what.hole > 0) {
      const fd = disk.open(path, 'write');
      disk.truncate(fd, what.size + what.hole);
      disk.close(fd);
    }
    if (what.attribute !== null) disk.setXattr(path, 'user.note', Buffer.from(what.attribute));
    files.unshift(path);
  } else disk.makeSpecial(path, what.kind, 5, 1);
  disk.setOwner(path, owner, owner);
  disk.setMode(path, mode);
  disk.setTime(path, seconds, nanoseconds);
}

async function restoreNewest(world: World, target: string): Promise<Awaited<ReturnType<typeof executeRestore>>> {
  const ports = portsOn(world.disk, { clock: world.clock });
  const vault = await open(world, ports, 'read');
  const index = await loadIndex(vault, { without: new Set() });
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('no snapshot');
  const plan = await planRestore(ports, { vault, index }, { snapshot, paths: [], target, userHome: '/home/me' });
  return await executeRestore(ports, { vault, index }, plan);
}

test('any tree comes back from a vault as it was, with all its metadata', async () => {
  await fc.assert(
    fc.asyncProperty(folder, fc.integer({ min: 1, max: 1000 }), async (tree, seed) => {
      const world = await createWorld({ seed });
      make(world.disk, '/data', tree, []);
      const saved = await runBackup(world);
      expect(saved.failures).toEqual([]);
      const result = await restoreNewest(world, '/target');
      expect(result).toMatchObject({ failures: [], remarks: [], skipped: 0, keptBoth: 0, replaced: 0 });
      expect(treeDifferences('/data', '/target/data', world.disk)).toEqual([]);
      const links = (root: string): string[] => linksBelow(world, root);
      expect(links('/target/data')).toEqual(links('/data'));
    }),
    { numRuns: 30 },
  );
}, 120_000);

/** Which names are one file: each name with the first name of the same file. */
function linksBelow({ disk }: World, root: string): string[] {
  const first = new Map<number, string>();
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const of of disk.list(root + path).sort()) {
      const stat = disk.lstat(`${root}${path}/${of}`);
      if (stat.kind === 'folder') visit(`${path}/${of}`);
      else {
        const known = first.get(stat.inode) ?? `${path}/${of}`;
        first.set(stat.inode, known);
        if (stat.links > 1) found.push(`${path}/${of} = ${known}`);
      }
    }
  };
  visit('');
  return found;
}
