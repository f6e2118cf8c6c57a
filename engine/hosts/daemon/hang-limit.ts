import { limits } from '../../base/index.ts';
import { parseSeconds } from '../cli/quantities.ts';
import type { BareSession } from '../cli/session.ts';

const name = 'COFFER_HANG_LIMIT';

/** How long something may not answer before a process is ended for it; the supervisor and its agent go by the same. */
export function hangLimitOf({ host }: Pick<BareSession, 'host'>): number {
  const given = host.environment[name];
  return given ? parseSeconds(given, name, 'daemon start') * 1000 : limits.hangMs;
}
