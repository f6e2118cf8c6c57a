import { type PackId, packId, toHex } from '../base/index.ts';
import { checkArgon2Cost } from '../crypto/index.ts';
import { hashBytes, keyOfHead, keyOfPack, keyOfRefs, keyOfSnapshot, keyPrefixes } from '../format/index.ts';
import { type Chunks, createChunks } from './check-chunks.ts';
import {
  type CheckOptions,
  type CheckResult,
  createFindingBook,
  type FindingBook,
  sortFindings,
} from './check-findings.ts';
import type { PackToVerify, PackVerdict } from './check-pack.ts';
import { checkPackDirectories } from './check-packs.ts';
import { createRefsReader, fitsSnapshot } from './check-refs.ts';
import { createTreeCheck } from './check-trees.ts';
import { readDevice } from './device.ts';
import { readDistrusted, writeDistrusted } from './distrusted.ts';
import { forgottenSnapshots } from './holding.ts';
import { tryToRemember } from './local-state.ts';
import { allRecords, type Logs, sweptPacks } from './logs.ts';
import type { Vault } from './open-vault.ts';
import type { Ports } from './ports.ts';
import { createReadings, longestUnread, type Readings } from './readings.ts';
import { readSlots } from './slots.ts';
import { readSnapshot, type StoredSnapshot } from './snapshots.ts';
import { listSnapshots, type Unnamed, unnamedSnapshots } from './unnamed.ts';
import { isUnreadable, reasonOf } from './unreadable.ts';
import { type KnownPack, loadIndex, type VaultIndex } from './vault-index.ts';

/** Reads packs whole, on as many threads as it likes; how is the caller's matter. */
export type VerifyPacks = (
  packs: readonly PackToVerify[],
  hear: (verdict: PackVerdict) => void,
  signal?: AbortSignal,
) => Promise<void>;

/** What the parts of a check share. */
type Check = {
  readonly vault: Vault;
  readonly book: FindingBook;
  readonly options: CheckOptions;
  readonly progress: { readonly packs: number; step(bytes: number): void };
};

/** As often as a person can follow. */
const progressEveryMs = 100;

/**
 * Whether everything that the snapshots need is there and whole. Nothing is changed, at the place or in the vault; only this
 * installation remembers which packs were read when, and which were found damaged.
 *
 *     slots, logs ─► snapshots ─► refs against Merkle roots ─► packs listed? ─► directories, or packs read whole
 *     ─► every tree once, every chunk it names ─► the files that suffer
 */
export async function checkVault(
  vault: Vault,
  ports: Ports,
  verify: VerifyPacks,
  options: CheckOptions,
): Promise<CheckResult> {
  const { signal } = options;
  const startedAt = ports.clock.monotonic();
  const book = createFindingBook();
  const index = await loadIndex(vault, { without: new Set(), salvage: true, ...(signal ? { signal } : {}) });
  const listed = await listSnapshots(vault.store, signal);
  const logs = await vault.readLogsAgain();
  await checkSlots(vault, book, signal);
  checkLogs(logs, book);
  const unnamed = unnamedSnapshots(listed, logs, readDevice(vault.local)?.device ?? null);
  noteUnnamed(unnamed, book);
  const figures = { done: 0, total: index.packs.size + vault.snapshots.length, bytes: 0 };
  let shownAt = 0;
  const step = (bytes: number): void => {
    figures.done++;
    figures.bytes += bytes;
    const now = ports.clock.monotonic();
    if (now - shownAt < progressEveryMs && figures.done < figures.total) return;
    shownAt = now;
    options.onProgress?.({ ...figures });
  };
  const check: Check = { vault, book, options, progress: { packs: index.packs.size, step } };
  const snapshots = await checkSnapshots(check, logs);
  const needed = await checkRefs(check, snapshots, unnamed.length === 0);
  const chunks = createChunks(index, book);
  noteAbsent(check, index, chunks, needed);
  const readings = createReadings(vault.local);
  const nowMs = ports.clock.now();
  const bytesRead = await checkPacks(check, index, { chunks, readings, nowMs }, verify);
  chunks.settle();
  const trees = createTreeCheck(index, chunks, book, signal);
  for (const { stored } of snapshots) {
    await trees.walk(stored);
    step(0);
  }
  await trees.nameAffected(snapshots.map(({ stored }) => stored).reverse());
  checkIndexes(check, index);
  weigh(book, index, chunks, needed);
  noteUnused(book, index, needed, sweptPacks(logs));
  const notice = tryToRemember(ports.home, () => {
    writeDistrusted(vault.local, chunks.distrusted);
    readings.save(new Set([...index.packs.values()].map(({ id }) => id)));
  });
  const notices = notice === null || vault.notices.includes(notice) ? [] : [notice];
  const seconds = (ports.clock.monotonic() - startedAt) / 1000;
  const packs = index.packs.size;
  const { affectedFiles } = trees;
  const findings = sortFindings(book.all);
  return { findings, snapshots: snapshots.length, packs, bytesRead, affectedFiles, seconds, notices };
}

async function checkSlots(vault: Vault, book: FindingBook, signal?: AbortSignal): Promise<void> {
  for (const { key, slot } of await readSlots(vault.store, vault.id, signal)) {
    if (slot === null) {
      book.add('damaged', key, 'this key slot is damaged; its secret does not open the vault any more, others do');
    } else if (slot.kind === 'passphrase') {
      try {
        checkArgon2Cost(slot.cost, key);
      } catch {
        book.add('damaged', key, 'this key slot asks for work outside the safe limits and is never used');
      }
    }
  }
}

function checkLogs(logs: Logs, book: FindingBook): void {
  for (const { device, broken } of logs.values()) {
    if (broken === null) continue;
    const detail = `${broken.reason}; what this device wrote from there on is not trusted and not shown`;
    book.add('log', keyOfHead(device, broken.seq), detail);
  }
}

function noteUnnamed(unnamed: readonly Unnamed[], book: FindingBook): void {
  for (const { device, count, isLogThere } of unnamed) {
    const what = count === 1 ? 'a snapshot is here' : `${count} snapshots are here`;
    const why = isLogThere ? 'whose log entries are missing' : 'while the log of this device is missing';
    const detail = `${what} ${why}; not shown, and not checked. Put back the folder heads from another copy, or read them with: node coffer-restore.mjs --untrusted`;
    book.add('log', `${keyPrefixes.snapshots}${device}`, detail);
  }
}

type NamedSnapshot = { readonly stored: StoredSnapshot; readonly refs: string };

async function checkSnapshots({ vault, book, options }: Check, logs: Logs): Promise<NamedSnapshot[]> {
  const forgotten = forgottenSnapshots(logs);
  const snapshots: NamedSnapshot[] = [];
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind !== 'snapshot' || forgotten.has(entry.action.snapshot)) continue;
    const { snapshot: id, refs } = entry.action;
    const named = { device: entry.device, seq: entry.seq, id };
    const key = keyOfSnapshot(entry.device, entry.seq, id);
    try {
      snapshots.push({ stored: { id, key, snapshot: await readSnapshot(vault, named, options.signal) }, refs });
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const kind = error.code === 'store.objectMissing' ? 'missing' : 'damaged';
      book.add(
        kind,
        key,
        `${reasonOf(error)}; what is in this snapshot cannot be told, other snapshots are not affected`,
      );
    }
  }
  return snapshots.sort(
    (left, right) => left.stored.snapshot.finished.seconds - right.stored.snapshot.finished.seconds,
  );
}

/** The packs that snapshots need; not complete where a list or a log cannot be had, so that nothing may count as unneeded. */
type Needed = { readonly packs: ReadonlySet<PackId>; readonly isComplete: boolean };

async function checkRefs(
  { vault, book, options }: Check,
  snapshots: readonly NamedSnapshot[],
  allNamed: boolean,
): Promise<Needed> {
  const reader = createRefsReader(vault, options.signal);
  const packs = new Set<PackId>();
  let isComplete = allNamed;
  for (const { stored, refs } of snapshots) {
    const key = keyOfRefs(refs);
    let list: Uint8Array | null = null;
    let fault = 'it does not fit the snapshot';
    let kind: 'missing' | 'damaged' = 'damaged';
    try {
      const read = await reader.list(refs);
      if (fitsSnapshot(read, stored.snapshot)) list = read;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      fault =
        error.context['key'] === key
          ? reasonOf(error)
          : `one it builds on cannot be read (${String(error.context['key'])})`;
      if (error.code === 'store.objectMissing') kind = 'missing';
    }
    if (list === null) {
      const other = await reader.standIn(stored.id, stored.snapshot, refs);
      const what = `the list of packs of snapshot ${stored.id.slice(0, 8)}: ${fault}`;
      if (other === null) book.add(kind, key, `${what}; its files can be read without it`);
      else book.add('unused', key, `${what}; ${other.key} stands in for it`);
      list = other?.packs ?? null;
      isComplete &&= list !== null;
    }
    for (let at = 0; list !== null && at < list.length; at += hashBytes) {
      packs.add(packId(toHex(list.subarray(at, at + hashBytes))));
    }
  }
  return { packs, isComplete };
}

/** Packs that snapshots need and the place does not list, and packs that nobody can describe. */
function noteAbsent({ book }: Check, index: VaultIndex, chunks: Chunks, needed: Needed): void {
  const unreadable = new Map(index.damaged.map(({ key, reason }) => [key, reason]));
  for (const pack of needed.packs) {
    if (index.numberOf(pack) !== undefined || unreadable.has(keyOfPack(pack))) continue;
    book.add('missing', keyOfPack(pack), 'this pack is missing');
  }
  for (const { pack, directory } of index.missing) {
    // What no snapshot names was swept, or never got a snapshot.
    if (needed.packs.has(pack) || !needed.isComplete) {
      chunks.gone(pack, directory, book.add('missing', keyOfPack(pack), 'this pack is missing'));
    }
  }
  for (const [key, reason] of unreadable) {
    if (key.startsWith(keyPrefixes.packs)) book.add('damaged', key, reason);
  }
}

/** Reads what the options ask for, and whatever is suspicious; returns the bytes read. */
async function checkPacks(
  { vault, book, options, progress }: Check,
  index: VaultIndex,
  { chunks, readings, nowMs }: { readonly chunks: Chunks; readonly readings: Readings; readonly nowMs: number },
  verify: VerifyPacks,
): Promise<number> {
  const { readData, sharePercent = 10, signal } = options;
  const all = [...index.packs.values()];
  const share = readData === 'all' ? 1 : readData === 'none' ? 0 : sharePercent / 100;
  const whole = new Set<KnownPack>(share === 0 ? [] : longestUnread(all, readings, share));
  const suspicious = readDistrusted(vault.local);
  for (const { key } of index.damaged) {
    if (key.startsWith(keyPrefixes.packs)) suspicious.add(packId(key.slice(key.lastIndexOf('/') + 1)));
  }
  for (const pack of all) if (suspicious.has(pack.id)) whole.add(pack);
  await checkPackDirectories(
    vault,
    all.filter((pack) => !whole.has(pack)),
    {
      fault: (pack) => void whole.add(pack),
      checked: () => progress.step(0),
      ...(signal ? { signal } : {}),
    },
  );
  let bytesRead = 0;
  const hear = (verdict: PackVerdict): void => {
    bytesRead += verdict.bytesRead;
    progress.step(verdict.bytesRead);
    readings.note(verdict.pack, verdict.reason === null ? 'whole' : 'damaged', nowMs);
    if (verdict.reason !== null) chunks.judge(verdict, book.add('damaged', keyOfPack(verdict.pack), verdict.reason));
  };
  await verify(
    [...whole].map(({ id, length, encoded }) => ({ pack: id, length, directory: encoded })),
    hear,
    signal,
  );
  return bytesRead;
}

/** Indexes only make opening quick; one that is damaged costs nothing but time, and a repair replaces it. */
function checkIndexes({ book }: Check, index: VaultIndex): void {
  for (const { key, reason } of index.damaged) {
    if (!key.startsWith(keyPrefixes.indexes)) continue;
    if (index.superseded.has(key.slice(keyPrefixes.indexes.length)))
      book.add('unused', key, `${reason}; others stand in for it`);
    else book.add('damaged', key, `${reason}; no data is affected, coffer repair writes it anew`);
  }
  const unnamed = [...index.packs.values()].filter((pack) => !pack.indexed);
  if (unnamed.length === 0) return;
  book.add('unused', 'index', `${unnamed.length} packs are named by no index; coffer repair writes one`);
}

/** A pack that nobody needs, or all of whose content stands whole elsewhere, is worth knowing about and no loss. */
function weigh(book: FindingBook, index: VaultIndex, chunks: Chunks, needed: Needed): void {
  const onlyCopies = chunks.onlyCopies();
  const missing = new Set(index.missing.map(({ pack }) => pack));
  for (const [number, finding] of book.all.entries()) {
    if (!finding.key.startsWith(keyPrefixes.packs) || finding.fileCount > 0) continue;
    const pack = packId(finding.key.slice(finding.key.lastIndexOf('/') + 1));
    if (needed.isComplete && !needed.packs.has(pack)) {
      finding.kind = 'unused';
      finding.detail = `${finding.detail}; no snapshot needs this pack`;
    } else if ((missing.has(pack) || index.numberOf(pack) !== undefined) && !onlyCopies.has(number)) {
      finding.kind = 'unused';
      finding.detail = `${finding.detail}; all that it held stands whole in other packs`;
    }
  }
}

function noteUnused(book: FindingBook, index: VaultIndex, needed: Needed, swept: ReadonlySet<PackId>): void {
  if (!needed.isComplete) return;
  const loose = { count: 0, bytes: 0 };
  const marked = { count: 0, bytes: 0 };
  for (const { id, length } of index.packs.values()) {
    if (needed.packs.has(id)) continue;
    const kind = swept.has(id) ? marked : loose;
    kind.count++;
    kind.bytes += length;
  }
  const say = ({ count, bytes }: typeof loose, what: string): void => {
    if (count > 0) book.add('unused', 'packs', `${count} packs with ${bytes} bytes ${what}`);
  };
  say(loose, 'belong to no snapshot that is shown; the next backup uses what it can of them');
  say(marked, 'are marked by a sweep, and go when their grace is over');
}
