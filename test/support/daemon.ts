import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../engine/base/index.ts';
import type { AgentApi, AgentConnection } from '../../engine/contract/index.ts';
import { connectAgent } from '../../engine/hosts/rpc/connect-agent.ts';
import { type Computer, environmentFor, passphrase, program } from './coffer.ts';

/** The agent of one computer as people run it: `coffer daemon run`, in a process that a test may kill. */
export type Daemon = {
  /** Starts it; resolves when it answers, with how long that took. */
  start(): Promise<{ readonly seconds: number }>;
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Of the one that runs now. */
  readonly api: AgentApi;
  readonly connection: AgentConnection;
  readonly processId: number;
  /** What it wrote to standard error, of all its lives. */
  readonly complaints: string;
};

type Life = { readonly child: ChildProcess; readonly connection: AgentConnection };

export type DaemonOptions = {
  /** Tied to this one, and in a session of its own as `coffer daemon start` gives it one. */
  readonly processor?: number;
  /** Another entry than the program's own, run by this Node. */
  readonly entry?: string;
};

export function daemonOf(computer: Computer, { processor, entry }: DaemonOptions = {}): Daemon {
  const tied = processor === undefined ? [] : ['taskset', '-c', String(processor)];
  const words = entry === undefined ? [program] : [process.execPath, entry];
  let life: Life | null = null;
  let complaints = '';
  const living = (): Life => {
    if (life === null) throw new Error('the daemon does not run');
    return life;
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (life === null) return null;
    const { child, connection } = life;
    life = null;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    await connection.close();
    return child.exitCode;
  };
  return {
    async start() {
      const began = performance.now();
      const [command = '', ...rest] = [...tied, ...words, 'daemon', 'run', '--json'];
      const child = spawn(command, rest, {
        detached: processor !== undefined,
        env: { ...environmentFor(computer), COFFER_PASSPHRASE: passphrase },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaints += text;
      });
      const dead = once(child, 'exit').then(() => {
        throw new Error(`the daemon ended before it was ready: ${complaints}`);
      });
      dead.catch(() => {}); // later it is to be killed
      const [line] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), dead])) as [string];
      const seconds = (performance.now() - began) / 1000;
      // The table in docs/COMMANDS.md.
      const { socket } = JSON.parse(line) as { readonly socket: string };
      const connection = await connectAgent(socket, { version: '0', clock: systemClock });
      if (connection === null) throw new Error('the daemon does not listen');
      life = { child, connection };
      return { seconds };
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    freeze: () => void living().child.kill('SIGSTOP'),
    thaw: () => void living().child.kill('SIGCONT'),
    get api() {
      return living().connection.api;
    },
    get connection() {
      return living().connection;
    },
    get processId() {
      return living().child.pid ?? 0;
    },
    get complaints() {
      return complaints;
    },
  };
}
