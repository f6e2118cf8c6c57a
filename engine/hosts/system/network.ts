import { networkInterfaces } from 'node:os';
import { type Clock, type Log, systemCode } from '../../base/index.ts';
import type { NetworkPort } from '../engine.ts';
import { createPolled } from './polled.ts';
import { textOfProgram } from './program.ts';

type Network = ReturnType<NetworkPort['read']>;

const everyMs = 60_000;

export type NetworkOptions = {
  readonly platform: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests: what the system would say. */
  readonly isOnline?: () => boolean;
  readonly askManager?: () => Promise<string>;
};

/** Online with any address but the computer's own; metered where NetworkManager says so, or guesses it. */
export function createNetwork({
  platform,
  clock,
  log,
  isOnline = hasAddress,
  askManager = () => textOfProgram('nmcli', ['-t', '-f', 'GENERAL.METERED', 'dev', 'show']),
}: NetworkOptions): NetworkPort & { stop(): void } {
  // Asked no more once it is known to be missing: a failed start of a program each minute is for nothing.
  let hasManager = platform === 'linux';
  const isMetered = async (): Promise<boolean> => {
    if (!hasManager) return false;
    try {
      return isMeteredBy(await askManager());
    } catch (error) {
      if (systemCode(error) === 'ENOENT') hasManager = false;
      // It is installed and does not run.
      return false;
    }
  };
  const ask = async (): Promise<Network> => ({ online: isOnline(), metered: await isMetered() });
  return createPolled({ first: { online: isOnline(), metered: false }, everyMs, ask, clock, log });
}

/** Lines of `nmcli -t -f GENERAL.METERED dev show`, one for each device; `yes (guessed)` is a phone that shares its line. */
export function isMeteredBy(text: string): boolean {
  return /^GENERAL\.METERED:yes\b/m.test(text);
}

function hasAddress(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}
