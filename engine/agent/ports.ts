import type { VaultId } from '../base/index.ts';
import type { Pace, Schedule, Unsubscribe } from '../contract/index.ts';
import type { Answering, Watcher } from '../filesystem/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Ports, Secret } from '../repository/index.ts';

/** `path` is the file that it was read from, named where it does not open the place. */
export type FoundSecret = Secret & { readonly path?: string };

/** Where the agent finds the secrets of its places, with nobody near. */
export type AgentSecrets = {
  /** Null when there is none: then the place is locked until a person gives it. */
  find(vault: VaultId, url: string): Promise<FoundSecret | null>;
  /** True when it will be found again after a restart. */
  keep(vault: VaultId, passphrase: string): Promise<boolean>;
  forget(vault: VaultId): Promise<void>;
};

export type PowerPort = {
  read(): { readonly onBattery: boolean; readonly percent: number | null };
  onChange(hear: () => void): Unsubscribe;
};

/** Which Wi-Fi the network is reached through; `asking` until the system has answered for the first time. */
export type Wifi = { readonly kind: 'none' | 'unknown' | 'asking' } | { readonly kind: 'named'; readonly name: string };

export type NetworkPort = {
  read(): { readonly online: boolean; readonly metered: boolean };
  /** Asked only by who has a use for it: to find out may start programs. */
  wifi(): Wifi;
  onChange(hear: () => void): Unsubscribe;
};

/** What the agent needs of the world, beside what the engine needs. */
export type AgentPorts = Ports & {
  readonly secrets: AgentSecrets;
  readonly power: PowerPort;
  readonly network: NetworkPort;
  /** Whether a place can be reached over a network only. Where it is left out, none needs one. */
  readonly needsNetwork?: (url: string) => boolean;
  readonly watcher: Watcher;
  /** The one that the watcher asks too. */
  readonly answering: Answering;
  /** Minutes by which local time is ahead of UTC at a wall time. */
  readonly localOffsetMinutes: (wallMs: number) => number;
  /** How long a run may read, in place of what the schedule promises: for tests and simulation. */
  readonly readMs?: (schedule: Schedule, stuckRuns: number) => number;
  /**
   * Ends the process at once: threads of it wait for what may never answer. Another one begins anew. Where it is left out,
   * the agent waits with them.
   */
  readonly abandon?: () => void;
  /** How long what does not answer is waited for (`limits.hangMs`). */
  readonly hangMs?: number;
  /** Another journal than the file in `home`: for simulation. */
  readonly openJournal?: () => Journal;
  /** How much this process gives way as a whole from now on, where a host can say that. */
  readonly takePace?: (pace: Pace) => void;
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
