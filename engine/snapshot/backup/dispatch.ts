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
import { createLateFiles, lateFileBytes } from './late-files.ts';
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
/** While the end of one is awaited, another keeps the threads busy. */
const bigFilesAtOnce = 2;
/** Jobs per worker: one runs, one waits, so that no worker idles while the agent thread thinks. */
const jobsPerWorker = 2;

/** How long files are read in one run. */
export type Bound = {
  /** The time is over; asked often. */
  isUp(): boolean;
  /** An earlier run has read a part of this big file. */
  isBegun(path: string): boolean;
};

/** Gives work to the pool in an order that keeps memory bounded: segments, files, then scanning, and big files at the end. */
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
  /** The time is over: no file is begun any more, and what is asked for is deferred. */
  isOver(): boolean;
  /** What `mayRead` says may have changed. */
  look(): void;
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
    /** The time was over before it could be read. */
    deferred(task: FileTask): void;
    /** False while sealed packs pile up: what is read more quickly than it is stored only fills the disk. */
    mayRead(): boolean;
  },
  beforeJob: (reads: boolean) => void,
  bound: Bound,
): Dispatch {
  const folders: ScanFolder[] = [];
  const segments: (() => Promise<void>)[] = [];
  const bigFiles: FileTask[] = [];
  const late = createLateFiles((path) => bound.isBegun(path));
  let small: FileTask[] = [];
  let smallBytes = 0;
  const batches: FileTask[][] = [];
  const cuts = new Map<string, (cut: SegmentCut) => void>();
  let filesWaiting = 0;
  let entriesAhead = 0;
  const turns = createTurns(() => filesWaiting < filesWaitingMax && !late.isFull);
  let running = 0;
  let held = 0;
  let scans = 0;
  let bigRunning = 0;
  let reading = false;
  let over = false;
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
    for (const [index, listing] of listings.entries()) {
      const folder = some[index];
      assert(folder !== undefined, 'a listing nobody asked for');
      entriesAhead += listing.stats.length / statWidth;
      hear.listing(listing, folder);
    }
    scans--;
  };
  const readNext = async (batch: readonly FileTask[]): Promise<void> => {
    const stats = new Float64Array(batch.length * statWidth);
    for (const [file, task] of batch.entries()) writeStat(stats, file, task.stat);
    const paths = batch.map((task) => task.path);
    const output = await pool.run('files', { paths, stats }, { transfer: [stats.buffer] });
    filesWaiting -= batch.length;
    hear.files(batch, output);
  };
  const isOver = (): boolean => {
    if (!over && reading && bound.isUp()) {
      over = true;
      deferAll();
    }
    return over;
  };
  /** Of what waits to be read; what is under way comes to its end. */
  const deferAll = (): void => {
    const waiting = [...batches.splice(0).flat(), ...small.splice(0), ...bigFiles.splice(0)];
    smallBytes = 0;
    filesWaiting -= waiting.length;
    for (const task of [...waiting, ...late.takeAll()]) hear.deferred(task);
  };
  const startBig = (task: FileTask | undefined): true => {
    assert(task !== undefined, 'an empty queue');
    bigRunning++;
    hear.bigFile(task).then(() => {
      bigRunning--;
      filesWaiting--;
      pump();
    }, fail);
    return true;
  };
  /** Nothing but late files is left to read, and nothing more will be found. */
  const isQuiet = (): boolean =>
    scans === 0 && folders.length === 0 && held === 0 && turns.isQuiet && small.length + bigFiles.length === 0;
  const startLate = (): true => {
    const task = late.take();
    filesWaiting++;
    return startBig(task);
  };
  /** One job if there is any; false when nothing can start. */
  const startOne = (): boolean => {
    isOver();
    const mayRead = hear.mayRead();
    const segment = mayRead ? segments.shift() : undefined;
    if (segment !== undefined) {
      start(segment);
      return true;
    }
    if (reading && mayRead && bigRunning < bigFilesAtOnce) {
      if (bigFiles.length > 0) return startBig(bigFiles.shift());
      if (late.isFull) return startLate();
    }
    if (reading && mayRead && batches.length > 0) {
      const batch = batches.shift() ?? [];
      start(() => readNext(batch));
      return true;
    }
    const mayScan = reading ? filesWaiting < filesWaitingMax && turns.isEmpty : entriesAhead < entriesAheadMost;
    if (folders.length > 0 && mayScan) {
      start(scanNext, false);
      return true;
    }
    if (reading && mayRead && small.length > 0 && running < pool.size) {
      closeBatch();
      return true;
    }
    if (reading && mayRead && bigRunning < bigFilesAtOnce && !late.isEmpty && isQuiet()) return startLate();
    return false;
  };
  const pump = (): void => {
    turns.next();
    while (!ended && running < pool.size * jobsPerWorker && startOne());
    if (!ended && running === 0 && held === 0 && filesWaiting === 0 && folders.length === 0 && late.isEmpty)
      settle?.resolve();
  };
  return {
    get scanning() {
      return scans > 0 || folders.length > 0;
    },
    idle,
    failed,
    fail,
    look: () => pump(),
    scan(more) {
      for (const folder of more) folders.push(folder);
      pump();
    },
    isOver,
    read(task) {
      if (over) return hear.deferred(task);
      if (task.stat.size > lateFileBytes) {
        late.add(task);
        return pump();
      }
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
