import { assert, CofferError, concatBytes, isCofferError, msOfTime, utf8, type VaultId } from '../base/index.ts';
import { deriveKeys, loadIdHasher, openObject, type SigningKey, sha256 } from '../crypto/index.ts';
import { type FileLock, makeFolders } from '../filesystem/index.ts';
import {
  configHeaderBytes,
  configKey,
  decodeConfigBody,
  decodeConfigHeader,
  decodeConfigVersions,
  isConfig,
  keyOfSnapshot,
  keyPrefixes,
  needsNewerReader,
} from '../format/index.ts';
import type { Store } from '../storage/index.ts';
import { createDevice, forgetDevice, placesSeen, readDevice, readSeen, spoolOwner, writeSeen } from './device.ts';
import { forgottenSnapshots } from './holding.ts';
import {
  createLocalState,
  folderOfVault,
  type LocalState,
  lockVault,
  stateOfPlace,
  tryToRemember,
} from './local-state.ts';
import { headsOf, judgeHeads, type Logs, readLogs, type SeenHeads } from './logs.ts';
import { type Ports, storeOf } from './ports.ts';
import { type KeptKey, readSlots, type Secret, type StoredSlot, unlock } from './slots.ts';
import { readSnapshot, type StoredSnapshot } from './snapshots.ts';
import { listSnapshots, unnamedSnapshots } from './unnamed.ts';
import { isUnreadable } from './unreadable.ts';
import type { VaultCore } from './vault-core.ts';

export type Opening = {
  readonly store: string;
  /**
   * Asked for only once the store was found to hold a vault, so that a wrong path never prompts. The id is as public as
   * the place; nothing has proven it yet.
   */
  readonly secret: (vault: VaultId) => Promise<Secret | KeptKey>;
  readonly acceptRollback?: boolean;
  /** `write` takes this installation's writer lock for the vault. */
  readonly mode: 'read' | 'write';
  readonly waitForLock?: boolean;
  /** Who holds the lock, in words for whoever meets it. */
  readonly holder?: string;
  readonly signal?: AbortSignal;
};

export type Vault = VaultCore & {
  readonly url: string;
  readonly logs: Logs;
  /** What this installation keeps of the vault at this place. */
  readonly local: LocalState;
  /** The slot that opened it. */
  readonly slotKey: string;
  readonly rootKey: Uint8Array;
  readonly snapshots: readonly StoredSnapshot[];
  /** Calm remarks for the person, in words. */
  readonly notices: readonly string[];
  /** Prefix of this installation's files in the spool. */
  readonly spoolOwner: string;
  /** This device's key; made on first use, and anew where the old identity may be in use elsewhere. */
  device(): SigningKey;
  remember(seen: SeenHeads): void;
  readLogsAgain(): Promise<Logs>;
  /** What was added to logs that were read just before. */
  readLogsSince(known: Logs): Promise<Logs>;
  /**
   * For who reads for long and writes little: takes this installation's writer lock for `work`, which gets the vault as its
   * place shows it then.
   */
  toWrite<Result>(work: (vault: Vault) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

/** Between two tries for the writer's lock. */
const lockRetryMs = 200;

export async function openVault(ports: Ports, opening: Opening): Promise<Vault> {
  const owner = spoolOwner(ports.home, sha256);
  const store = await storeOf(ports, opening.store, owner);
  let lock: FileLock | null = null;
  try {
    const config = await readConfig(store);
    const header = readHeader(config, store);
    const folder = folderOfVault(ports.home, header.vault);
    if (opening.mode === 'write') lock = await takeLock(ports, folder, opening);
    const slots = await readSlots(store, header.vault, opening.signal);
    const unlocked = await unlockCore(store, config, slots, await opening.secret(header.vault));
    const { slotKey, rootKey } = unlocked;
    const { fileSystem, random, opened } = ports;
    const core = { ...unlocked.core, ...(opened && { opened }) };
    const known = createLocalState({ folder, vault: core.id, key: core.keys.head, fileSystem, random });
    const remember = rememberingFor(ports, opening);
    remember.try(() => makeFolders(fileSystem, folder));
    return await assemble(ports, opening, { core, known, remember, slotKey, rootKey, owner, lock });
  } catch (error) {
    lock?.release();
    await store.close();
    throw error;
  }
}

/** Which vault a place holds, without a secret. */
export async function readVaultId(ports: Ports, url: string): Promise<VaultId> {
  const store = await storeOf(ports, url, spoolOwner(ports.home, sha256));
  try {
    return readHeader(await readConfig(store), store).vault;
  } finally {
    await store.close();
  }
}

async function readConfig(store: Store): Promise<Uint8Array> {
  try {
    return await store.get(configKey);
  } catch (error) {
    if (!isCofferError(error, 'store.objectMissing')) throw error;
    throw new CofferError(
      (await hasPacks(store)) ? 'vault.configMissing' : 'vault.notFound',
      { store: store.url },
      error,
    );
  }
}

async function hasPacks(store: Store): Promise<boolean> {
  for await (const _ of store.listKeys(keyPrefixes.packs)) return true;
  return false;
}

function readHeader(config: Uint8Array, store: Store): ReturnType<typeof decodeConfigHeader> {
  if (!isConfig(config)) throw new CofferError('vault.notAVault', { store: store.url });
  try {
    const versions = decodeConfigVersions(config);
    if (needsNewerReader(versions)) throw new CofferError('vault.newer', { detail: `format ${versions.minReader}` });
    return decodeConfigHeader(config);
  } catch (error) {
    if (isCofferError(error, 'vault.newer')) throw error;
    throw new CofferError('vault.configDamaged', { store: store.url }, error);
  }
}

async function unlockCore(
  store: Store,
  config: Uint8Array,
  slots: readonly StoredSlot[],
  secret: Secret | KeptKey,
): Promise<{ core: VaultCore; slotKey: string; rootKey: Uint8Array }> {
  const header = decodeConfigHeader(config);
  const { rootKey, key } = await unlock(slots, header.vault, secret);
  const keys = deriveKeys(rootKey, header.vault);
  const clear = config.subarray(0, configHeaderBytes);
  try {
    const path = concatBytes([utf8(configKey), clear]);
    const payload = openObject(
      { keys, vault: header.vault, kind: 'config', path },
      config.subarray(configHeaderBytes),
      configKey,
    );
    const { chunker, treeChunker, level, created } = decodeConfigBody(payload);
    const { version, idAlgorithm } = header;
    const idOf = await loadIdHasher(idAlgorithm, keys.chunkId);
    const params = { version, idAlgorithm, chunker, treeChunker, level, created };
    return { core: { id: header.vault, store, keys, params, idOf }, slotKey: key, rootKey };
  } catch (error) {
    if (isCofferError(error, 'object.damaged'))
      throw new CofferError('vault.configDamaged', { store: store.url }, error);
    throw error;
  }
}

async function takeLock(ports: Ports, folder: string, opening: Opening): Promise<FileLock> {
  for (;;) {
    try {
      return lockVault(ports.fileSystem, folder, opening.holder ?? 'another command');
    } catch (error) {
      if (opening.waitForLock !== true || !isCofferError(error, 'vault.busy')) throw error;
      await ports.clock.sleep(lockRetryMs, opening.signal);
    }
  }
}

type Remembering = {
  try(work: () => void): void;
  readonly notices: readonly string[];
};

/** A writer must remember what it does; a reader that cannot goes on, and tells it once. */
function rememberingFor(ports: Ports, { mode }: Opening): Remembering {
  const notices = new Set<string>();
  return {
    try(work) {
      if (mode === 'write') return work();
      const notice = tryToRemember(ports.home, work);
      if (notice !== null) notices.add(notice);
    },
    get notices() {
      return [...notices];
    },
  };
}

type Parts = {
  readonly core: VaultCore;
  readonly remember: Remembering;
  /** Of the vault at all places. */
  readonly known: LocalState;
  readonly slotKey: string;
  readonly rootKey: Uint8Array;
  readonly owner: string;
  readonly lock: FileLock | null;
};

async function assemble(ports: Ports, opening: Opening, parts: Parts): Promise<Vault> {
  const { core, known, lock } = parts;
  const { url } = core.store;
  const local = stateOfPlace(known, url);
  const notices: string[] = [];
  // Before the logs: what another command publishes and remembers meanwhile must not look as if it had been taken away.
  const seen = readSeen(known, url);
  const logs = await readLogs(core, opening.signal);
  const remembered = readDevice(local);
  let device = remembered;
  const verdict = judgeHeads(logs, seen, device?.device ?? null);
  if (verdict.kind === 'rolled-back') {
    if (opening.acceptRollback !== true)
      throw new CofferError('vault.rolledBack', { store: url, detail: verdict.detail });
    notices.push('The older state of this place was accepted. This computer goes on under a new device name.');
    device = null;
  } else if (verdict.kind === 'own-ahead' && opening.mode === 'write') {
    // To a reader it is nothing: most likely a backup of this computer is running beside it.
    // [Note: new device id] Two writers under one id would fork its log; a fresh id costs nothing.
    notices.push(
      'The vault knows newer entries of this computer than it remembers itself, as after a restored disk or a copied folder. It goes on under a new device name; all snapshots stay.',
    );
    device = null;
  } else if (verdict.kind === 'first-seen' && logs.size > 0) {
    notices.push(...noticeOfCopy(placesSeen(known), url));
  }
  if (logs.size === 0) notices.push(...(await noticeOfLostLogs(core, local, opening.signal)));
  for (const log of logs.values()) {
    if (log.broken !== null) {
      notices.push(
        `The log of device ${log.device.slice(0, 8)} does not hold together from entry ${log.broken.seq} on: ${log.broken.reason}. Snapshots after it are not shown.`,
      );
    }
  }
  if (verdict.kind !== 'own-ahead' || opening.mode === 'write') {
    // What is remembered must not be taken back by a power cut: a run that died may have left an entry that is not durable.
    if (opening.mode === 'write' && hasNews(headsOf(logs), seen)) await core.store.settle(opening.signal);
    parts.remember.try(() => {
      if (device === null && remembered !== null) forgetDevice(local);
      writeSeen(known, url, headsOf(logs), { evenIfOlder: verdict.kind === 'rolled-back' });
    });
  }
  notices.push(...parts.remember.notices);
  const snapshots = await readSnapshots(core, logs, notices, opening.signal);
  return {
    ...core,
    url,
    logs,
    local,
    slotKey: parts.slotKey,
    rootKey: parts.rootKey,
    snapshots,
    notices,
    spoolOwner: parts.owner,
    device: () => (device ??= createDevice(local, ports.random)),
    remember: (seen) => writeSeen(known, url, seen),
    readLogsAgain: () => readLogs(core, opening.signal),
    readLogsSince: (before) => readLogs(core, opening.signal, before),
    async toWrite(work) {
      assert(opening.mode === 'read', 'a vault that holds no lock yet');
      const writing = { ...opening, mode: 'write' } as const;
      const held = await takeLock(ports, known.folder, writing);
      try {
        return await work(
          await assemble(ports, writing, { ...parts, remember: rememberingFor(ports, writing), lock: held }),
        );
      } finally {
        held.release();
      }
    },
    async close() {
      lock?.release();
      await core.store.close();
    },
  };
}

function hasNews(heads: SeenHeads, seen: SeenHeads): boolean {
  return [...heads].some(([device, { seq }]) => seq > (seen.get(device)?.seq ?? 0));
}

/** A vault whose logs are gone looks like a new one. */
async function noticeOfLostLogs(core: VaultCore, local: LocalState, signal?: AbortSignal): Promise<string[]> {
  const listed = await listSnapshots(core.store, signal);
  if (listed.size === 0) return [];
  // Read once more, behind the snapshots: what another command publishes meanwhile is no loss.
  const logs = await readLogs(core, signal);
  if (unnamedSnapshots(listed, logs, readDevice(local)?.device ?? null).length === 0) return [];
  return [
    'Snapshots are at this place, but no log that names them: the folder "heads" seems to be lost. They are not shown, and a backup begins a new history. Put "heads" back from another copy if there is one; without it they can be read with: node coffer-restore.mjs --untrusted',
  ];
}

function noticeOfCopy(places: readonly string[], url: string): string[] {
  const other = places.findLast((place) => place !== url);
  if (other === undefined || places.includes(url)) return [];
  return [
    `This computer knows this vault from ${other} and sees it at ${url} for the first time. If it was moved, all is as before; if it was copied, a backup to one of the two does not reach the other.`,
  ];
}

/**
 * Snapshots that logs name and nobody has forgotten, oldest first. One that cannot be read is told. Those of one device come in
 * the order of its log, whatever its clock was set to meanwhile: what it wrote last is the newest.
 */
async function readSnapshots(
  core: VaultCore,
  logs: Logs,
  notices: string[],
  signal?: AbortSignal,
): Promise<StoredSnapshot[]> {
  const forgotten = forgottenSnapshots(logs);
  const dated: { readonly stored: StoredSnapshot; readonly at: number }[] = [];
  for (const { device, records } of logs.values()) {
    let at = Number.NEGATIVE_INFINITY;
    for (const { entry } of records) {
      if (entry.action.kind !== 'snapshot' || forgotten.has(entry.action.snapshot)) continue;
      const id = entry.action.snapshot;
      const key = keyOfSnapshot(device, entry.seq, id);
      try {
        const stored = { id, snapshot: await readSnapshot(core, { device, seq: entry.seq, id }, signal), key };
        at = Math.max(at, msOfTime(stored.snapshot.finished));
        dated.push({ stored, at });
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        notices.push(`Snapshot ${id.slice(0, 8)} cannot be read. All others can. Run: coffer check`);
      }
    }
  }
  return dated
    .sort((left, right) => left.at - right.at || left.stored.snapshot.seq - right.stored.snapshot.seq)
    .map(({ stored }) => stored);
}
