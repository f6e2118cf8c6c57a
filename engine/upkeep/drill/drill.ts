import { CofferError, limits, msOfTime } from '../../base/index.ts';
import { withLongPaths } from '../../filesystem/index.ts';
import {
  loadIndex,
  type Ports,
  readDevice,
  tryToRemember,
  type Vault,
  type VaultIndex,
} from '../../repository/index.ts';
import { executeRestore, planRestore, type RestoreResult } from '../../snapshot/index.ts';
import { type Choosing, chooseSample, newestSnapshot, type Part } from './choose.ts';
import { type Comparing, compareFile } from './compare.ts';
import { filesOf, type SnapshotFile } from './files.ts';
import { type DrillFailure, type DrillReport, type KeptReport, keepReport, signReport } from './report.ts';
import { createRest } from './rest.ts';
import { type DrillRoom, makeRoom, removeLeftRooms } from './room.ts';

export type DrillOptions = {
  /** How many files; `full`: everything that the newest snapshot has. */
  readonly reach: { readonly kind: 'sample'; readonly files: number } | { readonly kind: 'full' };
  /** Where to restore to; else below COFFER_HOME. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** At most ten times a second. */
  readonly onProgress?: (progress: DrillProgress) => void;
};

export type DrillProgress =
  | { readonly phase: 'choosing'; readonly looked: number }
  | { readonly phase: 'restoring'; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly phase: 'comparing'; readonly done: number; readonly total: number };

export type DrillResult = KeptReport & {
  /** Calm remarks for the person, in words. */
  readonly notices: readonly string[];
};

/** What a sample restores at most: seconds from a disk, and bearable over a line. */
const sampleBytesMost = 1024 * 1024 * 1024;
/** What stays free on the disk that is restored to. */
const spareBytes = 512 * 1024 * 1024;
/** What a small file takes on most disks. */
const fileBytesLeast = 4096;
const failuresListed = 1000;
/** As often as a person can follow. */
const progressEveryMs = 100;

/**
 * Restores files as a person would, into a folder of its own, compares them, and removes them.
 *
 *     leftovers of a killed drill removed ─► files drawn ─► room on the disk? ─► private folder ─► restored
 *     ─► each read back: the ids of its chunks, and the file here where it is unchanged ─► folder removed ─► report signed, kept
 */
export async function drillVault(vault: Vault, ports: Ports, options: DrillOptions): Promise<DrillResult> {
  const startedAt = ports.clock.monotonic();
  const atMs = ports.clock.now();
  await removeLeftRooms(ports);
  const { signal, reach } = options;
  const newest = newestSnapshot(vault);
  if (newest === null) throw new CofferError('snapshot.none', { store: vault.url });
  const index = await loadIndex(vault, { without: new Set(), salvage: true, ...(signal ? { signal } : {}) });
  const tally = createTally();
  const tell = progressOf(ports, options);
  const room = await makeRoom(ports, options.folder ?? null);
  const parts: Part[] = [];
  try {
    const free = ports.fileSystem.freeBytes(room.files) - spareBytes;
    const choosing: Choosing = {
      ...{ vault, index, clock: ports.clock, random: ports.random, damaged: tally.damaged },
      onLooked: (looked) => tell({ phase: 'choosing', looked }),
      ...(signal ? { signal } : {}),
    };
    if (reach.kind === 'full') parts.push({ stored: newest, files: 'all' });
    else {
      const bytesMost = Math.min(sampleBytesMost, free - reach.files * fileBytesLeast);
      assertRoom(room, bytesMost, 1);
      parts.push(...(await chooseSample(choosing, newest, { files: reach.files, bytesMost })));
    }
    for (const part of parts) {
      if (part.files === 'all') assertRoom(room, free, bytesOfAll(part));
      await drillPart({ vault, ports, index, room, tally, tell, options }, part);
    }
  } finally {
    await room.remove();
  }
  const report: DrillReport = {
    ...{ version: 1, vault: vault.id, place: vault.url, snapshots: parts.map(({ stored }) => stored.id) },
    ...{ kind: reach.kind, atMs, seconds: (ports.clock.monotonic() - startedAt) / 1000 },
    ...tally.figures(),
  };
  const kept = signReport(report, readDevice(vault.local));
  const notice = tryToRemember(ports.home, () => keepReport(vault.local, kept));
  return { ...kept, notices: notice === null || vault.notices.includes(notice) ? [] : [notice] };
}

const bytesOfAll = ({ stored: { snapshot } }: Part): number =>
  snapshot.bytes.total + (snapshot.counts.files + snapshot.counts.folders) * fileBytesLeast;

function assertRoom({ files }: DrillRoom, free: number, needed: number): void {
  if (free >= needed) return;
  const megabytes = Math.ceil((needed - free) / 1e6);
  throw new CofferError('drill.noRoom', { path: files, detail: `${megabytes} MB` });
}

type Drill = {
  readonly vault: Vault;
  readonly ports: Ports;
  readonly index: VaultIndex;
  readonly room: DrillRoom;
  readonly tally: Tally;
  readonly tell: (progress: DrillProgress) => void;
  readonly options: DrillOptions;
};

async function drillPart(drill: Drill, part: Part): Promise<void> {
  const { vault, ports, index, room, tally, tell, options } = drill;
  const { signal } = options;
  const target = `${room.files}/${part.stored.id.slice(0, 8)}`;
  const restored = await restorePart(drill, part, target);
  const codes = new Map(restored.failures.map(({ path, code }) => [path, code]));
  const fileSystem = withLongPaths(ports.fileSystem);
  const comparing: Comparing = { fileSystem, index, idOf: vault.idOf, rest: createRest(ports.clock, signal) };
  const isOwn = part.stored.snapshot.device === readDevice(vault.local)?.device;
  const trustedUntilMs = isOwn ? msOfTime(part.stored.snapshot.started) - limits.racyMs : null;
  const total = part.files === 'all' ? part.stored.snapshot.counts.files : part.files.length;
  let done = 0;
  try {
    const files = part.files === 'all' ? filesOf(index, part.stored, tally) : part.files;
    for await (const file of files) {
      signal?.throwIfAborted();
      const found = await compareFile(comparing, { ...file, restored: target + file.path, trustedUntilMs });
      tally.compared(file, found, codes.get(file.path) ?? null);
      codes.delete(file.path);
      tell({ phase: 'comparing', done: ++done, total });
    }
  } finally {
    fileSystem.letGo();
  }
  // What was never read was never promised; links, folders and pipes were.
  for (const [path, code] of codes) if (!code.startsWith('unreadable')) tally.damaged(path, code);
}

async function restorePart(
  { vault, ports, index, room, tell, options }: Drill,
  part: Part,
  target: string,
): Promise<RestoreResult> {
  const { signal } = options;
  const own = { ...ports, home: room.home };
  const plan = await planRestore(
    own,
    { vault, index },
    {
      ...{ snapshot: part.stored, target, userHome: '/' },
      paths: part.files === 'all' ? [] : part.files.map(({ path }) => path),
      ...(signal ? { signal } : {}),
    },
  );
  return await executeRestore(own, { vault, index }, plan, {
    onProgress: ({ doneBytes, totalBytes }) => tell({ phase: 'restoring', doneBytes, totalBytes }),
    ...(signal ? { signal } : {}),
  });
}

type Tally = {
  compared(file: SnapshotFile, found: Awaited<ReturnType<typeof compareFile>>, code: string | null): void;
  /** Something that is no file of the sample could not be had. */
  damaged(path: string, code: string): void;
  figures(): Pick<DrillReport, 'files' | 'bytes' | 'comparedWithHere' | 'failed' | 'failures'>;
};

function createTally(): Tally {
  const figures = { files: 0, bytes: 0, comparedWithHere: 0 };
  const failed = new Map<string, DrillFailure>();
  const fail = (failure: DrillFailure): void => void failed.set(failure.path, failure);
  return {
    compared({ path, entry }, { isAsInSnapshot, isAsHere }, code) {
      if (!isAsInSnapshot) fail({ path, reason: code === null ? 'other-bytes' : 'not-restored', code });
      else if (isAsHere === false) fail({ path, reason: 'other-than-here', code: null });
      else {
        figures.files++;
        figures.bytes += entry.size;
        if (isAsHere === true) figures.comparedWithHere++;
      }
    },
    damaged: (path, code) => fail({ path, reason: 'not-restored', code }),
    figures: () => ({ ...figures, failed: failed.size, failures: [...failed.values()].slice(0, failuresListed) }),
  };
}

function progressOf({ clock }: Ports, { onProgress }: DrillOptions): (progress: DrillProgress) => void {
  let shownAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = clock.monotonic();
    if (now - shownAt < progressEveryMs) return;
    shownAt = now;
    onProgress?.(progress);
  };
}
