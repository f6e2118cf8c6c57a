import type { VaultId } from '../base/index.ts';
import type { Unsubscribe } from '../contract/index.ts';
import type { Watcher } from '../filesystem/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Ports, Secret } from '../repository/index.ts';

/** Where the agent finds the secrets of its places, with nobody near. */
export type AgentSecrets = {
  /** Null when there is none: then the place is locked until a person gives it. */
  find(vault: VaultId, url: string): Promise<Secret | null>;
  /** True when it will be found again after a restart. */
  keep(vault: VaultId, passphrase: string): Promise<boolean>;
  forget(vault: VaultId): Promise<void>;
};

export type PowerPort = {
  read(): { readonly onBattery: boolean; readonly percent: number | null };
  onChange(hear: () => void): Unsubscribe;
};

export type NetworkPort = {
  read(): { readonly online: boolean; readonly metered: boolean };
  onChange(hear: () => void): Unsubscribe;
};

/** What the agent needs of the world, beside what the engine needs. */
export type AgentPorts = Ports & {
  readonly secrets: AgentSecrets;
  readonly power: PowerPort;
  readonly network: NetworkPort;
  readonly watcher: Watcher;
  /** Minutes by which local time is ahead of UTC at a wall time. */
  readonly localOffsetMinutes: (wallMs: number) => number;
  /** Another journal than the file in `home`: for simulation. */
  readonly openJournal?: () => Journal;
  /** Gives free memory back to the system; where it is left out, nobody minds what the process holds. */
  readonly giveBackMemory?: () => void;
};

/** Who backs up: stands in snapshots and in the state. */
export type Identity = {
  readonly version: string;
  readonly host: string;
  readonly user: string;
  readonly userHome: string;
  readonly platform: string;
  readonly processId: number;
};
