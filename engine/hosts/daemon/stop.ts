import process from 'node:process';
import { type Clock, CofferError } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { inTime } from '../in-time.ts';
import { askControl } from './control.ts';
import { readHolder } from './holder.ts';
import { type Places, placesOf } from './places.ts';
import { type Reached, reachAgent } from './probe.ts';

/** Longer than a supervisor waits before it ends an agent that does not end. */
const stopMostMs = 10_000;

/** Stops the supervisor with its agent, or an agent that runs without one, and waits until they are gone. */
export const stop: Run<'daemon stop'> = async (session) => {
  const { output } = session;
  const places = await placesOf(session);
  const bySupervisor = await stopSupervisor(session, places);
  const byItself = await stopAgent(session, places);
  const stopped = bySupervisor || byItself;
  output.object({ stopped });
  output.say(stopped ? 'Stopped. New changes are not protected until the agent runs again.' : 'No agent runs.');
  return 'done';
};

export async function stopSupervisor({ host }: BareSession, { control }: Places): Promise<boolean> {
  const asked = await askControl(control, 'stop', host.clock);
  if (asked === null) return false;
  const isGone = await inTime(
    host.clock,
    stopMostMs,
    asked.gone.then(() => untilProcessEnds(host.clock, asked.report.supervisor)),
  );
  asked.leave();
  if (isGone === null) throw new CofferError('agent.notStopped', { processId: asked.report.supervisor });
  return true;
}

/** A process closes its sockets a moment before it is gone. */
async function untilProcessEnds(clock: Clock, processId: number): Promise<true> {
  for (let tries = 0; tries < 100 && isThere(processId); tries++) await clock.sleep(10);
  return true;
}

function isThere(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

/** In a terminal, under systemd, or left over from a supervisor that was killed. */
async function stopAgent(session: BareSession, places: Places): Promise<boolean> {
  const reached = await reachAgent(session, places);
  if (reached === null) return false;
  try {
    const isGone = await inTime(session.host.clock, stopMostMs, askToStop(reached));
    if (isGone !== true) throw notStopped(reached, places);
    return true;
  } finally {
    await reached.leave();
  }
}

async function askToStop({ connection }: Reached): Promise<boolean> {
  if (connection === null) return false;
  // It may be gone before its answer is here.
  await connection.api.stop().catch(() => {});
  await connection.closed;
  return true;
}

function notStopped({ state }: Reached, places: Places): CofferError {
  const processId = state?.processId ?? readHolder(places)?.processId ?? '?';
  return new CofferError('agent.notStopped', { processId });
}
