import { CofferError, limits, systemCode } from '../../base/index.ts';
import type { Pool } from '../../pool/index.ts';
import type { Journal } from './journal.ts';
import type { Place } from './places.ts';
import type { SyncJobs } from './sync-job.ts';

/**
 * Makes what was restored durable, in batches: one sync of the file system for many files, and only then they count as
 * restored. Syncs run on a thread of their own behind the writers, so that the one at the end finds little to do.
 */
export type Batches = {
  /** A folder in which something is made. */
  touch(place: Pick<Place, 'device' | 'path'>): void;
  /** These results are in the journal now. */
  add(made: { readonly files: number; readonly bytes: number; readonly paths: readonly string[] }): void;
  /** Resolves when no more than one batch waits to become durable. */
  room(): Promise<void>;
  /** Everything so far is durable when it resolves. */
  close(): Promise<void>;
};

export type BatchesOptions = {
  readonly pool: Pool<SyncJobs>;
  readonly journal: Journal;
  readonly target: string;
  /** Bytes after which a sync is worth its while. */
  readonly batchBytes: number;
  /** False: the file system can only be synced file by file. */
  readonly wholeVolumes: boolean;
  readonly totals: () => { readonly files: number; readonly bytes: number };
  /** Chunks of unfinished files that are written now. */
  readonly parts: () => readonly (readonly [number, number])[];
  readonly fail: (error: unknown) => void;
};

/** Files after which a sync is worth its while. */
const syncFiles = 16_384;

export function createBatches(options: BatchesOptions): Batches {
  const { pool, journal } = options;
  const volumes = new Map<number, string>();
  let files: string[] = [];
  let folders = new Set<string>();
  let waitingBytes = 0;
  let waitingFiles = 0;
  let running: Promise<void> | null = null;

  const sync = async (): Promise<void> => {
    const upTo = journal.length;
    const totals = options.totals();
    const parts = options.parts();
    const input = { volumes: [...volumes.values()], files, folders: [...folders] };
    files = [];
    folders = new Set();
    waitingBytes = 0;
    waitingFiles = 0;
    try {
      await pool.run('sync', input);
    } catch (error) {
      journal.append({ kind: 'distrust' });
      throw syncFailure(options.target, error);
    }
    if (parts.length > 0) journal.append({ kind: 'parts', parts });
    journal.append({ kind: 'synced', upTo, ...totals });
  };
  const start = (): Promise<void> => {
    running ??= sync().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    touch({ device, path }) {
      if (!volumes.has(device)) volumes.set(device, path);
      if (!options.wholeVolumes) folders.add(path);
    },
    add(made) {
      waitingFiles += made.files;
      waitingBytes += made.bytes;
      if (!options.wholeVolumes) files.push(...made.paths);
      if (running === null && (waitingBytes >= options.batchBytes || waitingFiles >= syncFiles))
        start().catch(options.fail);
    },
    async room() {
      while (running !== null && waitingBytes >= limits.restoreBatchBytes) await running;
    },
    async close() {
      while (running !== null) await running;
      await start();
    },
  };
}

/** [Note: failed sync] What was written since the last success may be lost although it reads back well. */
function syncFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CofferError('target.full', { path }, error);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  return new CofferError('target.unusable', { path, detail: `it could not be made durable (${code})` }, error);
}
