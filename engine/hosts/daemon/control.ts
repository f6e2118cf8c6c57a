import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Clock, systemCode } from '../../base/index.ts';
import { inTime } from '../in-time.ts';

/**
 * How commands speak to a supervisor: a socket of its own, one line to it and one line back. A number of a process in a
 * file could belong to another program by now; a socket that answers does not lie.
 */
export type Report = {
  /** The supervisor's process. */
  readonly supervisor: number;
  /** The agent's; null between two lives. */
  readonly agent: number | null;
  readonly restarts: number;
};

type Asked = 'report' | 'stop';

export type ControlAnswers = { report(): Report; stop(): void };

/** Null when another supervisor answers at this path. What a dead one left there is replaced. */
export async function serveControl(path: string, answers: ControlAnswers, clock: Clock): Promise<Server | null> {
  const first = await listen(path, answers);
  if (first !== 'taken') return first;
  const other = await askControl(path, 'report', clock);
  other?.leave();
  if (other !== null) return null;
  rmSync(path, { force: true });
  const second = await listen(path, answers);
  return second === 'taken' ? null : second;
}

function listen(path: string, answers: ControlAnswers): Promise<Server | 'taken'> {
  const server = createServer((socket) => answer(socket, answers));
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve('taken') : reject(error)));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    server.listen(path, () => resolve(server));
  });
}

function answer(socket: Socket, { report, stop }: ControlAnswers): void {
  // Who asks may go away at any time.
  socket.on('error', () => {});
  onFirstLine(socket, (asked) => {
    // Left open: its end tells whoever asked to stop that this process has gone.
    socket.write(`${JSON.stringify(report())}\n`);
    if (asked === ('stop' satisfies Asked)) stop();
  });
}

/** No line that is meant is longer. */
const lineMost = 1_000;

/** By hand, because readline throws what a socket reports when the other end has gone. */
function onFirstLine(socket: Socket, hear: (line: string) => void): void {
  let text = '';
  const take = (more: string): void => {
    text += more;
    const end = text.indexOf('\n');
    if (end >= 0) {
      socket.off('data', take);
      // Read on, or the end of the other end would not be noticed.
      socket.resume();
      hear(text.slice(0, end));
    } else if (text.length > lineMost) socket.destroy();
  };
  socket.setEncoding('utf8').on('data', take);
}

const timeoutMs = 2_000;

/** Null when no supervisor answers. */
export async function askControl(path: string, asked: Asked, clock: Clock): Promise<Answered | null> {
  const socket = createConnection(path);
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const line = new Promise<string | null>((resolve) => {
    socket.on('error', () => resolve(null));
    onFirstLine(socket, resolve);
    socket.once('close', () => resolve(null));
  });
  socket.write(`${asked}\n`, () => {});
  const report = reportIn(await inTime(clock, timeoutMs, line));
  if (report === null) socket.destroy();
  return report === null ? null : { report, gone, leave: () => socket.destroy() };
}

export type Answered = {
  readonly report: Report;
  /** Resolves when the supervisor has gone. */
  readonly gone: Promise<void>;
  leave(): void;
};

function reportIn(line: string | null): Report | null {
  if (line === null) return null;
  try {
    const said: unknown = JSON.parse(line);
    return isReport(said) ? said : null;
  } catch {
    return null;
  }
}

function isReport(said: unknown): said is Report {
  if (typeof said !== 'object' || said === null) return false;
  const { supervisor, agent, restarts } = said as Partial<Record<keyof Report, unknown>>;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value);
  return isCount(supervisor) && (agent === null || isCount(agent)) && isCount(restarts);
}
