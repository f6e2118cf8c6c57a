import { createInlinePool, createPool, type Pool, workerCount } from '../../pool/index.ts';
import type { Ports } from '../../repository/index.ts';
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

export function startBackupCrew(ports: Ports): BackupCrew {
  const { promise: setup, resolve } = Promise.withResolvers<ScanSetup>();
  let hear: (event: WorkerEvent) => void = () => {};
  const pool = startPool(ports, setup, (event) => hear(event));
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

function startPool(ports: Ports, setup: Promise<ScanSetup>, onEvent: (event: WorkerEvent) => void): Pool<BackupJobs> {
  const options = {
    size: workerCount(ports.threads),
    data: setup,
    onEvent: (event: unknown) => onEvent(event as WorkerEvent), // only our own labour emits
  };
  if (ports.threads) return createPool(new URL('./backup-worker.ts', import.meta.url), options);
  return createInlinePool(async (data: ScanSetup, _worker, emit) => {
    const [{ makeBackupLabour }, { sha256 }] = await Promise.all([
      import('./labour.ts'),
      import('../../crypto/index.ts'),
    ]);
    return makeBackupLabour({ ...ports, digest: sha256 }, data, emit);
  }, options);
}
