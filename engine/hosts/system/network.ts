import { networkInterfaces } from 'node:os';
import { type Clock, type Log, systemCode } from '../../base/index.ts';
import type { NetworkPort, Wifi } from '../engine.ts';
import { createPolled, type Polled } from './polled.ts';
import { textOfProgram } from './program.ts';
import { createWifiQuestion } from './wifi.ts';

type Network = ReturnType<NetworkPort['read']>;

const everyMs = 60_000;
/** A computer that is carried from one network to another should not send much through the wrong one. */
const wifiEveryMs = 30_000;

export type NetworkOptions = {
  readonly platform: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests: what the system would say. */
  readonly isOnline?: () => boolean;
  readonly askManager?: () => Promise<string>;
  readonly askWifi?: () => Promise<Wifi>;
};

/** Online with any address but the computer's own; metered where NetworkManager says so, or guesses it. */
export function createNetwork({
  platform,
  clock,
  log,
  isOnline = hasAddress,
  askManager = () => textOfProgram('nmcli', ['-t', '-f', 'GENERAL.METERED', 'dev', 'show']),
  askWifi = createWifiQuestion({ platform }),
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
  const network = createPolled({ first: { online: isOnline(), metered: false }, everyMs, ask, clock, log });
  const hearers = new Set<() => void>();
  let wifi: Polled<Wifi> | null = null;
  const beginAsking = (): Polled<Wifi> => {
    const first: Wifi = { kind: 'asking' };
    const polled = createPolled<Wifi>({ first, everyMs: wifiEveryMs, ask: askWifi, clock, log });
    polled.onChange(() => {
      for (const hear of hearers) hear();
    });
    return polled;
  };
  return {
    read: network.read,
    wifi() {
      wifi ??= beginAsking();
      return wifi.read();
    },
    onChange(hear) {
      const stop = network.onChange(hear);
      hearers.add(hear);
      return () => {
        stop();
        hearers.delete(hear);
      };
    },
    stop() {
      network.stop();
      wifi?.stop();
    },
  };
}

/** Lines of `nmcli -t -f GENERAL.METERED dev show`, one for each device; `yes (guessed)` is a phone that shares its line. */
export function isMeteredBy(text: string): boolean {
  return /^GENERAL\.METERED:yes\b/m.test(text);
}

function hasAddress(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}
