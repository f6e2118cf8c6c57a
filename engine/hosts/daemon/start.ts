import { type ChildProcess, spawn } from 'node:child_process';
import { CofferError, catalogue, type ErrorCode, exitCodes } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { askControl } from './control.ts';
import { environmentOfAgent } from './environment.ts';
import { readNote } from './holder.ts';
import { makeHome, type Places, placesOf } from './places.ts';
import { type Reached, reachAgent } from './probe.ts';
import { stopSupervisor } from './stop.ts';

const answerMostMs = 10_000;
const askEveryMs = 50;

/** Starts a supervised agent that outlives this command, and waits until it answers. */
export const start: Run<'daemon start'> = async (session, { globals }) => {
  makeHome(session.home);
  const places = await placesOf(session);
  const before = await reachAgent(session, places);
  if (before !== null) return await said(session, places, before, false);
  // It waits for an hour to pass, in an environment and with a program that may be older than this one.
  if (readNote(places.gaveUp) !== null) await stopSupervisor(session, places);
  const child = launchSupervisor(session, globals['passphrase-file']);
  try {
    const reached = await untilItAnswers(session, places, child);
    return await said(session, places, reached, true);
  } finally {
    child.leave();
  }
};

async function said(
  { host, output }: BareSession,
  { socket, control }: Places,
  reached: Reached,
  started: boolean,
): Promise<'done'> {
  const supervisor = await askControl(control, 'report', host.clock);
  supervisor?.leave();
  const processId = reached.state?.processId ?? supervisor?.report.agent ?? null;
  await reached.leave();
  output.object({ started, processId, socket });
  const which = processId === null ? '' : ` (process ${processId})`;
  output.say(started ? `${output.style.safe('Started.')} The agent runs${which}.` : `The agent runs already${which}.`);
  return 'done';
}

type Supervisor = {
  /** Null while it runs. */
  ended(): number | null;
  /** What it wrote to standard error. */
  text(): string;
  leave(): void;
};

/** Its own session, and nothing of this terminal but a pipe for what goes wrong at the start. */
function launchSupervisor(session: BareSession, passphraseFile: string | undefined): Supervisor {
  const { host, home } = session;
  const [program, ...words] = host.program;
  const child: ChildProcess = spawn(program, [...words, 'daemon', 'run', '--supervised', '--json'], {
    cwd: home,
    env: environmentOfAgent(session, passphraseFile),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  let code: number | null = null;
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-64_000);
  });
  child.once('error', (error) => {
    text ||= error.message;
    code = 1;
  });
  // 'close' comes after the last of its text.
  child.once('close', (exit) => {
    code = exit ?? 1;
  });
  return {
    ended: () => code,
    text: () => text,
    leave: () => {
      child.stderr?.destroy();
      child.unref();
    },
  };
}

async function untilItAnswers(session: BareSession, places: Places, supervisor: Supervisor): Promise<Reached> {
  const { clock, signal } = session.host;
  const deadlineMs = clock.monotonic() + answerMostMs;
  for (;;) {
    const reached = await reachAgent(session, places);
    if (reached !== null) return reached;
    const code = supervisor.ended();
    const isLate = clock.monotonic() > deadlineMs;
    // Busy: somebody else is starting it at this moment, and then it answers soon.
    const isOver = code !== null && code !== exitCodes.busy;
    if (isLate || isOver) throw whyNot(supervisor, places, isOver ? 'it has ended again' : 'not within 10 seconds');
    await clock.sleep(askEveryMs, signal);
  }
}

/** What the agent said itself is the better reason. */
function whyNot(supervisor: Supervisor, { log }: Places, detail: string): CofferError {
  for (const line of supervisor.text().split('\n')) {
    const error = errorIn(line);
    if (error !== null) return error;
  }
  return new CofferError('agent.notStarted', { detail, log });
}

function errorIn(line: string): CofferError | null {
  try {
    const { code, context } = (JSON.parse(line) as { error: { code: ErrorCode; context: CofferError['context'] } })
      .error;
    return Object.hasOwn(catalogue, code) ? new CofferError(code, context) : null;
  } catch {
    return null;
  }
}
