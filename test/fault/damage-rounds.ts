import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../engine/base/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { type Computer, makeComputer } from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { objectsIn } from '../support/vault.ts';

/**
 * Row 5 for a vault of real size, by real processes: many objects harmed at once.
 *
 *     two snapshots ─► harm a hundredth of the packs, and one index or list of packs ─► a computer that never saw the vault
 *     checks every byte and restores a snapshot ─► compare with what was backed up ─► put the objects back ─► check
 *
 * The other objects do not grow with the vault: every-byte.test.ts harms each of their bytes. A seed repeats the data and the
 * choices; which packs they meet is another matter each time, since every vault has keys of its own.
 */
export type DamageRound = {
  readonly round: number;
  /** Key and what was done to it. */
  readonly harmed: readonly string[];
  /** Files that came back, each compared. */
  readonly restored: number;
  /** Files that did not, all of them told. */
  readonly lost: number;
  /** What broke the promise, in words. */
  readonly faults: readonly string[];
};

export type DamageOptions = {
  readonly rounds: number;
  readonly seed: number;
  readonly bytes: number;
  readonly onRound?: (round: DamageRound) => void;
};

/** The SHA-256 of each file of a snapshot by its path. */
type Truth = ReadonlyMap<string, string>;
type Saved = { readonly id: string; readonly truth: Truth };

export async function damageRounds({ rounds, seed, bytes, onRound }: DamageOptions): Promise<DamageRound[]> {
  const computer = await makeComputer('coffer-damage');
  const random = seededRandom(seed);
  try {
    const saved = await makeSnapshots(computer, bytes, seed);
    const done: DamageRound[] = [];
    for (let round = 0; round < rounds; round++) {
      const snapshot = saved[round % saved.length];
      if (snapshot === undefined) throw new Error('no snapshot to restore');
      const found = await damageOnce(computer, { round, snapshot, random });
      done.push(found);
      onRound?.(found);
    }
    await verifyWhole(computer, saved);
    return done;
  } finally {
    computer.remove();
  }
}

/** All objects are back: nothing of the damage may be left, and nothing may be lost. */
async function verifyWhole(computer: Computer, saved: readonly Saved[]): Promise<void> {
  const check = await computer.coffer(['check', '--read-data']);
  if (check.exit !== 0) throw new Error(`at the end the check says: ${check.out}${check.err}`);
  for (const snapshot of saved) {
    const { exit, right, faults } = await restore(computer.another('last'), snapshot, { alone: false });
    const isWhole = exit === 0 && right.size === snapshot.truth.size && faults.length === 0;
    if (!isWhole) throw new Error(`at the end the restore ended with ${exit}: ${faults.join()}`);
  }
}

async function makeSnapshots(computer: Computer, bytes: number, seed: number): Promise<Saved[]> {
  const source = computer.at('source');
  const saved: Saved[] = [];
  const truth = new Map<string, string>();
  for (const write of [writeSource, changeSource]) {
    write(source, truth, { bytes, seed });
    const { snapshot } = await computer.json<{ snapshot: string }>(['backup', source]);
    saved.push({ id: snapshot, truth: new Map(truth) });
  }
  rmSync(source, { recursive: true });
  return saved;
}

type Kind = {
  readonly name: string;
  /** Of all bytes. */
  readonly share: number;
  readonly content: (length: number, seed: string) => Uint8Array;
  readonly length: (random: Random, bytes: number) => number;
};

/** Few enough of them fit into a pack that a check names all that one damaged pack costs. */
const kinds: readonly Kind[] = [
  {
    ...{ name: 'large', share: 0.5, content: fastNoise },
    length: (random, bytes) => Math.min(5_000_000 + random.integer(120_000_000), Math.ceil(bytes / 8)),
  },
  {
    ...{ name: 'small', share: 0.2, content: fastNoise },
    length: (random) => (random.integer(5) === 0 ? 1 + random.integer(2000) : 20_000 + random.integer(60_000)),
  },
  { ...{ name: 'text', share: 0.3, content: text }, length: (random) => 50_000 + random.integer(300_000) },
];

function text(length: number, seed: string): Uint8Array {
  const letters = Buffer.from('etaoin shrdlucm\n');
  return fastNoise(length, seed).map((byte) => letters[byte % 16] ?? 0);
}

type SourceOptions = { readonly bytes: number; readonly seed: number };

function writeSource(source: string, truth: Map<string, string>, { bytes, seed }: SourceOptions): void {
  const random = seededRandom(seed);
  for (const { name, share, content, length } of kinds) {
    for (let number = 0, left = bytes * share; left > 0; number++) {
      const size = length(random, bytes);
      const path = join(source, name, `${Math.floor(number / 200)}`, `${number}`);
      writeFile(path, content(size, `${seed} ${name} ${number}`), truth);
      left -= size;
    }
  }
}

/** Between the snapshots some files change, some go. */
function changeSource(_: string, truth: Map<string, string>, { seed }: SourceOptions): void {
  for (const [number, path] of [...truth.keys()].entries()) {
    if (number % 33 === 5) {
      rmSync(path);
      truth.delete(path);
    } else if (number % 20 === 3) {
      writeFile(path, fastNoise(statSync(path).size, `${seed} changed ${number}`), truth);
    }
  }
}

function writeFile(path: string, bytes: Uint8Array, truth: Map<string, string>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  truth.set(path, hashOf(bytes));
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Attempt = { readonly round: number; readonly snapshot: Saved; readonly random: Random };

async function damageOnce(computer: Computer, { round, snapshot, random }: Attempt): Promise<DamageRound> {
  const damage = createDamage(computer.store, computer.at('kept'));
  const harmed = harmSome(damage, computer.store, { round, random });
  const stranger = computer.another(`stranger ${round}`);
  const checked = await checkAll(stranger, snapshot.id, harmed);
  const restored = await restore(stranger, snapshot, { alone: round % 3 === 2 });
  const lost = [...snapshot.truth.keys()].filter((path) => !restored.right.has(path));
  const faults = [...checked.faults, ...restored.faults, ...compare('the check', checked, lost)];
  if (restored.told !== null) faults.push(...compare('the restore', restored.told, lost));
  if (restored.exit === 0 && lost.length > 0)
    faults.push(`${lost.length} files are missing, and the restore ended well`);

  damage.undo();
  const after = await stranger.coffer(['check']);
  if (after.exit !== 0) faults.push(`with all objects back the check says: ${after.out}${after.err}`);
  const said = [...harmed].map(([key, how]) => `${key} ${how}`);
  return { round, harmed: said, restored: restored.right.size, lost: lost.length, faults };
}

const ways = ['flipped', 'zeroed', 'cut short', 'deleted', 'grown', 'replaced', 'swapped'] as const;

type Damage = {
  harm(key: string, how: (typeof ways)[number], others: readonly string[], random: Random): readonly string[];
  undo(): void;
};

/** Harmed objects are new files; the whole ones wait in another folder, as they are. */
function createDamage(store: string, aside: string): Damage {
  const kept = new Set<string>();
  const bytesOf = (key: string): Buffer => readFileSync(join(kept.has(key) ? aside : store, key));
  const keep = (key: string): void => {
    if (kept.has(key)) return;
    mkdirSync(dirname(join(aside, key)), { recursive: true });
    renameSync(join(store, key), join(aside, key));
    kept.add(key);
  };
  const put = (key: string, bytes: Uint8Array): readonly string[] => {
    keep(key);
    writeFileSync(join(store, key), bytes);
    return [key];
  };
  return {
    harm(key, how, others, random) {
      const bytes = bytesOf(key);
      const at = random.integer(bytes.length);
      const other = others[random.integer(others.length)];
      switch (how) {
        case 'deleted':
          keep(key);
          return [key];
        case 'zeroed':
          return put(key, bytes.fill(0, at, Math.min(bytes.length, at + 4096)));
        case 'cut short':
          return put(key, bytes.subarray(0, at));
        case 'grown':
          return put(key, Buffer.concat([bytes, random.bytes(1 + random.integer(5000))]));
        case 'replaced':
        case 'swapped': {
          if (other === undefined) break;
          const theirs = bytesOf(other);
          return how === 'replaced' ? put(key, theirs) : [...put(key, theirs), ...put(other, bytes)];
        }
        case 'flipped':
      }
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
      return put(key, bytes);
    },
    undo() {
      for (const key of kept) renameSync(join(aside, key), join(store, key));
    },
  };
}

type Turn = { readonly round: number; readonly random: Random };

/** Each way has its turn, so that a few rounds have tried them all. */
function harmSome(damage: Damage, store: string, { round, random }: Turn): ReadonlyMap<string, string> {
  const harmed = new Map<string, string>();
  const harmOne = (keys: readonly string[], turn: number): void => {
    const free = keys.filter((key) => !harmed.has(key));
    const key = free[random.integer(free.length)];
    const how = ways[turn % ways.length];
    if (key === undefined || how === undefined) throw new Error('nothing to harm');
    const others = free.filter((other) => other !== key);
    for (const one of damage.harm(key, how, others, random)) harmed.set(one, how);
  };
  const packs = objectsIn(store, 'packs/');
  const count = Math.max(2, Math.ceil(packs.length / 100));
  for (let number = 0; number < count; number++) harmOne(packs, round * count + number);
  harmOne(objectsIn(store, random.integer(2) === 0 ? 'index/' : 'refs/'), random.integer(ways.length));
  return harmed;
}

/** Paths that are said to be lost: files, or folders with all that is below. */
type Told = { readonly paths: ReadonlySet<string>; readonly isComplete: boolean };

function compare(who: string, { paths, isComplete }: Told, lost: readonly string[]): string[] {
  const proven = new Set<string>();
  const untold: string[] = [];
  for (const path of lost) {
    let isTold = false;
    for (let above = path; above !== dirname(above); above = dirname(above)) {
      if (!paths.has(above)) continue;
      proven.add(above);
      isTold = true;
    }
    if (!isTold) untold.push(path);
  }
  const faults = [...paths]
    .filter((path) => !proven.has(path))
    .map((path) => `${who} names ${path}, which is not lost`);
  if (isComplete) faults.push(...untold.map((path) => `${path} is lost, and ${who} does not name it`));
  return faults;
}

type Finding = {
  readonly kind: string;
  readonly key: string;
  readonly files: readonly { readonly path: string; readonly snapshot: string }[];
};

/** So many files a check lists for one finding. */
const filesListed = 1000;

async function checkAll(
  stranger: Computer,
  snapshot: string,
  harmed: ReadonlyMap<string, string>,
): Promise<Told & { readonly faults: readonly string[] }> {
  const ran = await stranger.coffer(['check', '--read-data', '--json']);
  const { findings } = JSON.parse(ran.out) as { findings: readonly Finding[] }; // docs/COMMANDS.md
  const named = new Set(findings.map(({ key }) => key));
  // An index under the name of another one tells no lie: what counts is whether all packs are still in one.
  const isNamed = ([key, how]: readonly [string, string]): boolean =>
    named.has(key) || (key.startsWith('index/') && (how === 'swapped' || named.has('index')));
  const unnamed = [...harmed].filter((one) => !isNamed(one));
  const faults = unnamed.map(([key, how]) => `the check does not name ${key}, which was ${how}`);
  const exit = findings.some(({ kind }) => kind !== 'unused') ? 4 : 0;
  if (ran.exit !== exit) faults.push(`the check ended with ${ran.exit} instead of ${exit}: ${ran.err}`);
  return {
    paths: new Set(
      findings.flatMap(({ files }) => files.filter((file) => file.snapshot === snapshot).map(({ path }) => path)),
    ),
    isComplete: findings.every(({ files }) => files.length < filesListed),
    faults,
  };
}

type Restored = {
  readonly exit: number | null;
  /** Paths of files that came back as they were. */
  readonly right: ReadonlySet<string>;
  /** What was said to be lost; null where that is only told in words. */
  readonly told: Told | null;
  readonly faults: readonly string[];
};

/** By the product, or by the stand-alone tool. */
async function restore(
  stranger: Computer,
  { id, truth }: Saved,
  { alone }: { readonly alone: boolean },
): Promise<Restored> {
  const target = stranger.at('restored');
  const ran = alone
    ? await stranger.standAlone([id, '--target', target])
    : await stranger.coffer(['restore', id, '--target', target, '--json']);
  const faults: string[] = [];
  const right = new Set<string>();
  for (const path of filesBelow(target)) {
    const origin = path.slice(target.length);
    if (truth.get(origin) === hashOf(readFileSync(path))) right.add(origin);
    else faults.push(`WRONG BYTES in ${origin}`);
  }
  rmSync(target, { recursive: true, force: true });
  // The tool has a code of its own for files that are missing.
  if (![0, 4, ...(alone ? [3] : [])].includes(ran.exit ?? -1))
    faults.push(`the restore ended with ${ran.exit}: ${ran.out}${ran.err}`);
  return { exit: ran.exit, right, told: alone ? null : toldBy(ran.out), faults };
}

function toldBy(out: string): Told | null {
  const { failures } = JSON.parse(out) as { failures?: readonly { readonly path: string }[] }; // docs/COMMANDS.md
  return failures === undefined ? null : { paths: new Set(failures.map(({ path }) => path)), isComplete: true };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
