import type { AgentState } from '../../engine/contract/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { checkVault, loadIndex, openVault, type Ports, type Vault } from '../../engine/repository/index.ts';
import { executeRestore, planRestore, verifyPacksOf } from '../../engine/snapshot/index.ts';
import { openStore } from '../../engine/storage/index.ts';
import { type Portrait, portraitOfDisk, portraitOfSnapshot } from '../unit/backup/portrait.ts';
import { readAllPacks, walkSnapshot } from '../unit/backup/walker.ts';
import { filesBelow, makeFolders, portsOn } from '../unit/backup/world.ts';
import { demand, portraitOfSource, type Witness } from './witness.ts';
import { diskOf, homeFolder, type PlaceHere, type World } from './world.ts';

/** At the end, by a computer that has never seen the vaults: everything is there, and everything that ever was shown. */
export async function judge(world: World, witness: Witness, state: AgentState | null): Promise<void> {
  for (const [number, place] of world.places.entries()) await judgePlace(world, witness, place, number);
  judgeUploads(world);
  demand(state?.coverage.failed === 0, `${state?.coverage.failed} entries failed`);
}

async function judgePlace(world: World, witness: Witness, place: PlaceHere, number: number): Promise<void> {
  const clock = world.time.clockOf({ isAlive: true });
  const still = { ...clock, ...stillClock(world) };
  const random = seededRandom(5);
  const ports: Ports = {
    ...portsOn(world.disk, { home: `/elsewhere/${number}`, clock: still, seed: 5 }),
    storeFor: (url) => openStore(url, { fileSystem: diskOf(world, place), clock: still, random, owner: 'judge' }),
  };
  const secret = async () => ({ kind: 'phrase', phrase: place.phrase }) as const;
  const vault = await openVault(ports, { store: place.url, mode: 'read', secret });
  try {
    const check = await checkVault(vault, ports, verifyPacksOf(vault, ports), { readData: 'all' });
    const harm = check.findings.filter(({ kind }) => kind !== 'unused');
    demand(
      harm.length === 0,
      `the check found ${harm.map(({ kind, key, detail }) => `${kind} ${key} ${detail}`).join('; ')}`,
    );
    demand(vault.notices.length === 0, `the vault says ${vault.notices.join(' ')}`);
    const trees = await treesOf(vault);
    const chosen = trees.map((tree) => chosenOf(world, tree));
    demandShown(witness, trees);
    // [Note: several devices] Only their clocks say which of two devices was later, and these may be wrong.
    const isKnown = vault.logs.size > 1 && chosen.some((tree) => isSame(tree, here(world)));
    if (!isKnown) demandSame(chosen.at(-1) ?? {}, here(world), `place ${number}`);
    if (vault.logs.size === 1) await demandRestored(world, vault, ports, `/restored/${number}`);
  } finally {
    await vault.close();
  }
}

/** Nothing waits any more, and no pack went over the line again and again. */
function judgeUploads(world: World): void {
  const waiting = [...filesBelow(world.disk, homeFolder).keys()].filter((path) => /\/spool-[^/]+\/./.test(path));
  demand(waiting.length === 0, `in the spool there still is ${waiting.join(', ')}`);
  const { network, refused } = world.line;
  for (const [key, times] of network.sent) {
    const most = 1 + (refused.get(key) ?? 0);
    demand(times <= most || !key.startsWith('packs/'), `the pack ${key} was sent ${times} times`);
  }
}

const stillClock = ({ time }: World) => ({ now: () => time.wallMs, monotonic: () => time.monotonicMs });

async function treesOf(vault: Vault): Promise<Portrait[]> {
  const reader = await readAllPacks(vault);
  const trees: Portrait[] = [];
  for (const stored of vault.snapshots) trees.push(portraitOfSnapshot(await walkSnapshot(reader, stored)));
  return trees;
}

/** What a source was that nobody protects any more may stay. */
const chosenOf = ({ sources }: World, tree: Portrait): Portrait =>
  Object.fromEntries(
    Object.entries(tree).filter(([path]) =>
      [...sources].some((source) => path === source || path.startsWith(`${source}/`)),
    ),
  );

function here(world: World): Portrait {
  return Object.assign({}, ...[...world.sources].sort().map((source) => portraitOfSource(world, source)));
}

/** Whatever was shown as protected is in a snapshot as it was then. */
function demandShown({ shown }: Witness, trees: readonly Portrait[]): void {
  for (const { at, tree } of shown) {
    const paths = Object.keys(tree);
    const roots = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
    const isKept = trees.some((kept) => {
      const below = Object.keys(kept).filter((path) =>
        roots.some((root) => path === root || path.startsWith(`${root}/`)),
      );
      return below.length === paths.length && paths.every((path) => kept[path] === tree[path]);
    });
    demand(isKept, `what was shown as protected at ${at} is in no snapshot${nearest(tree, trees)}`);
  }
}

function nearest(tree: Portrait, trees: readonly Portrait[]): string {
  const different = (kept: Portrait): string[] =>
    [...new Set([...Object.keys(tree), ...Object.keys(kept)])].filter((path) => kept[path] !== tree[path]);
  const [first = []] = trees.map(different).sort((left, right) => left.length - right.length);
  return first.length === 0 ? '' : `; nearest differs in ${first.slice(0, 4).join(', ')}`;
}

const isSame = (left: Portrait, right: Portrait): boolean =>
  Object.keys(left).length === Object.keys(right).length &&
  Object.entries(left).every(([path, line]) => right[path] === line);

function demandSame(kept: Portrait, disk: Portrait, what: string): void {
  for (const path of new Set([...Object.keys(kept), ...Object.keys(disk)])) {
    demand(kept[path] === disk[path], `${what} has ${path} as ${kept[path]}, and the disk as ${disk[path]}`);
  }
}

/** The engine's own restore, without the times of the last change, which nobody can set. */
async function demandRestored(world: World, vault: Vault, ports: Ports, target: string): Promise<void> {
  const snapshot = vault.snapshots.at(-1);
  demand(snapshot !== undefined, 'there is a snapshot');
  makeFolders(world.disk, target);
  const opened = { vault, index: await loadIndex(vault, { without: new Set() }) };
  const plan = await planRestore(ports, opened, {
    snapshot,
    paths: [...world.sources].sort(),
    target,
    userHome: '/home',
  });
  const { failed, failures } = await executeRestore(ports, opened, plan);
  demand(failed === 0, `restoring fails: ${JSON.stringify(failures)}`);
  const content = (portrait: Portrait): string[] =>
    Object.entries(portrait)
      .filter(([, line]) => line.startsWith('file'))
      .map(([, line]) => line.split(' ').slice(-2).join(' '))
      .sort();
  const [restored, wanted] = [content(portraitOfDisk(world.disk, target)), content(here(world))];
  demand(JSON.stringify(restored) === JSON.stringify(wanted), 'the restored files are not those on the disk');
}
