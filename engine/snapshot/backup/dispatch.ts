import { assert } from '../../base/index.ts';
import type { Pool } from '../../pool/index.ts';
import type { PieceChunk } from '../../repository/index.ts';
import {
  type FilesInput,
  type FilesOutput,
  type SegmentCut,
  type SegmentInput,
  type SegmentOutput,
  smallFileBytes,
} from './file-jobs.ts';
import type { PackType } from './intake.ts';
import { type Listing, statWidth, writeStat } from './listing.ts';
import type { ScanFolder, ScanInput } from './scan-job.ts';
import type { FileTask } from './tasks.ts';
import { createTurns, type Turn } from './turns.ts';

export type BundleInput = {
  readonly type: PackType;
  readonly chunks: readonly PieceChunk[];
  readonly bytes: Uint8Array;
};

export type BackupJobs = {
  scan: { in: ScanInput; out: readonly Listing[] };
  files: { in: FilesInput; out: FilesOutput };
  segment: { in: SegmentInput; out: SegmentOutput };
  bundle: { in: BundleInput; out: null };
  flush: { in: null; out: null };
};

/** Folders scanned per job: enough to hide the way between threads. */
const foldersPerJob = 32;
const filesPerJob = 256;
/**
 * Folders are compared, and others scanned, only while fewer files wait to be read: bounds memory, not speed. What waits
 * longer than two collections of young garbage costs the old generation many times its size.
 */
const filesWaitingMax = 1_536;
/** Entries found before reading may begin: somebody may take long to type a passphrase. */
const entriesAheadMost = 200_000;
/** Jobs per worker: one runs, one waits, so that no worker idles while the agent thread thinks. */
const jobsPerWorker = 2;

/** Gives work to the pool in an order that keeps memory bounded: segments, files, then scanning. */
export type Dispatch = {
  /** The last of them first: later calls come before what still waits, so that a folder is done before the next. */
  scan(folders: readonly ScanFolder[]): void;
  read(task: FileTask): void;
  /**
   * Resolves when the listing of a folder may be compared: not while many files wait already, and in the order of paths,
   * so that what lies together is stored together.
   */
  turn(path: string): Promise<Turn>;
  segment(input: SegmentInput): { readonly output: Promise<SegmentOutput>; readonly cut: Promise<SegmentCut> };
  /** A worker has cut a segment; the one after it may start. */
  onCut(cut: SegmentCut): void;
  /** Reading may begin: the keys are with the workers. */
  allowReading(): void;
  /** Resolves when nothing is left to do; rejects on the first error that ends the run. Asked for after the first `scan`. */
  readonly idle: Promise<void>;
  /** Never resolves; rejects when the run has failed, also after it was idle. */
  readonly failed: Promise<never>;
  fail(error: unknown): void;
  /** Folders are still being found. */
  readonly scanning: boolean;
  /** Not idle until the returned function is called: for the caller's own asynchronous steps. */
  hold(): () => void;
};

export function createDispatch(
  pool: Pool<BackupJobs>,
  hear: {
    listing(listing: Listing, folder: ScanFolder): void;
    files(tasks: readonly FileTask[], output: FilesOutput): void;
    bigFile(task: FileTask): Promise<void>;
  },
  beforeJob: (reads: boolean) => void,
): Dispatch {
  const folders: ScanFolder[] = [];
  const segments: (() => Promise<void>)[] = [];
  const bigFiles: FileTask[] = [];
  let small: FileTask[] = [];
  let smallBytes = 0;
  const batches: FileTask[][] = [];
  const cuts = new Map<string, (cut: SegmentCut) => void>();
  let filesWaiting = 0;
  let entriesAhead = 0;
  const turns = createTurns(() => filesWaiting < filesWaitingMax);
  let running = 0;
  let held = 0;
  let scans = 0;
  let bigRunning = 0;
  let reading = false;
  let ended = false;
  let settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  const idle = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  idle.catch(() => {}); // the caller awaits it; a failure before that must not end the process

  let breakOff: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    breakOff = reject;
  });
  failed.catch(() => {});
  const fail = (error: unknown): void => {
    ended = true;
    settle?.reject(error);
    breakOff(error);
  };
  const start = (job: () => Promise<void>, reads = true): void => {
    running++;
    beforeJob(reads);
    job().then(
      () => {
        running--;
        pump();
      },
      (error: unknown) => {
        running--;
        fail(error);
      },
    );
  };
  const closeBatch = (): void => {
    if (small.length === 0) return;
    batches.push(small);
    small = [];
    smallBytes = 0;
  };
  const scanNext = async (): Promise<void> => {
    const some = folders.splice(-foldersPerJob).reverse();
    scans++;
    const listings = await pool.run('scan', { folders: some });
    scans--;
    for (const [index, listing] of listings.entries()) {
      const folder = some[index];
      assert(folder !== undefined, 'a listing nobody asked for');
      entriesAhead += listing.stats.length / statWidth;
      hear.listing(listing, folder);
    }
  };
  const readNext = async (batch: readonly FileTask[]): Promise<void> => {
    const stats = new Float64Array(batch.length * statWidth);
    for (const [file, task] of batch.entries()) writeStat(stats, file, task.stat);
    const paths = batch.map((task) => task.path);
    const output = await pool.run('files', { paths, stats }, { transfer: [stats.buffer] });
    filesWaiting -= batch.length;
    hear.files(batch, output);
  };
  /** One job if there is any; false when nothing can start. */
  const startOne = (): boolean => {
    const segment = segments.shift();
    if (segment !== undefined) {
      start(segment);
      return true;
    }
    if (reading && bigFiles.length > 0 && bigRunning < 2) {
      const task = bigFiles.shift();
      assert(task !== undefined, 'an empty queue');
      bigRunning++;
      hear.bigFile(task).then(() => {
        bigRunning--;
        filesWaiting--;
        pump();
      }, fail);
      return true;
    }
    if (reading && batches.length > 0) {
      const batch = batches.shift() ?? [];
      start(() => readNext(batch));
      return true;
    }
    const mayScan = reading ? filesWaiting < filesWaitingMax && turns.isEmpty : entriesAhead < entriesAheadMost;
    if (folders.length > 0 && mayScan) {
      start(scanNext, false);
      return true;
    }
    if (reading && small.length > 0 && running < pool.size) {
      closeBatch();
      return true;
    }
    return false;
  };
  const pump = (): void => {
    turns.next();
    while (!ended && running < pool.size * jobsPerWorker && startOne());
    if (!ended && running === 0 && held === 0 && filesWaiting === 0 && folders.length === 0) settle?.resolve();
  };
  return {
    get scanning() {
      return scans > 0 || folders.length > 0;
    },
    idle,
    failed,
    fail,
    scan(more) {
      for (const folder of more) folders.push(folder);
      pump();
    },
    read(task) {
      filesWaiting++;
      if (task.stat.size > smallFileBytes) bigFiles.push(task);
      else {
        small.push(task);
        smallBytes += task.stat.size;
        if (small.length >= filesPerJob || smallBytes >= smallFileBytes) closeBatch();
      }
      pump();
    },
    turn(path) {
      const turn = turns.take(path, pump);
      pump();
      return turn;
    },
    segment(input) {
      const output = new Promise<SegmentOutput>((resolve, reject) => {
        segments.push(() => pool.run('segment', input).then(resolve, reject));
      });
      const cut = new Promise<SegmentCut>((resolve, reject) => {
        cuts.set(input.path, resolve);
        output.catch(reject);
      });
      cut.catch(() => {}); // the caller may have given up on `output` already
      pump();
      return { output, cut };
    },
    onCut(cut) {
      const hear = cuts.get(cut.path);
      cuts.delete(cut.path);
      hear?.(cut);
    },
    allowReading() {
      reading = true;
      pump();
    },
    hold() {
      held++;
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        held--;
        pump();
      };
    },
  };
}
