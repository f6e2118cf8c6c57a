import { CofferError, isCofferError, type Log, systemCode } from '../../base/index.ts';
import { reportError } from '../cli/faults.ts';
import { createRecentLog } from '../cli/recent-log.ts';
import type { BareSession } from '../cli/session.ts';

/** Nothing to a computer, and nobody waits long for it after making room. */
const againMs = 15_000;

/**
 * A disk that is full at the start is no crash, and does not get better by starting ten times: it is said once, and the agent
 * begins as soon as there is room.
 */
export async function onceThereIsSpace<Begun>(session: BareSession, log: Log, begin: () => Begun): Promise<Begun> {
  const { host, signal } = session;
  for (let isTold = false; ; isTold = true) {
    try {
      return begin();
    } catch (error) {
      if (!lacksSpace(error)) throw error;
      if (!isTold) await tell(session, error);
      log.warn('the disk is full; the agent begins once there is room', { againMs });
      await host.clock.sleep(againMs, signal);
    }
  }
}

function lacksSpace(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isCofferError(cause, 'disk.full') || ['ENOSPC', 'EDQUOT'].includes(systemCode(cause))) return true;
  }
  return false;
}

async function tell({ host, output, home }: BareSession, error: unknown): Promise<void> {
  const full = isCofferError(error, 'disk.full') ? error : new CofferError('disk.full', { path: home }, error);
  const log = createRecentLog(host.clock);
  reportError(full, { host, output, log, whenCancelled: 'cancelled.other', home, command: 'daemon run' });
  await output.flush();
}
