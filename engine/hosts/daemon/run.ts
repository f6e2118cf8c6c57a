import process from 'node:process';
import type { ExitName } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { inTime } from '../in-time.ts';
import { parentOf } from '../launcher/index.ts';
import { bothLogs, createFileLog } from './file-log.ts';
import { lockHome } from './holder.ts';
import { identityOf } from './identity.ts';
import { lowerPriority } from './low-priority.ts';
import { makeHome, type Places, placesOf } from './places.ts';
import { systemPorts } from './system-ports.ts';
import type { Agent } from './wiring.ts';

/**
 * The agent in the foreground: one for each COFFER_HOME, until a signal, a request over the socket or its launcher ends it.
 * What nobody foresaw ends the process, as with every command (`../cli/faults.ts`): a new one starts from the journal.
 *
 *     lock ─► agent ─► socket ─► "ready" ─► … ─► socket closed, agent closed ─► lock released
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
  const { processId, clock } = host;
  lowerPriority(host.platform);
  makeHome(home);
  const places = await placesOf(session);
  const log = bothLogs(session.log, createFileLog(places.log, host));
  const [engine, rpc, createAgent] = await Promise.all([host.engine(), host.rpc(), host.createAgent()]);
  const ports = engine.createPorts({ home, log });
  const lock = lockHome(ports, places, { processId, sinceMs: clock.now() });
  const system = systemPorts(session, log, passphraseFile);
  try {
    const agent = createAgent({ ...ports, ...system.ports }, identityOf(host));
    const told = untilToldToEnd(session, agent);
    const isStarted = await Promise.race([agent.start().then(() => true), told.then(() => false)]);
    const served = isStarted ? await rpc.serveAgent(agent, places.socket, { ...ports, ...host, log }) : null;
    if (isStarted) await sayReady(session, places);
    log.debug(isStarted ? 'the agent is ready' : 'the agent ends before it was ready', { processId });
    log.debug('the agent ends', { why: await told });
    const isClosed = await inTime(clock, closeMostMs, Promise.all([served?.close(), agent.close()]));
    if (isClosed === null) log.warn('the agent was not done ending, and is ended');
    return 'done';
  } finally {
    system.stop();
    lock.release();
  }
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
