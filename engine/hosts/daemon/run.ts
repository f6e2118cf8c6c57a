import process from 'node:process';
import { type Clock, type ExitName, exitCodes } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { inTime } from '../in-time.ts';
import { parentOf } from '../launcher/index.ts';
import { keepCompiledCode } from './compiled-code.ts';
import { bothLogs, createFileLog } from './file-log.ts';
import { hangLimitOf } from './hang-limit.ts';
import { lockHome } from './holder.ts';
import { identityOf } from './identity.ts';
import { createOwnPace } from './own-pace.ts';
import { makeHome, type Places, placesOf } from './places.ts';
import { onceThereIsSpace } from './space.ts';
import { systemPorts } from './system-ports.ts';
import { beatMsOf } from './watch-over.ts';
import type { Agent } from './wiring.ts';

/**
 * The agent in the foreground: one for each COFFER_HOME, until a signal, a request over the socket or its launcher ends it.
 * What nobody foresaw ends the process, as with every command (`../cli/faults.ts`): a new one starts from the journal.
 *
 *     lock ─► agent ─► socket ─► started ─► "ready" ─► … ─► socket closed, agent closed ─► lock released
 */
export const run: Run<'daemon run'> = async (session, { options, globals }) => {
  if (!options.supervised) return await runAgent(session, globals['passphrase-file']);
  const { runSupervisor } = await import('./run-supervisor.ts');
  return await runSupervisor(session, globals['passphrase-file']);
};

/** Ending well takes a moment. After that the process goes: whatever it still does is safe to be broken off. */
const closeMostMs = 1_500;

async function runAgent(session: BareSession, passphraseFile: string | undefined): Promise<ExitName> {
  const { host, home } = session;
  const { processId, clock, platform } = host;
  const parentId = parentOf(process) === null ? null : process.ppid;
  const takePace = createOwnPace({ platform, processId, parentId });
  takePace('normal');
  const hangMs = hangLimitOf(session);
  const places = await placesOf(session);
  const stopBeating = beat(clock, beatMsOf(hangMs));
  const log = bothLogs(session.log, createFileLog(places.log, host));
  const [engine, rpc, createAgent] = await Promise.all([host.engine(), host.rpc(), host.createAgent()]);
  if (session.signal.aborted) return 'done';
  const ports = engine.createPorts({ home, log });
  const abandon = (): void => {
    log.warn('the agent ends, since it waits for what does not answer');
    // Written before this returns. Of a process whose thread the system cannot stop nobody would ever hear that it has ended.
    parentOf(process)?.post({ kind: 'gone' });
    engine.endProcess(exitCodes.failed);
  };
  const system = systemPorts(session, log, passphraseFile);
  const begin = () => {
    makeHome(home);
    const lock = lockHome(ports, places, { processId, sinceMs: clock.now() });
    try {
      return { lock, agent: createAgent({ ...ports, ...system.ports, takePace, abandon, hangMs }, identityOf(host)) };
    } catch (error) {
      lock.release();
      throw error;
    }
  };
  const { lock, agent } = await onceThereIsSpace(session, log, begin);
  let isStuck = false;
  try {
    const told = untilToldToEnd(session, agent);
    // Answering comes first: the first run, which looks at everything, would keep whoever asks waiting.
    const served = await rpc.serveAgent(agent, places.socket, { ...ports, ...host, log });
    await agent.start();
    await sayReady(session, places);
    log.debug('the agent is ready', { processId });
    void keepCompiledCode(clock, session.signal);
    log.debug('the agent ends', { why: await told });
    const isClosed = await inTime(clock, closeMostMs, Promise.all([served.close(), agent.close()]));
    isStuck = isClosed === null || engine.hasOpenCalls();
    if (isClosed === null) log.warn('the agent was not done ending, and is ended');
    return 'done';
  } finally {
    stopBeating();
    system.stop();
    lock.release();
    if (isStuck) engine.endProcess(exitCodes.done);
  }
}

/** Says to whoever launched this process that its thread goes on. */
function beat(clock: Clock, everyMs: number): () => void {
  const parent = parentOf(process);
  const over = new AbortController();
  const loop = async (): Promise<void> => {
    while (!over.signal.aborted) {
      parent?.post({ kind: 'alive' });
      await clock.sleep(everyMs, over.signal).catch(() => {});
    }
  };
  if (parent !== null) void loop();
  return () => over.abort();
}

/** The one line that a script may wait for. */
async function sayReady({ host, output }: BareSession, { socket }: Places): Promise<void> {
  const { processId } = host;
  output.object({ ready: true, processId, socket });
  output.say(`${output.style.safe('Ready.')} The agent runs in this terminal (process ${processId}). Ctrl-C ends it.`);
  await output.flush();
  parentOf(process)?.post({ kind: 'ready', processId, socket });
}

/** Says by whom. */
async function untilToldToEnd({ signal }: BareSession, agent: Agent): Promise<string> {
  const launcher = parentOf(process);
  return await new Promise((resolve) => {
    void agent.closed.then(() => resolve('a face'));
    launcher?.onMessage(() => resolve('the launcher'));
    if (signal.aborted) resolve('a signal');
    signal.addEventListener('abort', () => resolve('a signal'), { once: true });
  });
}
