// Draft of what engine/index.ts will export; deleted when engine/index.ts exists with the same names.
import type { Clock, DeviceId, Log, Random, SnapshotId, Time, VaultId } from './base/index.ts';
import type { FileSystem, RulesOptions } from './filesystem/index.ts';

/** `home` is COFFER_HOME. */
export type Ports = { readonly home: string; readonly fileSystem: FileSystem; readonly clock: Clock; readonly random: Random; readonly log: Log };
export declare function createPorts(options: { home: string; log?: Log }): Ports;
/** The default of COFFER_HOME on this system. */
export declare function defaultHome(platform: string, environment: Readonly<Record<string, string | undefined>>, userHome: string): string;

export type Secret = { readonly kind: 'passphrase'; readonly passphrase: string } | { readonly kind: 'phrase'; readonly phrase: string };

export declare function createVault(ports: Ports, options: { store: string; passphrase: string; label?: string }): Promise<{ vault: VaultId; recoveryPhrase: string }>;

export type Opening = {
  readonly store: string;
  /** Asked for only once the store was found to hold a vault (so that a wrong path never prompts). */
  readonly secret: () => Promise<Secret>;
  readonly acceptRollback?: boolean;
  /** 'write' takes the writer's lock of this COFFER_HOME: vault.busy names the holder; with waitForLock it waits. */
  readonly mode: 'read' | 'write';
  readonly waitForLock?: boolean;
  /** Spoken name of this command for the lock, e.g. "coffer backup, process 4711, since 10:04". */
  readonly holder?: string;
  readonly signal?: AbortSignal;
};
export declare function openVault(ports: Ports, opening: Opening): Promise<Vault>;
export type Vault = {
  readonly id: VaultId;
  readonly url: string;
  /** Calm remarks the person should hear, already in words: a new device id was taken and why, a broken log of another device … */
  readonly notices: readonly string[];
  readonly snapshots: readonly SnapshotInfo[]; // oldest first
  close(): Promise<void>;
};
export type SnapshotInfo = {
  readonly id: SnapshotId; readonly device: DeviceId; readonly seq: number; readonly host: string; readonly user: string;
  readonly started: Time; readonly finished: Time; readonly sources: readonly string[]; readonly tags: readonly string[];
  readonly files: number; readonly folders: number; readonly bytes: number; readonly newBytes: number; readonly storedBytes: number; readonly failed: number;
};
/** `latest`, or the first letters of an id. */
export declare function findSnapshot(vault: Vault, text: string): SnapshotInfo;

export type BackupOptions = {
  readonly paths: readonly string[]; // absolute
  readonly rules: RulesOptions;      // patterns, presets, sizeMax, ageMaxDays, cacheDirTag
  readonly oneFileSystem: boolean;
  readonly tags: readonly string[];
  readonly app: string; readonly host: string; readonly user: string; readonly userHome: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void; // at most ten times a second
};
export type BackupProgress = { readonly foundFiles: number; readonly foundBytes: number; readonly doneFiles: number; readonly doneBytes: number; readonly readBytes: number; readonly newBytes: number; readonly scanning: boolean; readonly seconds: number };
export type BackupResult = {
  readonly snapshot: SnapshotId; readonly files: number; readonly folders: number; readonly bytes: number;
  readonly readBytes: number; readonly newBytes: number; readonly storedBytes: number; readonly changedFiles: number;
  readonly failed: number; readonly failures: readonly { readonly path: string; readonly code: string }[];
  readonly excluded: Readonly<Record<string, number>>; // reason -> count
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]; // the first 1,000
  readonly seconds: number; readonly notices: readonly string[];
};
/** Scanning runs while the vault is being unlocked. */
export declare function backup(ports: Ports, vault: Promise<Vault>, options: BackupOptions): Promise<BackupResult>;

export type EntryInfo = { readonly path: string; readonly kind: 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'character' | 'block'; readonly size: number; readonly mode: number; readonly uid: number; readonly gid: number; readonly owner: string | null; readonly group: string | null; readonly mtime: Time; readonly target: string | null; readonly state: string | null };
export declare function listEntries(vault: Vault, snapshot: SnapshotInfo, options: { path?: string; recursive?: boolean }): AsyncIterable<EntryInfo>;
/** Pattern with * and ?, matched on the name without regard to case; each distinct version of each file once. */
export declare function findByName(vault: Vault, options: { pattern: string; snapshots?: readonly SnapshotInfo[] }): AsyncIterable<EntryInfo & { readonly snapshot: SnapshotId; readonly firstSeen: Time }>;
export declare function diffSnapshots(vault: Vault, from: SnapshotInfo, to: SnapshotInfo, path?: string): AsyncIterable<{ readonly change: 'added' | 'removed' | 'modified' | 'metadata'; readonly path: string; readonly sizeBefore: number | null; readonly sizeAfter: number | null }>;
export declare function readFile(vault: Vault, snapshot: SnapshotInfo, path: string, write: (bytes: Uint8Array) => Promise<void>): Promise<void>;

export type Conflict = 'keep-both' | 'skip' | 'overwrite';
export type RestoreOptions = {
  readonly snapshot: SnapshotInfo; readonly paths: readonly string[]; // [] = everything
  /** null: the original places (another user's or computer's home maps to this user's home). */
  readonly target: string | null;
  /** undefined with a target that is not empty: target.notEmpty. Default for the original place: keep-both. */
  readonly onConflict?: Conflict;
  readonly userHome: string;
};
export type RestorePlan = { readonly files: number; readonly folders: number; readonly bytes: number; readonly conflicts: number; readonly mappings: readonly { readonly from: string; readonly to: string }[]; readonly resumes: boolean };
export declare function planRestore(ports: Ports, vault: Vault, options: RestoreOptions): Promise<RestorePlan>;
export type RestoreProgress = { readonly doneFiles: number; readonly doneBytes: number; readonly totalFiles: number; readonly totalBytes: number; readonly seconds: number };
export type RestoreResult = { readonly id: string; readonly files: number; readonly folders: number; readonly bytes: number; readonly skipped: number; readonly keptBoth: number; readonly replaced: number; readonly failed: number; readonly failures: readonly { readonly path: string; readonly code: string }[]; readonly remarks: readonly { readonly path: string; readonly remark: string }[]; readonly seconds: number };
export declare function executeRestore(ports: Ports, vault: Vault, plan: RestorePlan, options: { signal?: AbortSignal; onProgress?: (progress: RestoreProgress) => void }): Promise<RestoreResult>;
export type RestoreRecord = { readonly id: string; readonly at: Time; readonly target: string; readonly files: number };
export declare function listRestores(ports: Ports): RestoreRecord[]; // newest first, of the last 7 days
export declare function undoRestore(ports: Ports, id: string): Promise<{ readonly removed: number; readonly putBack: number; readonly kept: readonly { readonly path: string; readonly reason: string }[] }>;

export type CheckOptions = { readonly readData: 'none' | 'share' | 'all'; /** 1…100, for 'share' */ readonly sharePercent?: number; readonly signal?: AbortSignal; readonly onProgress?: (progress: { readonly done: number; readonly total: number; readonly bytes: number }) => void };
export type Finding = { readonly kind: 'damaged' | 'missing' | 'log' | 'unused'; readonly key: string; readonly detail: string; readonly files: readonly { readonly path: string; readonly snapshot: SnapshotId }[] };
export type CheckResult = { readonly findings: readonly Finding[]; readonly snapshots: number; readonly packs: number; readonly bytesRead: number; readonly affectedFiles: number; readonly seconds: number };
export declare function checkVault(ports: Ports, vault: Vault, options: CheckOptions): Promise<CheckResult>;
/** Additive: writes new indexes for packs that no index names, re-uploads nothing, deletes nothing. */
export declare function repairVault(ports: Ports, vault: Vault, options: { readonly dryRun: boolean }): Promise<{ readonly actions: readonly string[] }>;

export type KeyInfo = { readonly key: string; readonly kind: 'passphrase' | 'phrase' | 'device'; readonly label: string; readonly created: Time; readonly usedNow: boolean };
export declare function listKeys(vault: Vault): Promise<KeyInfo[]>;
export declare function addPassphrase(vault: Vault, passphrase: string, label: string): Promise<KeyInfo>;
export declare function addRecoveryPhrase(vault: Vault, label: string): Promise<{ readonly key: KeyInfo; readonly phrase: string }>;
export declare function removeKey(vault: Vault, key: string): Promise<void>;
/** Writes the new slot, then deletes the one that opened the vault now (notice when the place refuses). */
export declare function changePassphrase(vault: Vault, passphrase: string): Promise<KeyInfo>;
export declare function vaultStats(vault: Vault): Promise<{ readonly snapshots: number; readonly devices: number; readonly packs: number; readonly storedBytes: number; readonly chunks: number; readonly chunkBytes: number; readonly latest: SnapshotInfo | null }>;
export declare function vaultConfig(vault: Vault): { readonly vault: VaultId; readonly version: number; readonly chunkIds: string; readonly chunker: Readonly<Record<string, number>>; readonly level: number; readonly created: Time };
