import type { Clock, Log, Random } from '../base/index.ts';
import type { FileSystem } from '../filesystem/index.ts';
import { openStore, type Store } from '../storage/index.ts';

/** What the engine needs of the world. Hosts pass the real ones, tests simulated ones. */
export type Ports = {
  /** COFFER_HOME: everything this installation keeps for itself. */
  readonly home: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** False runs the workers' jobs on the caller's thread, on these same ports: for simulation. */
  readonly threads: boolean;
  /** Another way to a store than by its URL: for tests. */
  readonly storeFor?: (url: string, forNewVault: boolean) => Promise<Store>;
};

export function storeOf(ports: Ports, url: string, owner: string, forNewVault = false): Promise<Store> {
  if (ports.storeFor !== undefined) return ports.storeFor(url, forNewVault);
  return openStore(url, { ...ports, owner }, forNewVault ? { whenMissing: 'make' } : {});
}
