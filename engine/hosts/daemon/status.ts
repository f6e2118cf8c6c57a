import { timeOfMs } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { countOf } from '../text/figures.ts';
import { formatTime } from '../text/times.ts';
import { askControl, type Report } from './control.ts';
import { readHolder, readNote } from './holder.ts';
import { type Places, placesOf } from './places.ts';
import { type Reached, reachAgent } from './probe.ts';

export const status: Run<'daemon status'> = async (session) => {
  const { host, output } = session;
  const places = await placesOf(session);
  const [reached, supervisor] = await Promise.all([
    reachAgent(session, places),
    askControl(places.control, 'report', host.clock),
  ]);
  supervisor?.leave();
  await reached?.leave();
  const shown = statusOf(places, reached, supervisor?.report ?? null);
  output.object(shown);
  for (const line of statusLines(session, shown, supervisor !== null)) output.row(line);
  return 'done';
};

export type DaemonStatus = ReturnType<typeof statusOf>;

function statusOf(places: Places, reached: Reached | null, report: Report | null) {
  const holder = readHolder(places);
  const running = reached !== null;
  const processId = running ? (reached.state?.processId ?? report?.agent ?? holder?.processId ?? null) : null;
  return {
    running,
    answers: running && reached.state !== null,
    processId,
    supervisor: report?.supervisor ?? null,
    // The note is of whoever had the lock last.
    sinceMs: running && holder?.processId === processId ? (holder?.sinceMs ?? null) : null,
    socket: places.socket,
    version: reached?.state?.version ?? null,
    restarts: report?.restarts ?? 0,
    log: places.log,
    gaveUp: running ? null : gaveUpIn(places),
  };
}

/** What a supervisor left when it gave up. */
function gaveUpIn({ gaveUp }: Places): { atMs: number; crashes: number } | null {
  const { atMs, crashes } = readNote(gaveUp) ?? {};
  return typeof atMs === 'number' && typeof crashes === 'number' ? { atMs, crashes } : null;
}

function statusLines({ output }: BareSession, shown: DaemonStatus, isSupervised: boolean): string[] {
  const { running, answers, processId, sinceMs, restarts, gaveUp } = shown;
  if (running) {
    const since = sinceMs === null ? '' : ` since ${formatTime(timeOfMs(sinceMs))}`;
    const first = answers ? output.style.safe('The agent runs') : output.style.attention('The agent does not answer');
    return [
      `${first}, process ${processId ?? '?'}${since}.`,
      ...(restarts > 0 ? [`  It has been started again ${countOf(restarts, 'time')}.`] : []),
      ...(isSupervised
        ? []
        : ['  It was not started with coffer daemon start: if it ends, only the system may start it again.']),
    ];
  }
  if (isSupervised && gaveUp === null) return [`${output.style.attention('The agent is being started.')}`];
  const stopped = `${output.style.attention('No agent runs.')} New changes are not protected.`;
  if (gaveUp === null) return [stopped, '  Start it: coffer daemon start'];
  return [
    stopped,
    `  It ended ${countOf(gaveUp.crashes, 'time')} within ten minutes, the last one ${formatTime(timeOfMs(gaveUp.atMs))}, and is not started again at once.`,
    ...(isSupervised ? ['  It is tried once more an hour later.'] : []),
    `  What it said: ${output.path(shown.log)}`,
    '  Start it once more: coffer daemon start',
  ];
}
