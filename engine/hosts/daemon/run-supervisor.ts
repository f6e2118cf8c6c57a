import { rmSync } from 'node:fs';
import { CofferError, type ExitName, exitCodes } from '../../base/index.ts';
import type { BareSession } from '../cli/session.ts';
import { nodeLauncher } from '../launcher/index.ts';
import { serveControl } from './control.ts';
import { environmentOfAgent } from './environment.ts';
import { createFileLog } from './file-log.ts';
import { hangLimitOf } from './hang-limit.ts';
import { writeNote } from './holder.ts';
import { makeHome, type Places, placesOf } from './places.ts';
import { type Outcome, supervise } from './supervise.ts';

/** The small parent of an agent: starts it again when it dies, answers at a socket of its own, and holds nothing else. */
export async function runSupervisor(session: BareSession, passphraseFile: string | undefined): Promise<ExitName> {
  const { host, home, signal } = session;
  const { clock, platform, processId } = host;
  const hangMs = hangLimitOf(session);
  makeHome(home);
  const places = await placesOf(session);
  const log = createFileLog(places.log, host);
  const told = new AbortController();
  const [program, ...words] = host.program;
  const launcher = nodeLauncher({
    command: [program, ...words, 'daemon', 'run', '--json'],
    environment: environmentOfAgent(session, passphraseFile),
    folder: home,
    platform,
    onText: (text) => {
      log.warn('the agent wrote', { text });
      // Whoever started this process reads along until the agent is ready.
      void host.err.write(text).catch(() => {});
    },
  });
  const begin = (): ReturnType<typeof supervise> =>
    supervise({
      ...{ launcher, clock, log, signal: AbortSignal.any([signal, told.signal]), hangMs },
      onGivenUp: (given) => {
        if (given === null) rmSync(places.gaveUp, { force: true });
        else tryToNote(places, { atMs: clock.now(), crashes: given.crashes, ...given.last });
      },
    });
  let supervision: ReturnType<typeof supervise> | null = null;
  const report = () => ({
    supervisor: processId,
    agent: supervision?.processId ?? null,
    restarts: supervision?.restarts ?? 0,
  });
  const control = await serveControl(places.control, { report, stop: () => told.abort() }, clock);
  if (control === null) throw new CofferError('agent.held', { holder: 'its supervisor answers' });
  // Whatever ended an earlier one, this is a new beginning.
  rmSync(places.gaveUp, { force: true });
  supervision = begin();
  return exitOf(await supervision.done);
}

function exitOf({ code }: Outcome): ExitName {
  return (Object.keys(exitCodes) as ExitName[]).find((name) => exitCodes[name] === code) ?? 'failed';
}

/** The disk may be full, which may be the very reason. */
function tryToNote({ gaveUp }: Places, note: Readonly<Record<string, unknown>>): void {
  try {
    writeNote(gaveUp, note);
  } catch {
    // Then status says that the agent is being started.
  }
}
