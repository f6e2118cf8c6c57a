import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product as people run it: `bin/coffer` and `coffer-restore.mjs` as processes, each with a computer of its own. */

const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = join(root, 'bin/coffer');
const tool = join(root, 'coffer-restore.mjs');
/** One for all homes: compiling the engine anew for each would be most of the time. */
const compileCache = join(root, 'node_modules/.cache/coffer-tests');

export const passphrase = 'correct horse battery staple';

export type Ran = {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly seconds: number;
  /** Peak of resident memory in bytes, where `measure` asked for it. */
  readonly peakBytes: number;
};

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  /** SIGKILL after this long, the moment being the point. */
  readonly killAfterMs?: number;
  /** SIGKILL as soon as this is true; asked a hundred times a second. */
  readonly killWhen?: () => boolean;
  /** Ctrl-C, once, as soon as this is true. */
  readonly stopWhen?: () => boolean;
  /** Watches the peak memory of the process. */
  readonly measure?: boolean;
  /** Runs it as another user; for root only. */
  readonly uid?: number;
};

/** One computer (COFFER_HOME and home folder) and one place for a vault, below one temporary folder. */
export type Computer = {
  readonly folder: string;
  readonly home: string;
  readonly store: string;
  readonly phrase: string;
  /** The home folder of who runs it. */
  readonly person: string;
  /** Runs `coffer COMMAND --store …`; opens by the recovery phrase, which needs no slow key derivation. */
  coffer(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same with `--json`, which must exit with one of these codes. */
  json<Answer = Readonly<Record<string, unknown>>>(args: readonly string[], exits?: readonly number[]): Promise<Answer>;
  /** Runs the stand-alone tool. */
  standAlone(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Another computer with the same vault, or with another place that holds it. */
  another(name: string, store?: string): Computer;
  /** A path below the folder. */
  at(...parts: readonly string[]): string;
  remove(): void;
};

/** Commands that are about no one place. */
const withoutStore: ReadonlySet<string> = new Set([
  ...['undo', 'sources', 'places', 'status', 'now', 'pause', 'resume', 'why', 'watch', 'wait', 'activity', 'settings'],
  ...['daemon', 'unlock'],
]);

/** Makes an empty vault. Remove it in `afterAll`, or with `onTestFinished`. */
export async function makeComputer(name = 'coffer', before?: (computer: Computer) => void): Promise<Computer> {
  const computer = bareComputer(name);
  before?.(computer);
  const made = await run(program, ['init', '--json', '--store', computer.store], environmentOf(computer.home), {
    environment: { COFFER_PASSPHRASE: passphrase },
  });
  if (made.exit !== 0) throw new Error(`no vault could be made: ${made.err}`);
  // The table in docs/COMMANDS.md.
  const { recoveryPhrase } = JSON.parse(made.out) as { recoveryPhrase: string };
  return computerAt({ ...computer, phrase: recoveryPhrase });
}

/** A computer whose place holds nothing yet. */
export function bareComputer(name = 'coffer'): Computer {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  return computerAt({ folder, home: join(folder, 'coffer-home'), store: join(folder, 'store'), phrase: '' });
}

export function computerAt(parts: Pick<Computer, 'folder' | 'home' | 'store' | 'phrase'>): Computer {
  const { folder, home, store, phrase } = parts;
  const environment = { ...environmentOf(home), ...(phrase === '' ? {} : { COFFER_PHRASE: phrase }) };
  const coffer: Computer['coffer'] = ([command = '', ...args], options = {}) =>
    run(program, [command, ...(withoutStore.has(command) ? [] : ['--store', store]), ...args], environment, options);
  return {
    ...parts,
    person: personOf(home),
    coffer,
    async json<Answer>(args: readonly string[], exits: readonly number[] = [0]): Promise<Answer> {
      const ran = await coffer([args[0] ?? '', '--json', ...args.slice(1)]);
      if (!exits.includes(ran.exit ?? -1))
        throw new Error(`coffer ${args.join(' ')} ended with ${ran.exit}: ${ran.err}`);
      // Each caller says what the table in docs/COMMANDS.md says.
      return JSON.parse(ran.out) as Answer;
    },
    standAlone: (args, options = {}) => run(process.execPath, [tool, '--store', store, ...args], environment, options),
    another: (name, other = store) => computerAt({ ...parts, home: join(folder, name), store: other }),
    at: (...names) => join(folder, ...names),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Beside COFFER_HOME, not in it: that is never backed up. */
const personOf = (home: string): string => `${home} of a person`;

export const environmentFor = ({ home }: Pick<Computer, 'home'>): Record<string, string | undefined> =>
  environmentOf(home);

function environmentOf(home: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    INLINE: process.env.INLINE,
    TMPDIR: process.env.TMPDIR,
    HOME: personOf(home),
    COFFER_HOME: home,
    NODE_COMPILE_CACHE: compileCache,
  };
}

async function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { environment: more = {}, folder, killAfterMs, killWhen, stopWhen, measure, uid }: RunOptions,
): Promise<Ran> {
  const began = performance.now();
  mkdirSync(environment.HOME ?? '', { recursive: true });
  const child = spawn(command, args, {
    env: { ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const kill = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const asking = killWhen && setInterval(() => void (killWhen() && child.kill('SIGKILL')), 10);
  const stopping =
    stopWhen &&
    setInterval(() => {
      if (!stopWhen()) return;
      clearInterval(stopping);
      child.kill('SIGINT');
    }, 10);
  const watch = measure === true ? watchMemory(child) : undefined;
  const [out, err, ended] = await Promise.all([textOf(child.stdout), textOf(child.stderr), endOf(child)]);
  clearTimeout(kill);
  clearInterval(asking);
  clearInterval(stopping);
  const peakBytes = watch?.end() ?? 0;
  return { ...ended, out, err, seconds: (performance.now() - began) / 1000, peakBytes };
}

function endOf(child: ChildProcess): Promise<Pick<Ran, 'exit' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve({ exit, signal }));
  });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

/** VmHWM, the kernel's own peak: what is read last before the end misses at most what came in the last moment. */
function watchMemory(child: ChildProcess): { end(): number } {
  let peakBytes = 0;
  const look = (): void => {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peakBytes = Math.max(peakBytes, Number(found ?? 0) * 1024);
    } catch {
      // It has ended, or this system has no /proc.
    }
  };
  const timer = setInterval(look, 20);
  return {
    end() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** A copy of a folder as a disk image would be: with what is in it now, or not there at all. */
export function copyFolder(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  if (!existsSync(from)) return to;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return to;
}

export const isRoot = process.getuid?.() === 0;
