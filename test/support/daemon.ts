import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Computer, environmentFor, passphrase, program } from './coffer.ts';

/** The agent of one computer as people run it: `coffer daemon run`, in a process that a test may kill. */
export type Daemon = {
  /** Starts it; resolves when it answers. */
  start(): Promise<{ readonly processId: number; readonly seconds: number }>;
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  readonly child: ChildProcess | null;
  /** What it wrote to standard error, of all its lives. */
  readonly complaints: string;
};

export function daemonOf(computer: Computer): Daemon {
  let child: ChildProcess | null = null;
  let complaints = '';
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null) return dying?.exitCode ?? null;
    const gone = once(dying, 'exit');
    dying.kill(signal);
    await gone;
    return dying.exitCode;
  };
  return {
    async start() {
      const began = performance.now();
      const born = spawn(program, ['daemon', 'run', '--json'], {
        env: { ...environmentFor(computer), COFFER_PASSPHRASE: passphrase },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = born;
      born.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaints += text;
      });
      const ready = once(born.stdout ?? born, 'data');
      const dead = once(born, 'exit').then(() => {
        throw new Error(`the daemon ended before it was ready: ${complaints}`);
      });
      await Promise.race([ready, dead]);
      dead.catch(() => {}); // it is to be killed
      return { processId: born.pid ?? 0, seconds: (performance.now() - began) / 1000 };
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    get child() {
      return child;
    },
    get complaints() {
      return complaints;
    },
  };
}
