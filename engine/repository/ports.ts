import type { Clock, Log, Random, VaultId } from '../base/index.ts';
import type { FileSystem, SinceBoot } from '../filesystem/index.ts';
import { openStore, overNetwork, type Store, type UploadRecords } from '../storage/index.ts';
import type { OpenedObjects } from './opened.ts';

/** What the engine needs of the world. Hosts pass the real ones, tests simulated ones. */
export type Ports = {
  /** COFFER_HOME: everything this installation keeps for itself. */
  readonly home: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** Null, or left out, where the system does not say: then only what this process lived through is counted. */
  readonly sinceBoot?: () => SinceBoot | null;
  readonly random: Random;
  readonly log: Log;
  /** False runs the workers' jobs on the caller's thread, on these same ports: for simulation. */
  readonly threads: boolean;
  /** Kept from one opening to the next, by who opens vaults again and again. */
  readonly opened?: OpenedObjects;
  /** Another way to a store than by its URL: for tests. */
  readonly storeFor?: (url: string, forNewVault: boolean) => Promise<Store>;
  /** For places that are far away; where it is left out, records end with the process and nothing limits the rate. */
  readonly uploads?: UploadsPort;
};

export type UploadsPort = {
  recordsFor(place: { readonly url: string; readonly vault: VaultId }): UploadRecords;
  /** What may be sent to a place now; null where nothing limits it. Asked again and again, so that a change counts at once. */
  bytesPerSecond(url: string): number | null;
};

/** A store without a place for packs to be taken over from is one behind a network. */
export async function storeOf(ports: Ports, url: string, owner: string, forNewVault = false): Promise<Store> {
  const store =
    ports.storeFor === undefined
      ? await openStore(url, { ...ports, owner }, forNewVault ? { whenMissing: 'make' } : {})
      : await ports.storeFor(url, forNewVault);
  const place =
    store.spool !== null
      ? store
      : await overNetwork(store, { ...ports, bytesPerSecond: () => ports.uploads?.bytesPerSecond(url) ?? null });
  return { ...place, close: () => closeAnyway(place, ports.log) };
}

/** What counts was confirmed before: a place that does not let go, or not in time, changes nothing of what was done. */
async function closeAnyway(store: Store, log: Log): Promise<void> {
  try {
    await store.close();
  } catch (error) {
    log.warn('a place was not closed well', { store: store.url, error: String(error) });
  }
}
