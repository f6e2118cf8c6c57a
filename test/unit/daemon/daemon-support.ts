import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('fake-coffer.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/coffer-tests', import.meta.url));

export type Ran = { readonly exit: number | null; readonly out: string; readonly err: string; readonly ms: number };
export type Status = {
  readonly running: boolean;
  readonly answers: boolean;
  readonly processId: number | null;
  readonly supervisor: number | null;
  readonly restarts: number;
  readonly gaveUp: { readonly crashes: number } | null;
};

export type Daemon = {
  readonly home: string;
  readonly folder: string;
  coffer(args: readonly string[], environment?: Record<string, string>): Promise<Ran>;
  /** Started and left running. */
  launch(args: readonly string[], environment?: Record<string, string>): ChildProcess;
  status(): Promise<Status>;
  /** Every start of an agent so far. */
  starts(): { readonly processId: number; readonly priority: number }[];
};

/** A COFFER_HOME of its own with commands on it; whatever still runs at the end of the test is ended. */
export function makeDaemon(): Daemon {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-daemon-'));
  const home = join(folder, 'home of it');
  const startsFile = join(folder, 'starts');
  const launch: Daemon['launch'] = (args, environment = {}) =>
    spawn(process.execPath, ['--min-semi-space-size=4', '--max-semi-space-size=4', program, ...args], {
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, COFFER_HOME: home, NODE_COMPILE_CACHE: compileCache },
        ...{ FAKE_STARTS: startsFile, ...environment },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const coffer: Daemon['coffer'] = async (args, environment) => {
    const began = performance.now();
    const child = launch(args, environment);
    const [out, err, exit] = await Promise.all([textOf(child.stdout), textOf(child.stderr), endOf(child)]);
    return { exit, out, err, ms: performance.now() - began };
  };
  const starts: Daemon['starts'] = () =>
    linesOf(startsFile).map((line) => {
      const [processId = 0, priority = 0] = line.split(' ').map(Number);
      return { processId, priority };
    });
  onTestFinished(async () => {
    await coffer(['daemon', 'stop']);
    for (const { processId } of starts()) endIfOurs(processId, folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...{ home, folder, coffer, launch, starts },
    status: async () => JSON.parse((await coffer(['daemon', 'status', '--json'])).out) as Status,
  };
}

export async function until(what: () => boolean | Promise<boolean>, mostMs = 10_000): Promise<void> {
  const deadline = performance.now() + mostMs;
  while (!(await what())) {
    if (performance.now() > deadline) throw new Error(`not within ${mostMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isAlive(processId: number | null): boolean {
  if (processId === null) return false;
  try {
    process.kill(processId, 0);
    // What has ended and was not yet waited for is still there.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit));
  });
}

/** Its number may be that of somebody else's process by now. */
function endIfOurs(processId: number, folder: string): void {
  try {
    const environment = readFileSync(`/proc/${processId}/environ`, 'utf8');
    if (environment.includes(folder)) process.kill(processId, 'SIGKILL');
  } catch {
    // It has gone.
  }
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

export function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
