/**
 * The engine's public face: what every host (command line, window, script) uses, and all it may use.
 *
 *     createPorts ─► createVault | openVault ─► backup, browse, restore, check, keys ─► close
 */
import type { Agent, AgentPorts, Identity } from './agent/index.ts';
import {
  type Log,
  later,
  localOffsetMinutes,
  type SnapshotId,
  silentLog,
  systemClock,
  systemRandom,
  type Time,
  type VaultId,
} from './base/index.ts';
import {
  createAnswering,
  createMemoryReturn,
  createRealFileSystem,
  createWatcher,
  type RulesOptions,
  sinceBoot,
} from './filesystem/index.ts';
import type * as repository from './repository/index.ts';
import type { SnapshotInfo } from './snapshot/index.ts';
import * as snapshot from './snapshot/index.ts';
import * as upkeep from './upkeep/index.ts';

export type { Agent, AgentSecrets, FoundSecret, Identity, NetworkPort, PowerPort, Wifi } from './agent/index.ts';
export { defaultHome } from './base/index.ts';
export { createPeerCheck, mountOf, parseMounts } from './filesystem/index.ts';

export type {
  ChangedPassphrase,
  CheckOptions,
  CheckProgress,
  CheckResult,
  Finding,
  KeyInfo,
  NewVault,
  Ports,
  Secret,
} from './repository/index.ts';
export type {
  BackupCrew,
  BackupProgress,
  BackupResult,
  BackupSource,
  Conflict,
  Difference,
  EntryInfo,
  FoundVersion,
  Look,
  RestoreCrew,
  RestoreProgress,
  RestoreRecord,
  RestoreResult,
  SnapshotInfo,
  UndoResult,
} from './snapshot/index.ts';
export { listRestores, startBackupCrew, startRestoreCrew, undoRestore } from './snapshot/index.ts';
export type {
  Amount,
  DrillFailure,
  DrillOptions,
  DrillProgress,
  DrillReport,
  DrillResult,
  KeptReport,
  Reach,
  Space,
  SpaceBy,
  SpacePart,
  SweepOptions,
  SweepResult,
  VerifyOptions,
  VerifyProgress,
  VerifyResult,
} from './upkeep/index.ts';
export type { RulesOptions };

/** Most of what the engine is; loaded when a vault is opened or made, so that threads can be started before. */
const repositoryRoom = () => import('./repository/index.ts');

export const createVault = later(async () => (await repositoryRoom()).createVault);
export const readVaultId = later(async () => (await repositoryRoom()).readVaultId);

export function createPorts({
  home,
  log = silentLog,
}: {
  readonly home: string;
  readonly log?: Log;
}): repository.Ports {
  const fileSystem = createRealFileSystem();
  return { home, fileSystem, clock: systemClock, sinceBoot, random: systemRandom, log, threads: true };
}

/** A host gives a secret; only the agent keeps what a vault was opened with. */
export type Opening = Omit<repository.Opening, 'secret'> & {
  readonly secret: (vault: VaultId) => Promise<repository.Secret>;
};

/** A vault that is open. Hosts hold this and never its keys. */
export type Vault = {
  readonly id: VaultId;
  /** Where it is, without secrets. */
  readonly url: string;
  /** Calm remarks that the person should hear, in words. */
  readonly notices: readonly string[];
  /** Oldest first. */
  readonly snapshots: readonly SnapshotInfo[];
  close(): Promise<void>;
};

type Inside = {
  readonly ports: repository.Ports;
  readonly vault: repository.Vault;
  /** What the packs hold; read on first use, because many commands need only the logs. */
  index(): Promise<repository.VaultIndex>;
};

/** What is behind each handle; not in the handle itself, so that no host can come to depend on it. */
const insides = new WeakMap<Vault, Inside>();

function insideOf(handle: Vault): Inside {
  const inside = insides.get(handle);
  if (inside === undefined) throw new TypeError('a vault that openVault did not open');
  return inside;
}

export async function openVault(ports: repository.Ports, opening: Opening): Promise<Vault> {
  const repository = await repositoryRoom();
  const vault = await repository.openVault(ports, opening);
  const { id, url, notices, snapshots } = vault;
  const pinned = repository.pinnedSnapshots(vault.logs);
  const infos = snapshots.map((stored) => snapshot.snapshotInfo(stored, pinned));
  const handle = { id, url, notices, snapshots: infos, close: () => vault.close() };
  let index: Promise<repository.VaultIndex> | null = null;
  const load = (): Promise<repository.VaultIndex> =>
    repository.loadIndex(vault, {
      without: new Set(),
      salvage: true,
      ...(opening.signal ? { signal: opening.signal } : {}),
    });
  insides.set(handle, { ports, vault, index: () => (index ??= load()) });
  return handle;
}

export type BackupOptions = Omit<snapshot.BackupOptions, 'platform' | 'sources'> &
  (PathsWithRules | Pick<snapshot.BackupOptions, 'sources'>);

/** Sources under one set of rules, all of them there. */
export type PathsWithRules = {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly rules: RulesOptions;
  /** Stays on the file system of each source. */
  readonly oneFileSystem: boolean;
};

/** Scans while the vault is being unlocked, and closes the vault at the end. */
export function backup(
  ports: repository.Ports,
  opening: Promise<Vault>,
  options: BackupOptions,
): Promise<snapshot.BackupResult> {
  const vault = opening.then(async (handle) => {
    const inside = insideOf(handle);
    await upkeep.observeVault(ports, inside.vault, inside.vault.logs);
    return inside.vault;
  });
  return snapshot.backup(ports, vault, { ...options, sources: sourcesOf(options), platform: process.platform });
}

function sourcesOf(options: BackupOptions): readonly snapshot.BackupSource[] {
  if ('sources' in options) return options.sources;
  const { paths, rules, oneFileSystem } = options;
  return paths.map((path) => ({ path, rules, otherFileSystems: !oneFileSystem }));
}

/** By `latest` or the first letters of its id. */
export function findSnapshot(vault: Vault, text: string): SnapshotInfo {
  return snapshot.findSnapshot(vault.snapshots, text, vault.url);
}

function storedSnapshot(handle: Vault, { id }: Pick<SnapshotInfo, 'id'>): repository.StoredSnapshot {
  return snapshot.findSnapshot(insideOf(handle).vault.snapshots, id, handle.url);
}

export async function* listEntries(
  vault: Vault,
  of: SnapshotInfo,
  options: snapshot.ListOptions = {},
): AsyncGenerator<snapshot.EntryInfo> {
  yield* snapshot.listEntries(await insideOf(vault).index(), storedSnapshot(vault, of), options);
}

export type FindOptions = {
  /** With `*` and `?`, matched on the name without regard to case. */
  readonly pattern: string;
  /** All, when left out. */
  readonly snapshots?: readonly SnapshotInfo[];
};

/** Each distinct version of each file once, with the oldest searched snapshot that has it. */
export async function* findByName(vault: Vault, options: FindOptions): AsyncGenerator<snapshot.FoundVersion> {
  const wanted = (options.snapshots ?? vault.snapshots).map((of) => storedSnapshot(vault, of));
  yield* snapshot.findByName(await insideOf(vault).index(), wanted, options.pattern);
}

export async function* diffSnapshots(
  vault: Vault,
  from: SnapshotInfo,
  to: SnapshotInfo,
  path?: string,
): AsyncGenerator<snapshot.Difference> {
  const index = await insideOf(vault).index();
  yield* snapshot.diffSnapshots(index, storedSnapshot(vault, from), storedSnapshot(vault, to), path);
}

export async function readFile(
  vault: Vault,
  of: SnapshotInfo,
  path: string,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  await snapshot.readFile(await insideOf(vault).index(), storedSnapshot(vault, of), path, write);
}

export type RestoreOptions = Omit<snapshot.RestoreOptions, 'snapshot'> & { readonly snapshot: SnapshotInfo };

/** What is to be shown before it runs. */
export type RestorePlan = Pick<
  snapshot.RestorePlan,
  'files' | 'folders' | 'bytes' | 'conflicts' | 'mappings' | 'resumes'
>;

export async function planRestore(
  ports: repository.Ports,
  handle: Vault,
  options: RestoreOptions,
): Promise<RestorePlan> {
  const { vault, index } = insideOf(handle);
  const stored = storedSnapshot(handle, options.snapshot);
  return await snapshot.planRestore(ports, { vault, index: await index() }, { ...options, snapshot: stored });
}

export async function executeRestore(
  ports: repository.Ports,
  handle: Vault,
  plan: RestorePlan,
  options: snapshot.ExecuteOptions = {},
): Promise<snapshot.RestoreResult> {
  const { vault, index } = insideOf(handle);
  // Hosts get plans from planRestore only, whole; what else is in them is none of their business.
  return await snapshot.executeRestore(ports, { vault, index: await index() }, plan as snapshot.RestorePlan, options);
}

export async function listKeys(vault: Vault): Promise<repository.KeyInfo[]> {
  return (await repositoryRoom()).listKeys(insideOf(vault).vault);
}

export async function addPassphrase(handle: Vault, passphrase: string, label: string): Promise<repository.KeyInfo> {
  const { vault, ports } = insideOf(handle);
  return (await repositoryRoom()).addPassphrase(vault, ports, passphrase, label);
}

export async function addRecoveryPhrase(
  handle: Vault,
  label: string,
): Promise<{ readonly key: repository.KeyInfo; readonly phrase: string }> {
  const { vault, ports } = insideOf(handle);
  return (await repositoryRoom()).addRecoveryPhrase(vault, ports, label);
}

/** By its name or the first letters of its hash. */
export async function removeKey(handle: Vault, key: string): Promise<void> {
  const { vault, ports } = insideOf(handle);
  return (await repositoryRoom()).removeKey(vault, ports, key);
}

/** Writes the new slot, then deletes the one that opened the vault now. */
export async function changePassphrase(handle: Vault, passphrase: string): Promise<repository.ChangedPassphrase> {
  const { vault, ports } = insideOf(handle);
  return (await repositoryRoom()).changePassphrase(vault, ports, passphrase);
}

export type VaultStats = repository.VaultFigures & { readonly latest: SnapshotInfo | null };

export async function vaultStats(handle: Vault): Promise<VaultStats> {
  const { vault, index } = insideOf(handle);
  return {
    ...(await (await repositoryRoom()).vaultFigures(vault, await index())),
    latest: handle.snapshots.at(-1) ?? null,
  };
}

export type SpaceOptions = Omit<upkeep.SpaceOptions, 'nowMs'>;

/** What takes the space, and what would come free; see [Note: unique and shared] in engine/upkeep/space/space.ts. */
export async function measureSpace(handle: Vault, options: SpaceOptions): Promise<upkeep.Space> {
  const { ports, vault, index } = insideOf(handle);
  return await upkeep.measureSpace(vault, await index(), { ...options, nowMs: ports.clock.now() });
}

export type VaultConfig = {
  readonly vault: VaultId;
  /** Of the format. */
  readonly version: number;
  readonly chunkIds: string;
  /** Sizes in bytes. */
  readonly chunker: Readonly<Record<string, number>>;
  readonly level: number;
  readonly created: Time;
};

export function vaultConfig(handle: Vault): VaultConfig {
  const { id, params } = insideOf(handle).vault;
  const { version, idAlgorithm, chunker, level, created } = params;
  return { vault: id, version, chunkIds: idAlgorithm, chunker: { ...chunker }, level, created };
}

export type { SnapshotId };

export async function checkVault(
  ports: repository.Ports,
  handle: Vault,
  options: repository.CheckOptions,
): Promise<repository.CheckResult> {
  const { vault } = insideOf(handle);
  return (await repositoryRoom()).checkVault(vault, ports, snapshot.verifyPacksOf(vault, ports), options);
}

export async function verifyVault(
  ports: repository.Ports,
  handle: Vault,
  options: upkeep.VerifyOptions,
): Promise<upkeep.VerifyResult> {
  const { vault } = insideOf(handle);
  return await upkeep.verifyVault(vault, ports, snapshot.verifyPacksOf(vault, ports), options);
}

/** Restores files for proof, and removes them. */
export async function drillVault(
  ports: repository.Ports,
  handle: Vault,
  options: upkeep.DrillOptions,
): Promise<upkeep.DrillResult> {
  return await upkeep.drillVault(insideOf(handle).vault, ports, options);
}

/** Of the drills of this installation at this place, newest first. */
export async function keptReports(handle: Vault): Promise<upkeep.KeptReport[]> {
  return await upkeep.keptReports(insideOf(handle).vault);
}

export type RetentionPlan = {
  /** Of one device and one set of sources, newest first; without a reason to be kept, a snapshot goes. */
  readonly groups: readonly {
    readonly judged: readonly { readonly snapshot: SnapshotInfo; readonly reasons: readonly upkeep.KeepReason[] }[];
  }[];
  /** How many are old enough by the clock alone, and stay since this installation has not known them so long. */
  readonly notKnownLong: number;
};

/** What a policy would keep; nothing is changed. */
export async function planRetention(handle: Vault, policy: upkeep.RetentionPolicy): Promise<RetentionPlan> {
  const { vault, ports } = insideOf(handle);
  const { groups, notKnownLong } = await upkeep.planForVault(ports, vault, policy, localOffsetMinutes);
  const infos = new Map(handle.snapshots.map((info) => [info.id, info]));
  const shown = groups.map(({ judged }) => ({
    judged: judged.flatMap(({ snapshot: { id }, reasons }) => {
      const info = infos.get(id);
      return info === undefined ? [] : [{ snapshot: info, reasons }];
    }),
  }));
  return { groups: shown, notKnownLong };
}

/** Bytes at the place that nothing but these snapshots needs; null where that cannot be known. */
export async function freedBytes(
  handle: Vault,
  snapshots: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<number | null> {
  return await upkeep.freedBytes(insideOf(handle).vault, snapshots, signal);
}

export type { KeepReason, RetentionPolicy } from './upkeep/index.ts';

export type SnapshotChange = 'forget' | 'unforget' | 'pin' | 'unpin';

/** What all devices see from now on. `reason` is kept with what is forgotten or pinned. Returns remarks for the person. */
export async function changeSnapshots(
  handle: Vault,
  change: SnapshotChange,
  snapshots: readonly SnapshotId[],
  reason: string,
): Promise<readonly string[]> {
  const { vault, ports } = insideOf(handle);
  return await upkeep.changeSnapshots(vault, ports, { change, snapshots, reason });
}

export type ForgottenInfo = Omit<upkeep.ForgottenSnapshot, 'stored'> & {
  /** Null when nothing is left of it. */
  readonly snapshot: SnapshotInfo | null;
};

/** What is forgotten and not taken back. */
export async function listForgotten(handle: Vault, signal?: AbortSignal): Promise<ForgottenInfo[]> {
  const listed = await upkeep.listForgotten(insideOf(handle).vault, signal);
  return listed.map(({ stored, ...rest }) => ({
    ...rest,
    snapshot: stored === null ? null : snapshot.snapshotInfo(stored, new Set()),
  }));
}

/** What this installation forgot last and was not taken back; empty when there is nothing. The vault is open for writing. */
export async function lastForgotten(handle: Vault): Promise<readonly SnapshotId[]> {
  return await upkeep.lastForgotten(insideOf(handle).vault);
}

/** What a sweep would do now. Making it changes nothing but what this installation remembers. */
export type SweepPlan = Pick<upkeep.PreparedSweep, 'graceDays' | 'notices'> &
  Pick<upkeep.PreparedSweep['plan'], 'amounts' | 'nextInMs'> &
  Pick<upkeep.PreparedSweep['survey'], 'isFirst' | 'doubts'> & {
    /** All packs at the place. */
    readonly present: upkeep.Amount;
    /** Forgotten snapshots of which nothing will be left. */
    readonly snapshots: number;
  };

const preparedSweeps = new WeakMap<SweepPlan, upkeep.PreparedSweep>();

export async function planSweep(
  ports: repository.Ports,
  handle: Vault,
  options: upkeep.SweepOptions,
): Promise<SweepPlan> {
  const prepared = await upkeep.prepareSweep(ports, insideOf(handle).vault, options);
  const { survey, plan, graceDays, notices } = prepared;
  const { list, isFirst, doubts, stale, snapshotKeys } = survey;
  const shown = {
    ...{ graceDays, notices, isFirst, doubts, amounts: plan.amounts, nextInMs: plan.nextInMs },
    present: { packs: list.count, bytes: list.bytes },
    snapshots: stale.filter(({ id }) => snapshotKeys.has(id)).length,
  };
  preparedSweeps.set(shown, prepared);
  return shown;
}

/** The vault needs to be open for reading only: backups of this computer are kept waiting for moments. */
export async function executeSweep(
  ports: repository.Ports,
  handle: Vault,
  plan: SweepPlan,
  options: upkeep.SweepOptions,
): Promise<upkeep.SweepResult> {
  const prepared = preparedSweeps.get(plan);
  if (prepared === undefined) throw new TypeError('a plan that planSweep did not make');
  return await upkeep.executeSweep(ports, insideOf(handle).vault, prepared, options);
}

export type RepairOptions = { readonly dryRun: boolean; readonly signal?: AbortSignal };

/** Only adds: indexes and lists that can be made again. Looks first at what is wrong, without reading all data. */
export async function repairVault(
  ports: repository.Ports,
  handle: Vault,
  options: RepairOptions,
): Promise<repository.RepairResult> {
  const { vault } = insideOf(handle);
  const { signal } = options;
  const check = await checkVault(ports, handle, { readData: 'none', ...(signal ? { signal } : {}) });
  return (await repositoryRoom()).repairVault(vault, ports, check, options);
}

export { endProcess, hasOpenCalls } from './filesystem/index.ts';

/** What a host gives an agent; what all computers have alike is added here. */
export type HostAgentPorts = Omit<AgentPorts, 'watcher' | 'answering' | 'localOffsetMinutes' | 'giveBackMemory'>;

/** The agent's code, which most commands do not need. */
export async function loadAgent(): Promise<(ports: HostAgentPorts, identity: Identity) => Agent> {
  const { createAgent } = await import('./agent/index.ts');
  return (ports, identity) => {
    const answering = createAnswering(ports);
    const watcher = createWatcher({ ...ports, ...identity, answering });
    const giveBackMemory = createMemoryReturn();
    return createAgent({ ...ports, watcher, answering, localOffsetMinutes, giveBackMemory }, identity);
  };
}
