import { type Clock, limits, type Random } from '../base/index.ts';
import type { FileSystem } from '../filesystem/index.ts';
import type { Store } from './port.ts';
import { withDeadline } from './with/deadline.ts';
import { withRetry } from './with/retry.ts';
import { withThrottle } from './with/throttle.ts';

export type FarPorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly fileSystem: FileSystem;
  readonly bytesPerSecond: () => number | null;
};

/** Over about two minutes: longer breaks are for the next run. */
const backoff = { attempts: 8, baseMs: 500, capMs: limits.retryDelayMostMs };

/** A place behind a network, as the engine meets it: every call ends in time, what may pass is tried again, the rate is kept. */
export function overNetwork(store: Store, { clock, random, fileSystem, bytesPerSecond }: FarPorts): Store {
  const sizeOf = (path: string): number => fileSystem.lstatIfThere(path)?.size ?? 0;
  const { requestMs, lineBytesPerSecondLeast } = limits;
  const timed = withDeadline(store, { clock, sizeOf, requestMs, bytesPerSecondLeast: lineBytesPerSecondLeast });
  return withRetry(withThrottle(timed, { clock, sizeOf, bytesPerSecond }), { ...backoff, clock, random });
}
