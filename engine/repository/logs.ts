import { CofferError, type DeviceId, isCofferError, type PackId, packId, toHex } from '../base/index.ts';
import { deviceIdOf, openObject, sha256Hex, verifySignature } from '../crypto/index.ts';
import {
  decodeLogEntry,
  decodeSignedLogEntry,
  hashBytes,
  keyOfHead,
  keyPrefixes,
  type LogEntry,
  logMessage,
  parseKey,
} from '../format/index.ts';
import type { VaultCore } from './vault-core.ts';

/** The hash is that of the whole sealed object, which the next entry names. */
export type LogRecord = { readonly entry: LogEntry; readonly hash: string };
export type DeviceLog = {
  readonly device: DeviceId;
  /** Entries that hold together, from the first on. */
  readonly records: readonly LogRecord[];
  /** From here on the log cannot be trusted. */
  readonly broken: { readonly seq: number; readonly reason: string } | null;
};
export type Logs = ReadonlyMap<DeviceId, DeviceLog>;

/**
 * Reads and verifies every device's log (FORMAT.md section 12). What does not hold together is told, never skipped silently.
 * Entries never change, so whoever has read `known` just before reads only what was added to it.
 */
export async function readLogs(core: VaultCore, signal?: AbortSignal, known?: Logs): Promise<Logs> {
  const seqs = new Map<DeviceId, number[]>();
  for await (const key of core.store.listKeys(keyPrefixes.heads, signal)) {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'head') continue;
    const listed = seqs.get(parsed.device) ?? [];
    listed.push(parsed.seq);
    seqs.set(parsed.device, listed);
  }
  const logs = new Map<DeviceId, DeviceLog>();
  for (const [device, listed] of seqs) {
    listed.sort((left, right) => left - right);
    logs.set(device, await readLog(core, device, listed, { known: known?.get(device)?.records ?? [], signal }));
  }
  return logs;
}

async function readLog(
  core: VaultCore,
  device: DeviceId,
  seqs: readonly number[],
  { known, signal }: { readonly known: readonly LogRecord[]; readonly signal: AbortSignal | undefined },
): Promise<DeviceLog> {
  const records: LogRecord[] = [];
  let previous: string | null = null;
  for (const [index, seq] of seqs.entries()) {
    const expected = index + 1;
    if (seq !== expected) return { device, records, broken: { seq: expected, reason: `entry ${expected} is missing` } };
    const before = known[index];
    if (before !== undefined) {
      records.push(before);
      previous = before.hash;
      continue;
    }
    try {
      const sealed = await core.store.get(keyOfHead(device, seq), undefined, signal);
      const hash = sha256Hex(sealed);
      const open = (): LogEntry => openLogEntry(core, device, seq, sealed);
      const entry = core.opened?.recall(core, keyOfHead(device, seq), hash, open) ?? open();
      if (entry.previous !== previous) throw broken('it does not follow the entry before it', device, seq);
      previous = hash;
      records.push({ entry, hash });
    } catch (error) {
      if (!isCofferError(error, 'object.damaged') && !isCofferError(error, 'store.objectMissing')) throw error;
      return { device, records, broken: { seq, reason: String(error.context['reason'] ?? 'it is missing') } };
    }
  }
  return { device, records, broken: null };
}

const broken = (reason: string, device: DeviceId, seq: number): CofferError =>
  new CofferError('object.damaged', { key: keyOfHead(device, seq), reason });

function openLogEntry(core: VaultCore, device: DeviceId, seq: number, sealed: Uint8Array): LogEntry {
  const name = keyOfHead(device, seq);
  const payload = openObject({ keys: core.keys, vault: core.id, kind: 'log', path: name }, sealed, name);
  const signed = decodeSignedLogEntry(payload, name);
  if (deviceIdOf(signed.publicKey) !== device) throw broken('it was signed by another device', device, seq);
  const { publicKey, signature, entry: message } = signed;
  if (!verifySignature({ publicKey, message: logMessage(message), signature }))
    throw broken('its signature is wrong', device, seq);
  const entry = decodeLogEntry(message, name);
  if (entry.vault !== core.id || entry.device !== device || entry.seq !== seq)
    throw broken('it belongs elsewhere', device, seq);
  return entry;
}

/** A writer must not go on where something newer has written. */
export function assertUnderstood(logs: Logs): void {
  for (const record of allRecords(logs)) {
    const { action, requires } = record.entry;
    const [unknown] = requires;
    if (unknown !== undefined) throw new CofferError('vault.newer', { detail: `it needs ${unknown}` });
    if (action.kind === 'unknown')
      throw new CofferError('vault.newer', { detail: `its log has an entry of kind ${action.called}` });
  }
}

export function* allRecords(logs: Logs): Generator<LogRecord> {
  for (const log of logs.values()) yield* log.records;
}

/**
 * Packs that a sweep of any device has marked: absent for every writer. Also where the mark was taken back: a sweep that is under
 * way may not have seen that, and would delete what a new snapshot counts on.
 */
export function sweptPacks(logs: Logs): Set<PackId> {
  const swept = new Set<PackId>();
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind !== 'sweep-mark') continue;
    for (let at = 0; at < entry.action.packs.length; at += hashBytes) {
      swept.add(packId(toHex(entry.action.packs.subarray(at, at + hashBytes))));
    }
  }
  return swept;
}

export type Seen = { readonly seq: number; readonly hash: string };
/** The newest entry of each device that this installation has seen at one place. */
export type SeenHeads = ReadonlyMap<string, Seen>;

export type HeadVerdict =
  | { readonly kind: 'as-remembered' | 'first-seen' }
  /** This device's own log is ahead of its memory: a restored disk image, a clone, an older copy of COFFER_HOME. */
  | { readonly kind: 'own-ahead' }
  | { readonly kind: 'rolled-back'; readonly detail: string };

/** Compares what a place shows with what was seen there before. Pure; the caller decides what to do. */
export function judgeHeads(logs: Logs, seen: SeenHeads, own: DeviceId | null): HeadVerdict {
  for (const [device, last] of seen) {
    const log = [...logs.values()].find((candidate) => candidate.device === device);
    const newest = log?.records.length ?? 0;
    const who = device === own ? 'this computer' : `device ${device.slice(0, 8)}`;
    if (newest < last.seq) {
      if (log?.broken != null && log.broken.seq <= last.seq) {
        return {
          kind: 'rolled-back',
          detail: `entry ${log.broken.seq} of the log of ${who} does not hold (${log.broken.reason})`,
        };
      }
      return { kind: 'rolled-back', detail: `the log of ${who} had ${last.seq} entries and now has ${newest}` };
    }
    if (log?.records[last.seq - 1]?.hash !== last.hash) {
      return { kind: 'rolled-back', detail: `entry ${last.seq} of the log of ${who} is not the one seen before` };
    }
  }
  if (own !== null) {
    const newest = logs.get(own)?.records.length ?? 0;
    const broken = logs.get(own)?.broken ?? null;
    if (newest > (seen.get(own)?.seq ?? 0) || broken !== null) return { kind: 'own-ahead' };
  }
  return { kind: seen.size === 0 ? 'first-seen' : 'as-remembered' };
}

export function headsOf(logs: Logs): Map<string, Seen> {
  const heads = new Map<string, Seen>();
  for (const { device, records } of logs.values()) {
    const last = records.at(-1);
    if (last !== undefined) heads.set(device, { seq: last.entry.seq, hash: last.hash });
  }
  return heads;
}
