import { type DeviceId, fromHex, type SnapshotId } from '../../base/index.ts';
import { hashBytes, keyPrefixes, parseKey } from '../../format/index.ts';
import {
  assertUnderstood,
  createRefsReader,
  isUnreadable,
  type Logs,
  type Ports,
  readDevice,
  readDistrusted,
  readRefs,
  readSnapshot,
  unnamedSnapshots,
  type Vault,
} from '../../repository/index.ts';
import { observeVault } from '../observe-vault.ts';
import { createFirstSeen } from './first-seen.ts';
import { type Forgotten, type History, historyOf, type Published } from './history.ts';
import { createNeeds, type Named, type Needs } from './needs.ts';
import { createPackBits, type PackBits } from './pack-bits.ts';
import { listPacks, type PackList } from './pack-list.ts';
import type { SweepFacts } from './plan.ts';

/** All that a sweep knows when it decides. */
export type Survey = SweepFacts & {
  readonly history: History;
  /** Forgotten for longer than the grace: what only these need may go, and so may they. */
  readonly stale: readonly Forgotten[];
  /** Snapshots that lie at the place, by id. */
  readonly snapshotKeys: ReadonlyMap<SnapshotId, string>;
  /** Lists of packs that something builds on, or may; null where that cannot be told. */
  readonly refsNeeded: ReadonlySet<string> | null;
  /** Why nothing may be marked or deleted, in words. Empty: nothing speaks against it. */
  readonly doubts: readonly string[];
  /** Counting begins with this look. */
  readonly isFirst: boolean;
  /** Packs that no snapshot names, and since when: to be remembered. */
  readonly unnamedSeen: Uint8Array;
};

export type SurveyOptions = {
  readonly graceMs: number;
  /**
   * For another look at the logs, right before something is deleted: the packs as they were listed before. What a forgotten
   * snapshot needs may go only once a sweep has said so in its log.
   */
  readonly again?: { readonly list: PackList };
  readonly signal?: AbortSignal;
};

export const unnamedFile = 'sweep-unnamed';

/**
 * Looks at everything that could speak against deleting. In this order, so that what other computers do meanwhile is seen or
 * does not matter: the snapshots that lie there, the logs, the packs, the lists of packs that the logs name.
 */
export async function surveyVault(ports: Ports, vault: Vault, options: SurveyOptions): Promise<Survey> {
  const { graceMs, signal } = options;
  const lying = await listSnapshotObjects(vault, signal);
  const logs = await vault.readLogsAgain();
  assertUnderstood(logs);
  const list = options.again?.list ?? (await listPacks(vault.store, signal));
  const history = historyOf(logs);
  const { now, isFirst, ageOf } = observeVault(ports, vault, logs, { always: true });
  const stale = history.forgotten.filter(
    ({ id, said }) =>
      said.every((entry) => ageOf(entry) >= graceMs) && (options.again === undefined || history.given.has(id)),
  );
  const reading = { vault, list, lying: lying.keys, signal, doubts: doubtsOfLogs(vault, logs, history, lying.seqs) };
  const needs = createNeeds(list, (hash) => readRefs(vault, hash, signal));
  const { needed, kept } = await readNeeds(reading, needs, history, new Set(stale), options.again === undefined);
  const refsNeeded = await refsInUse(needs, history);
  const named = await namedByAny(needs, kept, stale);
  const marks = history.marks.map(({ entry, packs }) => ({ packs, ageMs: ageOf(entry) }));
  const unnamed = createFirstSeen(vault.local.read(unnamedFile), now);
  return {
    ...{ list, needed, kept, named, marks, history, stale, refsNeeded },
    snapshotKeys: lying.keys,
    doubts: reading.doubts,
    unnamedAgeMs: (pack) => unnamed.ageMs(list.hashes, pack * hashBytes),
    isFirst,
    unnamedSeen: unnamed.keep(hashesOfOthers(list, knownPacks(list, named, history))),
  };
}

type Lying = {
  readonly keys: ReadonlyMap<SnapshotId, string>;
  readonly seqs: ReadonlyMap<DeviceId, readonly number[]>;
};

async function listSnapshotObjects(vault: Vault, signal?: AbortSignal): Promise<Lying> {
  const keys = new Map<SnapshotId, string>();
  const seqs = new Map<DeviceId, number[]>();
  for await (const key of vault.store.listKeys(keyPrefixes.snapshots, signal)) {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'snapshot') continue;
    keys.set(parsed.snapshot, key);
    seqs.set(parsed.device, [...(seqs.get(parsed.device) ?? []), parsed.seq]);
  }
  return { keys, seqs };
}

/** Whose log is not whole may have published what nobody knows of. */
function doubtsOfLogs(vault: Vault, logs: Logs, history: History, seqs: Lying['seqs']): string[] {
  const doubts: string[] = [];
  if (logs.size === 0) doubts.push('no device’s log is there');
  for (const { device, broken } of logs.values()) {
    if (broken !== null)
      doubts.push(`the log of device ${device.slice(0, 8)} is broken from entry ${broken.seq} on (${broken.reason})`);
  }
  for (const { device } of unnamedSnapshots(seqs, logs, readDevice(vault.local)?.device ?? null))
    doubts.push(`snapshots of device ${device.slice(0, 8)} are there that no log names`);
  if (doubts.length === 0 && history.live.length === 0) doubts.push('not one snapshot is left to keep anything for');
  return doubts;
}

type Reading = {
  readonly vault: Vault;
  readonly list: PackList;
  readonly lying: Lying['keys'];
  readonly doubts: string[];
  readonly signal: AbortSignal | undefined;
};

async function readNeeds(
  reading: Reading,
  needs: Needs,
  { live, forgotten, given }: History,
  stale: ReadonlySet<Forgotten>,
  isListingNew: boolean,
): Promise<{ readonly needed: PackBits; readonly kept: PackBits }> {
  const { list, doubts, lying } = reading;
  const needed = createPackBits(list.count);
  const absent = new Set<string>();
  for (const one of live) {
    // Taken back too late: a sweep has given it up and deleted it.
    if (given.has(one.id) && !lying.has(one.id)) continue;
    const named = await namedBy(reading, needs, one);
    if (named === null) continue;
    needed.addAll(named.packs);
    for (const name of named.absent) absent.add(name);
  }
  if (isListingNew && absent.size > 0)
    doubts.push(`${absent.size} packs that snapshots need are missing, and what would go may hold what was in them`);
  if (hasDistrusted(reading, needed))
    doubts.push('packs that snapshots need were found damaged, and what would go may hold what was in them');
  const kept = needed.copy();
  for (const one of forgotten) {
    // One that is not there any more cannot come back, whatever became of what this installation remembers.
    if (stale.has(one) || !lying.has(one.id)) continue;
    const named = await namedBy(reading, needs, one);
    if (named !== null) kept.addAll(named.packs);
  }
  return { needed, kept };
}

/** Null, and a doubt, where nobody can tell. */
async function namedBy({ vault, doubts, signal }: Reading, needs: Needs, published: Published): Promise<Named | null> {
  const { id, device, seq, refs } = published;
  try {
    return await needs.named(refs);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  try {
    const snapshot = await readSnapshot(vault, { device, seq, id }, signal);
    const other = await createRefsReader(vault, signal).standIn(id, snapshot, refs);
    if (other !== null) return needs.namedIn(other.packs);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  doubts.push(`the list of the packs that snapshot ${id.slice(0, 8)} needs cannot be read`);
  return null;
}

function hasDistrusted({ vault, list }: Reading, needed: PackBits): boolean {
  for (const pack of readDistrusted(vault.local)) {
    const number = list.find(fromHex(pack), 0);
    if (number >= 0 && needed.has(number)) return true;
  }
  return false;
}

/** After the lists of what stays were read; also those on which a device may be building just now. */
async function refsInUse(needs: Needs, { lastRefs }: History): Promise<ReadonlySet<string> | null> {
  try {
    for (const hash of lastRefs) await needs.named(hash);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
  return new Set(needs.read);
}

async function namedByAny(needs: Needs, kept: PackBits, stale: readonly Forgotten[]): Promise<PackBits> {
  const named = kept.copy();
  for (const { refs } of stale) {
    try {
      named.addAll((await needs.named(refs)).packs);
    } catch (error) {
      // What only it names counts as named by none, and goes later.
      if (!isUnreadable(error)) throw error;
    }
  }
  return named;
}

function knownPacks(list: PackList, named: PackBits, { marks }: History): PackBits {
  const known = named.copy();
  for (const { packs } of marks) {
    for (let at = 0; at < packs.length; at += hashBytes) {
      const pack = list.find(packs, at);
      if (pack >= 0) known.add(pack);
    }
  }
  return known;
}

function hashesOfOthers(list: PackList, known: PackBits): Uint8Array {
  const loose: number[] = [];
  for (let pack = 0; pack < list.count; pack++) if (!known.has(pack)) loose.push(pack);
  const hashes = new Uint8Array(loose.length * hashBytes);
  for (const [at, pack] of loose.entries())
    hashes.set(list.hashes.subarray(pack * hashBytes, (pack + 1) * hashBytes), at * hashBytes);
  return hashes;
}
