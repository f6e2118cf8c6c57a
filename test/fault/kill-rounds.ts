import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { type Computer, copyFolder, makeComputer } from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { outsideDifferences } from '../support/outside.ts';
import { treeDifferences } from '../support/trees.ts';

/**
 * Row 2 in the form of this issue: a real process, ended by SIGKILL at a random moment of a backup.
 *
 *     take a vault (empty, or with an older snapshot) ─► back up, kill ─► check every byte ─► back up ─► restore, compare
 */
export type KillRound = {
  readonly round: number;
  /** Where in the run it was to be killed, 0 … 1: of its time in every other pair of rounds, else of what it has to store. */
  readonly share: number;
  /** False when it was done before the kill came. */
  readonly wasKilled: boolean;
  /** Bytes of packs that the killed run left behind. */
  readonly storedBefore: number;
  /** Bytes of packs that the next run added. */
  readonly storedAfter: number;
  /** What an undisturbed run adds. */
  readonly needed: number;
  /** What broke the promise, in words. */
  readonly faults: readonly string[];
};

type Start = { readonly store: string; readonly home: string; readonly seconds: number; readonly needed: number };

export type KillOptions = {
  readonly rounds: number;
  readonly seed: number;
  readonly bytes: number;
  readonly onRound?: (round: KillRound) => void;
};

export async function killRounds({ rounds, seed, bytes, onRound }: KillOptions): Promise<KillRound[]> {
  const computer = await makeComputer('coffer-kill');
  const random = seededRandom(seed);
  try {
    const source = computer.at('source');
    const starts = await prepare(computer, source, bytes, seed);
    const done: KillRound[] = [];
    for (let round = 0; round < rounds; round++) {
      const start = starts[round % starts.length];
      if (start === undefined) throw new Error('no state to start from');
      const share = random.bytes(4).reduce((sum, byte) => (sum + byte) / 256, 0);
      const found = await killOnce(computer, { source, start, round, share });
      done.push(found);
      onRound?.(found);
    }
    return done;
  } finally {
    computer.remove();
  }
}

/** Two states to start from, each with what an undisturbed run takes from there. */
async function prepare(computer: Computer, source: string, bytes: number, seed: number): Promise<Start[]> {
  const starts: Start[] = [];
  writeSource(source, 'first', bytes, seed);
  for (const name of ['empty', 'older']) {
    const store = linkFolder(computer.store, computer.at(`${name} store`));
    const home = copyFolder(computer.home, computer.at(`${name} home`));
    const before = packBytes(computer.store);
    if (name === 'older') writeSource(source, 'second', bytes / 2, seed);
    const ran = await computer.coffer(['backup', source]);
    if (ran.exit !== 0) throw new Error(`an undisturbed backup failed: ${ran.err}`);
    starts.push({ store, home, seconds: ran.seconds, needed: packBytes(computer.store) - before });
  }
  // Both are tried on the source as it is now, so the first needs what both runs stored.
  const [first, second] = starts;
  return first && second ? [{ ...first, needed: first.needed + second.needed }, second] : [];
}

function writeSource(source: string, name: string, bytes: number, seed: number): void {
  const folder = join(source, name);
  const noise = (length: number, what: string | number): Uint8Array => fastNoise(length, `${seed} ${name} ${what}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'large'), noise(bytes, 'large'));
  writeFileSync(join(source, 'changes with each run'), noise(100_000, 'changes'));
  for (let number = 0; number < 200; number++) {
    const inside = join(folder, `folder ${number % 20}`);
    mkdirSync(inside, { recursive: true });
    writeFileSync(
      join(inside, `small ${number}`),
      number % 2 === 0 ? noise(3000, number) : `text of ${number}\n`.repeat(300),
    );
  }
}

type Attempt = {
  readonly source: string;
  readonly start: Start;
  readonly round: number;
  readonly share: number;
};

async function killOnce(computer: Computer, { source, start, round, share }: Attempt): Promise<KillRound> {
  linkFolder(start.store, computer.store);
  copyFolder(start.home, computer.home);
  const begin = packBytes(computer.store);
  // By time alone a busy machine would be killed while it still starts, or after it was done.
  const byTime = round % 4 < 2;
  const killed = await computer.coffer(
    ['backup', source],
    byTime
      ? { killAfterMs: share * start.seconds * 1000 }
      : { killWhen: () => packBytes(computer.store) - begin > share * start.needed },
  );
  const afterKill = packBytes(computer.store);
  const faults: string[] = [];
  if (killed.signal === null && killed.exit !== 0) faults.push(`the backup ended with ${killed.exit}: ${killed.err}`);

  const check = await computer.coffer(['check', '--read-data']);
  if (check.exit !== 0) faults.push(`after the kill the check says: ${check.out}${check.err}`);
  const next = await computer.coffer(['backup', source]);
  if (next.exit !== 0) faults.push(`the next backup ended with ${next.exit}: ${next.err}`);
  const storedBefore = afterKill - begin;
  const storedAfter = packBytes(computer.store) - afterKill;
  const most = start.needed - storedBefore + allowance(start.needed);
  if (storedAfter > most)
    faults.push(`the next backup stored ${storedAfter} bytes again, and only ${most} were missing`);
  faults.push(...(await restoreAndCompare(computer, source, round)));
  // What it wrote was just restored; the structure is what is left to look at.
  const last = await computer.coffer(['check']);
  if (last.exit !== 0) faults.push(`at the end the check says: ${last.out}${last.err}`);
  return {
    round,
    share,
    wasKilled: killed.signal === 'SIGKILL',
    storedBefore,
    storedAfter,
    needed: start.needed,
    faults,
  };
}

/** Packs are cut elsewhere in the next run, so their padding and directories differ a little; never by a pack. */
const allowance = (needed: number): number => needed * 0.06 + 1024 * 1024;

/** By the product and by the stand-alone tool in turn; the latter sets times only to the microsecond. */
async function restoreAndCompare(computer: Computer, source: string, round: number): Promise<string[]> {
  const target = computer.at('restored');
  const alone = round % 3 === 2;
  const ran = alone
    ? await computer.standAlone(['--target', target])
    : await computer.coffer(['restore', 'latest', '--target', target]);
  if (ran.exit !== 0) return [`the restore ended with ${ran.exit}: ${ran.out}${ran.err}`];
  const restored = join(target, source);
  const found = alone ? outsideDifferences(source, restored, ['diff']) : treeDifferences(source, restored);
  const outside = round === 0 ? outsideDifferences(source, restored) : [];
  rmSync(target, { recursive: true, force: true });
  return [...found, ...outside].slice(0, 10);
}

/** Bytes of all packs in a store. */
export function packBytes(store: string): number {
  let bytes = 0;
  // A new vault has no such folder yet.
  if (!existsSync(join(store, 'packs'))) return 0;
  for (const name of readdirSync(join(store, 'packs'), { recursive: true, encoding: 'utf8' })) {
    const stat = statSync(join(store, 'packs', name), { throwIfNoEntry: false });
    if (stat?.isFile()) bytes += stat.size;
  }
  return bytes;
}

/** A copy whose files are hard links: objects are written once and never edited, so nothing of it can change. */
export function linkFolder(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [here, there] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(here, there);
    else linkSync(here, there);
  }
  return to;
}
