import {
  createGrowingPool,
  createInlinePool,
  createPool,
  type Pace,
  type Pool,
  workerCount,
} from '../../pool/index.ts';
import type { Ports } from '../../repository/index.ts';
import { createAllowance } from './allowance.ts';
import type { BackupJobs } from './dispatch.ts';
import type { SegmentCut } from './file-jobs.ts';
import type { PackEvent, ScanSetup } from './setup.ts';

export type WorkerEvent = SegmentCut | PackEvent;

/**
 * The threads of one backup. Who knows that a backup will come starts them first of all: they load their code while the
 * caller still loads its own, and learn what to scan when it is known.
 */
export type BackupCrew = {
  readonly pool: Pool<BackupJobs>;
  begin(setup: ScanSetup, onEvent: (event: WorkerEvent) => void): void;
  /** Also without having begun. */
  end(): Promise<void>;
};

export type CrewOptions = {
  /** Perhaps little is to be done: threads are started only once it shows that it is more. */
  readonly maybeLittle?: boolean;
  readonly pace?: Pace;
};

export function startBackupCrew(ports: Ports, { maybeLittle = false, pace = 'full' }: CrewOptions = {}): BackupCrew {
  const { promise: setup, resolve } = Promise.withResolvers<ScanSetup>();
  let hear: (event: WorkerEvent) => void = () => {};
  const about: About = { setup, pace, onEvent: (event) => hear(event) };
  const pool = !ports.threads
    ? poolHere(ports, about, workerCount(false, pace))
    : maybeLittle
      ? createGrowingPool({
          here: poolHere(ports, about, 1),
          startThreads: () => threadsFor(about),
          isLight: createAllowance(),
        })
      : threadsFor(about);
  let ending: Promise<void> | null = null;
  return {
    pool,
    begin(known, onEvent) {
      hear = onEvent;
      resolve(known);
    },
    end: () => (ending ??= pool.end()),
  };
}

type About = {
  readonly setup: Promise<ScanSetup>;
  readonly pace: Pace;
  readonly onEvent: (event: WorkerEvent) => void;
};

function threadsFor({ setup, pace, onEvent }: About): Pool<BackupJobs> {
  return createPool(new URL('./backup-worker.ts', import.meta.url), {
    size: workerCount(true, pace),
    pace,
    data: setup,
    onEvent: (event) => onEvent(event as WorkerEvent), // only our own labour emits
  });
}

/** On this thread. */
function poolHere(ports: Ports, { setup, onEvent }: About, size: number): Pool<BackupJobs> {
  const options = { size, data: setup, onEvent: (event: unknown) => onEvent(event as WorkerEvent) };
  return createInlinePool(async (data: ScanSetup, _worker, emit) => {
    const [{ makeBackupLabour }, { sha256 }] = await Promise.all([
      import('./labour.ts'),
      import('../../crypto/index.ts'),
    ]);
    return makeBackupLabour({ ...ports, digest: sha256 }, data, emit);
  }, options);
}
