import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCofferError, msOfTime, toHex } from '../../engine/base/index.ts';
import type { SimulatedFileSystem } from '../../engine/filesystem/simulated/index.ts';
import { decodeDirectory, keyOfPack } from '../../engine/format/index.ts';
import { loadIndex, type VaultIndex } from '../../engine/repository/index.ts';
import { measureSpace, type Space, type SpaceBy } from '../../engine/upkeep/index.ts';
import { noRules } from '../support/sources.ts';
import { type Walked, walkAll } from '../unit/backup/walker.ts';
import { bulk, createWorld, makeFolders, openAfresh, runBackup, type World, write } from '../unit/backup/world.ts';

/**
 * Against an oracle that is slow and obvious: sets of ids, of everything that stands in the snapshots and of everything that
 * would be left without a part.
 */
type Step =
  | { readonly kind: 'write'; readonly at: string; readonly content: number }
  | { readonly kind: 'remove' | 'makeFolder'; readonly at: string }
  | { readonly kind: 'rename'; readonly at: string; readonly to: string }
  | { readonly kind: 'run'; readonly sources: readonly string[]; readonly host: string; readonly days: number };

const folder = fc.constantFrom('/data', '/data/a', '/data/a/b', '/data/a/b/c', '/data/ab', '/data/c', '/data/c/b');
const place = fc.tuple(folder, fc.constantFrom('1', '2', 'b', 'é')).map(([parent, name]) => `${parent}/${name}`);
const either = fc.oneof(place, folder);

const step: fc.Arbitrary<Step> = fc.oneof(
  // Few contents, so that much is shared.
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), at: place, content: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'makeFolder' as const), at: either }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), at: either, to: either }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      sources: fc.constantFrom(['/data'], ['/data'], ['/data/a', '/data/c'], ['/data/a'], ['/data/c/b', '/data/a/b']),
      host: fc.constantFrom('desk', 'desk', 'lap'),
      days: fc.constantFrom(0, 0.5, 3, 20, 200, 400),
    }),
  },
);

/** Where the path leads down a folder there was a file once, with the same content. */
const fileOnTheWay: Step[] = [
  { kind: 'write', at: '/data/a/b', content: 3 },
  { kind: 'run', sources: ['/data'], host: 'desk', days: 0 },
  { kind: 'remove', at: '/data/a/b' },
  { kind: 'write', at: '/data/a/b/1', content: 3 },
];

const asked = fc.record({
  by: fc.constantFrom<SpaceBy>('source', 'folder', 'age'),
  path: fc.option(fc.oneof(either, fc.constantFrom('/', '/data/', '/dat')), { nil: undefined }),
});

/** Whatever the disk refuses (a name in use, a folder that is not empty) did not happen. */
function apply(disk: SimulatedFileSystem, given: Exclude<Step, { kind: 'run' }>): void {
  try {
    if (given.kind === 'write') write(disk, given.at, bulk(given.content * 300, given.content + 1));
    else if (given.kind === 'makeFolder') makeFolders(disk, given.at);
    else if (given.at === '/data') return;
    else if (given.kind === 'rename') disk.rename(given.at, given.to);
    else if (disk.lstat(given.at).kind === 'folder') disk.removeFolder(given.at);
    else disk.removeFile(given.at);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

async function play(world: World, steps: readonly Step[]): Promise<void> {
  for (const given of steps) {
    world.clock.advance(60_000);
    if (given.kind !== 'run') {
      apply(world.disk, given);
      continue;
    }
    const { host, days, sources } = given;
    world.clock.advance(days * 86_400_000);
    if (sources.some((path) => world.disk.lstatIfThere(path)?.kind !== 'folder')) continue;
    await runBackup(world, { paths: sources, rules: noRules, host, home: `/home/${host}` });
  }
}

/** Something of a snapshot with the chunks it is made of itself. */
type Thing = {
  readonly walked: Walked;
  readonly path: string;
  readonly source: string;
  readonly ids: readonly string[];
};

function thingsIn(all: readonly Walked[]): Thing[] {
  return all.flatMap((walked) =>
    [...walked.entries].map(([path, entry]) => {
      const content = entry.kind === 'file' || entry.kind === 'folder' ? entry.content : null;
      const ids = content === null ? [] : (toHex(content).match(/.{64}/g) ?? []);
      const sources = walked.stored.snapshot.sources.map((source) => Buffer.from(source.path).toString());
      return { walked, path, source: sources.find((source) => isIn(path, source)) ?? '', ids };
    }),
  );
}

const isIn = (path: string, top: string): boolean => path === top || path.startsWith(top === '/' ? '/' : `${top}/`);

type Size = { readonly bytes: number; readonly storedBytes: number };
type Sizes = ReadonlyMap<string, Size>;

function sizesIn(index: VaultIndex): Sizes {
  const sizes = new Map<string, Size>();
  for (const { encoded, id } of index.packs.values()) {
    const { pieceRaw, pieceStored, chunkIds, chunkPiece, chunkInner, chunkLength } = decodeDirectory(
      encoded,
      keyOfPack(id),
    );
    for (const [chunk, bytes] of chunkLength.entries()) {
      const piece = chunkPiece[chunk] ?? 0;
      const upTo = (at: number): number => Math.floor((at * (pieceStored[piece] ?? 0)) / (pieceRaw[piece] ?? 0));
      const inner = chunkInner[chunk] ?? 0;
      const name = toHex(chunkIds.subarray(chunk * 32, chunk * 32 + 32));
      if (!sizes.has(name)) sizes.set(name, { bytes, storedBytes: upTo(inner + bytes) - upTo(inner) });
    }
  }
  return sizes;
}

function sumOf(ids: Iterable<string>, sizes: Sizes): Size {
  const found = [...new Set(ids)].map((id) => sizes.get(id) ?? { bytes: Number.NaN, storedBytes: Number.NaN });
  return {
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    storedBytes: found.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
  };
}

function shareOf(things: readonly Thing[], isPart: (thing: Thing) => boolean, sizes: Sizes) {
  const own = new Set(things.filter(isPart).flatMap(({ ids }) => ids));
  const left = new Set(things.filter((thing) => !isPart(thing)).flatMap(({ ids }) => ids));
  return { unique: sumOf(own.difference(left), sizes), shared: sumOf(own.intersection(left), sizes) };
}

const dayMs = 86_400_000;

/** Which part a thing belongs to; null: none that was asked for. */
function partOf(thing: Thing, { by, path }: { by: SpaceBy; path: string | null }, nowMs: number): string | null {
  if (path !== null && !isIn(thing.path, path)) return null;
  const { snapshot } = thing.walked.stored;
  if (by === 'source') return `${snapshot.host} ${thing.source}`;
  if (by === 'age') {
    const days = (nowMs - msOfTime(snapshot.finished)) / dayMs;
    return days <= 1 ? 'day' : days <= 7 ? 'week' : days <= 30 ? 'month' : days <= 365 ? 'year' : 'older';
  }
  if (path !== null && thing.source !== path && isIn(thing.source, path)) return thing.source;
  const top = path ?? thing.source;
  const isFolder = (at: string): boolean => thing.walked.entries.get(at)?.kind === 'folder';
  if (thing.path === top) return isFolder(top) ? `${top} direct` : top;
  const child = `${top === '/' ? '' : top}/${thing.path.slice(top === '/' ? 1 : top.length + 1).split('/')[0]}`;
  return isFolder(child) ? child : `${top} direct`;
}

const nameOf = ({ by }: Space, { name, host, direct }: Space['parts'][number]): string =>
  by === 'source' ? `${host} ${name}` : direct ? `${name} direct` : name;

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

test('says of each source, folder and age exactly what would come free without it, and what it shares', {
  timeout: 240_000,
}, async () => {
  const steps = fc.array(step, { minLength: 6, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(steps, fc.array(asked, { minLength: 3, maxLength: 8 }), async (given, questions) => {
      const world = await createWorld();
      await play(world, [...given, { kind: 'run', sources: ['/data'], host: 'desk', days: 0 }]);
      const all = await walkAll(world);
      const things = thingsIn(all);
      const vault = await openAfresh(world);
      const index = await loadIndex(vault, { without: new Set() });
      const sizes = sizesIn(index);
      const nowMs = world.clock.now();
      for (const { by, path: typed } of questions) {
        const path = typed === undefined ? null : withoutSlash(typed);
        const measuring = measureSpace(vault, index, { by, ...(typed === undefined ? {} : { path: typed }), nowMs });
        const names = new Map(things.map((thing) => [thing, partOf(thing, { by, path }, nowMs)]));
        const inside = things.filter((thing) => names.get(thing) !== null);
        if (inside.length === 0) {
          await expect(measuring).rejects.toSatisfy((error) => isCofferError(error, 'path.inNoSnapshot'));
          continue;
        }
        const found = await measuring;
        const isInside = (thing: Thing): boolean => names.get(thing) !== null;
        const count = (some: readonly Thing[]): number => new Set(some.map(({ walked }) => walked)).size;
        expect({ unique: found.unique, shared: found.shared }).toEqual(shareOf(things, isInside, sizes));
        expect([found.snapshots, found.lost, found.exact]).toEqual([count(inside), 0, true]);
        const expected = [...new Set(inside.map((thing) => names.get(thing)))].map((name) => {
          const isPart = (thing: Thing): boolean => names.get(thing) === name;
          return [name, { ...shareOf(things, isPart, sizes), snapshots: count(things.filter(isPart)) }] as const;
        });
        const parts = found.parts.map((part) => {
          const { unique, shared, snapshots } = part;
          return [nameOf(found, part), { unique, shared, snapshots }] as const;
        });
        expect(parts).toHaveLength(expected.length);
        expect(Object.fromEntries(parts)).toEqual(Object.fromEntries(expected));
      }
      await vault.close();
    }),
    { numRuns: 60, examples: [[fileOnTheWay, [{ by: 'folder', path: '/data/a/b/1' }]]] },
  );
});

test('says of the whole from its lists which packs only the snapshots of an age need', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (given) => {
      const world = await createWorld();
      await play(world, [...given, { kind: 'run', sources: ['/data'], host: 'desk', days: 0 }]);
      const all = await walkAll(world);
      const vault = await openAfresh(world);
      const index = await loadIndex(vault, { without: new Set() });
      const nowMs = world.clock.now();
      const found = await measureSpace(vault, index, { nowMs });
      const things = all.map((walked): Thing => ({ walked, path: '/', source: '/', ids: walked.refs }));
      const sizes: Sizes = new Map(
        [...index.packs.values()].map(({ id, length, directory }) => {
          const bytes = directory().chunkLength.reduce((sum, one) => sum + one, 0);
          return [id, { bytes, storedBytes: length }] as const;
        }),
      );
      const ageOf = (thing: Thing) => partOf(thing, { by: 'age', path: null }, nowMs);
      for (const { name, unique, shared, snapshots } of found.parts) {
        const isPart = (thing: Thing): boolean => ageOf(thing) === name;
        expect({ unique, shared }).toEqual(shareOf(things, isPart, sizes));
        expect(snapshots).toBe(things.filter(isPart).length);
      }
      expect(found.parts.map(({ name }) => name).sort()).toEqual([...new Set(things.map(ageOf))].sort());
      expect(found.unique).toEqual(
        sumOf(
          things.flatMap(({ ids }) => ids),
          sizes,
        ),
      );
      expect([found.lost, found.exact, found.place?.packs]).toEqual([0, false, index.packs.size]);
      await vault.close();
    }),
    { numRuns: 30 },
  );
});
