// Runs a program as a whole process and tells what it took: wall-clock time, CPU time of all its threads, peak memory.
// GNU time reads the kernel's own account at the end; where it is missing, /proc is read while the program runs.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

export type Invocation = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Reads the program's own report; a sentence when that report is a failure. */
  readonly objection?: (stdout: string) => string | undefined;
};

export type Measured = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
};

/** The program under measurement failed; the bench goes on with the others and ends with exit code 1. */
export class ProgramFailed extends Error {}

type Usage = Pick<Measured, 'cpuSeconds' | 'peakBytes'>;

const gnuTime = '/usr/bin/time';
const pollMs = 10;
/** USER_HZ, which Linux has fixed at 100 for programs. */
const ticksPerSecond = 100;
/** Nothing measured here takes a tenth of it; a program that hangs must not hang the bench. */
const timeLimitMs = 30 * 60_000;
const outputCharsMax = 1_000_000;

export const hasGnuTime = (): boolean => spawnSync(gnuTime, ['-f', '%M', 'true'], { stdio: 'ignore' }).status === 0;

/** The last line, since GNU time puts a remark about failure before it. */
export const parseGnuTime = (text: string): Usage => {
  const [user, system, peakKib] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (user === undefined || system === undefined || peakKib === undefined || Number.isNaN(user + system + peakKib))
    throw new Error(`GNU time reported what cannot be read: ${text}`);
  return { cpuSeconds: user + system, peakBytes: peakKib * 1024 };
};

export const parseProc = (status: string, stat: string): Usage => {
  const peakKib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  // The program's name, in brackets, may hold spaces; the fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, peakBytes: peakKib * 1024 };
};

const watchProc = (pid: number): { readonly stop: () => Usage } => {
  let last: Usage = { cpuSeconds: 0, peakBytes: 0 };
  const timer = setInterval(() => {
    try {
      const now = parseProc(readFileSync(`/proc/${pid}/status`, 'utf8'), readFileSync(`/proc/${pid}/stat`, 'utf8'));
      // A zombie no longer has memory to report.
      if (now.peakBytes > 0) last = now;
    } catch {
      // It ended between two looks; the last one stands.
    }
  }, pollMs);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
};

type Ended = {
  readonly code: number | null;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
};
type Running = { readonly pid: number; readonly ended: Promise<Ended> };

const launch = (command: string, args: readonly string[], { cwd, env }: Invocation, signal: AbortSignal): Running => {
  const started = performance.now();
  // A group of its own, so that stopping GNU time stops the program below it as well.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new ProgramFailed(`${command} cannot be started.`);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-outputCharsMax);
    });
  const kill = (): void => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended in this very moment.
    }
  };
  signal.addEventListener('abort', kill);
  let seconds = 0;
  child.on('exit', () => {
    seconds = (performance.now() - started) / 1000;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, seconds, ...output }));
  }).finally(() => signal.removeEventListener('abort', kill));
  return { pid, ended };
};

export type Meter = {
  readonly usage: 'gnu-time' | 'proc';
  /** An empty place for the meter's own notes. */
  readonly folder: string;
  readonly signal: AbortSignal;
};

export const measure = async (invocation: Invocation, meter: Meter): Promise<Measured> => {
  meter.signal.throwIfAborted();
  const notes = join(meter.folder, 'usage');
  rmSync(notes, { force: true });
  const { command, args } = invocation;
  const viaTime = meter.usage === 'gnu-time';
  const timeArgs = ['-f', '%U %S %M', '-o', notes, command, ...args];
  const limit = AbortSignal.timeout(timeLimitMs);
  const signal = AbortSignal.any([meter.signal, limit]);
  const running = launch(viaTime ? gnuTime : command, viaTime ? timeArgs : args, invocation, signal);
  const watch = viaTime ? undefined : watchProc(running.pid);
  const { code, seconds, stdout, stderr } = await running.ended.finally(() => watch?.stop());
  meter.signal.throwIfAborted();
  const said = stderr.trim().split('\n').slice(-5).join('\n');
  const call = [command, ...args].join(' ');
  if (limit.aborted) throw new ProgramFailed(`${call} took longer than ${timeLimitMs / 60_000} minutes.`);
  if (code !== 0) throw new ProgramFailed(`${call} ended with ${code ?? 'a signal'}: ${said}`);
  const objection = invocation.objection?.(stdout);
  if (objection !== undefined) throw new ProgramFailed(`${call}: ${objection}`);
  return { seconds, ...(watch?.stop() ?? parseGnuTime(readFileSync(notes, 'utf8'))) };
};
