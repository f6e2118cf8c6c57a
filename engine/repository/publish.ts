import {
  assert,
  CofferError,
  concatBytes,
  crashPoint,
  fromHex,
  isCofferError,
  limits,
  type PackId,
  type SnapshotId,
  snapshotId,
  timeOfMs,
  toHex,
} from '../base/index.ts';
import { merkleRoot, sealObject, sha256Hex } from '../crypto/index.ts';
import {
  diffRefs,
  encodeIndex,
  encodeLogEntry,
  encodeRefs,
  encodeSignedLogEntry,
  encodeSnapshot,
  hashBytes,
  type KnownLogEntry,
  keyOfHead,
  keyOfIndex,
  keyOfRefs,
  keyOfSnapshot,
  type LogAction,
  logMessage,
  type Snapshot,
  snapshotPath,
} from '../format/index.ts';
import { assertUnderstood, headsOf, type LogRecord, type Logs, sweptPacks } from './logs.ts';
import type { Vault } from './open-vault.ts';
import type { SealedPack } from './pack-writer.ts';
import type { Ports } from './ports.ts';

/** Names durable packs in index objects, in portions, so that a crash costs little reading afterwards. */
export type IndexWriter = {
  add(pack: SealedPack): void;
  /** Bytes of directories that no index names yet. */
  readonly waitingBytes: number;
  /** All packs so far, once their names are durable; what is added meanwhile is for the next one. */
  write(signal?: AbortSignal): Promise<void>;
  /** Bytes of index objects written. */
  readonly writtenBytes: number;
};

/** The path of a pack that was found in the store. */
export const foundPath = '';

export function createIndexWriter(vault: Vault, ports: Ports): IndexWriter {
  let packs: SealedPack[] = [];
  let waitingBytes = 0;
  let writtenBytes = 0;
  return {
    add(pack) {
      packs.push(pack);
      waitingBytes += pack.directory.length;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get writtenBytes() {
      return writtenBytes;
    },
    async write(signal) {
      if (packs.length === 0) return;
      const areFound = packs.some(({ path }) => path === foundPath);
      const named = packs.map(({ id, type, length, directory }) => ({ pack: id, type, length, directory }));
      packs = [];
      waitingBytes = 0;
      const payload = encodeIndex({ supersedes: [], packs: named });
      const object = { keys: vault.keys, vault: vault.id, kind: 'index', path: 'index' } as const;
      const sealed = sealObject(object, payload, { random: ports.random, level: 1 });
      await (areFound ? vault.store.settle(signal) : vault.store.flush(signal));
      crashPoint('index.written.before');
      await vault.store.put(keyOfIndex(sha256Hex(sealed)), sealed, signal);
      crashPoint('index.written.after');
      writtenBytes += sealed.length;
    },
  };
}

export type SnapshotDraft = Omit<Snapshot, 'device' | 'seq' | 'previous' | 'packs'>;

/**
 * Publishes a snapshot: snapshot, then refs, then the log entry, each after the store confirmed what it names.
 * All packs and indexes are durable before this is called; `isDurable` proves it for each one needed (I1).
 */
export async function publishSnapshot(
  vault: Vault,
  ports: Ports,
  draft: SnapshotDraft,
  needed: {
    readonly packs: ReadonlySet<PackId>;
    readonly isDurable: (pack: PackId) => boolean;
    /** Up to the log entry: whether that was written must be known, or this device would seem to be two. */
    readonly signal?: AbortSignal;
  },
): Promise<{ readonly id: SnapshotId; readonly snapshot: Snapshot; readonly bytes: number }> {
  for (const pack of needed.packs) assert(needed.isDurable(pack), `pack ${pack} is durable before a snapshot names it`);
  const logs = await vault.readLogsAgain();
  assertUnderstood(logs);
  if (isSwept(logs, needed.packs)) throw new CofferError('vault.swept');
  const device = vault.device();
  const own = logs.get(device.device)?.records ?? [];
  const last: LogRecord | undefined = own.at(-1);
  const seq = (last?.entry.seq ?? 0) + 1;
  const sorted = concatBytes([...needed.packs].sort().map((pack) => fromHex(pack)));
  const snapshot: Snapshot = {
    ...draft,
    device: device.device,
    seq,
    previous: previousSnapshot(own),
    packs: { count: needed.packs.size, root: merkleRoot(sorted) },
  };
  const object = {
    keys: vault.keys,
    vault: vault.id,
    kind: 'snapshot',
    path: snapshotPath(device.device, seq),
  } as const;
  const sealed = sealObject(object, encodeSnapshot(snapshot), { random: ports.random, level: 3 });
  const id = snapshotId(sha256Hex(sealed));
  crashPoint('snapshot.written.before');
  await vault.store.put(keyOfSnapshot(device.device, seq, id), sealed, needed.signal);
  crashPoint('snapshot.written.after');
  const refs = planRefs(vault, own, id, sorted);
  const refsHash = sha256Hex(refs.bytes);
  crashPoint('refs.written.before');
  await vault.store.put(keyOfRefs(refsHash), refs.bytes, needed.signal);
  await vault.store.flush(needed.signal);
  crashPoint('refs.written.after');
  const entry = await appendLog(vault, ports, { kind: 'snapshot', snapshot: id, refs: refsHash }, { seq, last });
  crashPoint('head.remembered.before');
  const published = new Map([
    ...logs,
    [device.device, { device: device.device, records: [...own, entry.record], broken: null }],
  ] as const);
  vault.remember(headsOf(published));
  crashPoint('head.remembered.after');
  vault.local.write(refsFile, concatBytes([fromHex(refsHash), Uint8Array.of(refs.depth), sorted]));
  // [Note: who sees whom] A sweep marks, and before it deletes it reads all logs; a run writes its snapshot, and before that
  // counts it reads the marks. So one of the two sees the other, however long either of them slept in between.
  const meanwhile = await vault.readLogsSince(published);
  if (isSwept(meanwhile, needed.packs)) {
    await logChange(vault, ports, { kind: 'forget', snapshots: [id], reason: 'a sweep overtook it' });
    throw new CofferError('vault.swept');
  }
  return { id, snapshot, bytes: sealed.length + refs.bytes.length + entry.bytes };
}

/** Packs that a sweep has marked may be gone at any time; the next run stores anew what it needs of them. */
function isSwept(logs: Logs, packs: ReadonlySet<PackId>): boolean {
  const swept = sweptPacks(logs);
  return [...packs].some((pack) => swept.has(pack));
}

/** The snapshot that this device published last; null: none yet. */
export function newestOwnSnapshot(vault: Vault): SnapshotId | null {
  return previousSnapshot(vault.logs.get(vault.device().device)?.records ?? []);
}

function previousSnapshot(own: readonly LogRecord[]): SnapshotId | null {
  return lastPublished(own)?.snapshot ?? null;
}

function lastPublished(own: readonly LogRecord[]): Extract<LogAction, { kind: 'snapshot' }> | null {
  for (let index = own.length - 1; index >= 0; index--) {
    const action = own[index]?.entry.action;
    if (action?.kind === 'snapshot') return action;
  }
  return null;
}

/** Adds one entry to this device's log and remembers it. The caller has read the logs just before. */
async function appendLog(
  vault: Vault,
  ports: Ports,
  action: KnownLogEntry['action'],
  at: { readonly seq: number; readonly last: LogRecord | undefined },
): Promise<{ readonly record: LogRecord; readonly bytes: number }> {
  const device = vault.device();
  const entry: KnownLogEntry = {
    device: device.device,
    previous: at.last?.hash ?? null,
    requires: [],
    seq: at.seq,
    time: timeOfMs(ports.clock.now()),
    vault: vault.id,
    action,
  };
  const encoded = encodeLogEntry(entry);
  const signature = device.sign(logMessage(encoded));
  const payload = encodeSignedLogEntry({ entry: encoded, publicKey: device.publicKey, signature });
  const key = keyOfHead(device.device, at.seq);
  const sealed = sealObject({ keys: vault.keys, vault: vault.id, kind: 'log', path: key }, payload, {
    random: ports.random,
    level: 1,
  });
  crashPoint('head.advanced.before');
  try {
    await vault.store.put(key, sealed);
  } catch (error) {
    if (!isCofferError(error, 'store.objectExists')) throw error;
    const detail =
      'another computer writes under the same name, as after copying its folder; run this again and it takes a new one';
    throw new CofferError('store.failed', { store: vault.url, detail }, error);
  }
  await vault.store.flush();
  crashPoint('head.advanced.after');
  return { record: { entry, hash: sha256Hex(sealed) }, bytes: sealed.length };
}

/** For entries that are not snapshots. */
export async function logChange(vault: Vault, ports: Ports, action: KnownLogEntry['action']): Promise<void> {
  const logs = await vault.readLogsAgain();
  assertUnderstood(logs);
  const { device } = vault.device();
  const own = logs.get(device)?.records ?? [];
  const last = own.at(-1);
  const { record } = await appendLog(vault, ports, action, { seq: (last?.entry.seq ?? 0) + 1, last });
  vault.remember(headsOf(new Map([...logs, [device, { device, records: [...own, record], broken: null }]])));
}

const refsFile = 'refs';
/** Below this a full list is small enough that a chain would only cost objects to read. */
const refsFullPacks = 256;

/**
 * A list builds only on that of the device's last snapshot: a sweep may delete the lists of all others that are forgotten, and
 * spares the last one of each device.
 */
function planRefs(
  vault: Vault,
  own: readonly LogRecord[],
  snapshot: SnapshotId,
  sorted: Uint8Array,
): { bytes: Uint8Array; depth: number } {
  const full = {
    bytes: encodeRefs({ snapshot, base: null, depth: 0, added: sorted, removed: new Uint8Array(0) }),
    depth: 0,
  };
  const known = vault.local.read(refsFile);
  if (known === null || known.length < hashBytes + 1 || sorted.length <= refsFullPacks * hashBytes) return full;
  const depth = (known[hashBytes] ?? 0) + 1;
  if (depth > limits.refsDepth) return full;
  const base = toHex(known.subarray(0, hashBytes));
  if (base !== lastPublished(own)?.refs) return full;
  const change = diffRefs(known.subarray(hashBytes + 1), sorted);
  const bytes = encodeRefs({ snapshot, base, depth, ...change });
  return bytes.length * 2 < full.bytes.length ? { bytes, depth } : full;
}
