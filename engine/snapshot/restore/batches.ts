import { CofferError, crashPoint, limits, systemCode } from '../../base/index.ts';
import { type FileSystem, joinPath } from '../../filesystem/index.ts';
import type { Journal } from './journal.ts';
import type { Place } from './places.ts';

/**
 * Makes what was restored durable, in batches: one sync of the file system for many files, and only then they count as
 * restored. Syncs run behind the writers and off this thread, so that the one at the end finds little to do.
 */
export type Batches = {
  /** A folder in which something is made. */
  touch(place: Pick<Place, 'device' | 'path'>): void;
  /** These results are in the journal now. */
  add(made: Addition): void;
  /** Resolves when no more than one batch waits to become durable. */
  room(): Promise<void>;
  /** Everything so far is durable when it resolves; never again once a sync has failed. */
  close(): Promise<void>;
  /** No sync runs any more that could still write to the journal, whatever became of it, and nothing is held. */
  release(): Promise<void>;
};

type Addition = {
  readonly files: number;
  readonly bytes: number;
  /** Of files. Links, sockets and devices are entries of their folder only. */
  readonly paths: readonly string[];
};

export type BatchesOptions = {
  readonly fileSystem: FileSystem;
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
  const { fileSystem, journal } = options;
  /** By device, one folder of each that is open from before anything is written: so no failure escapes. */
  const volumes = new Map<number, number>();
  let files: string[] = [];
  let folders = new Set<string>();
  let waitingBytes = 0;
  let waitingFiles = 0;
  let running: Promise<void> | null = null;
  /** [Note: failed sync] The system tells of it once: a later sync may succeed without what was lost. */
  let failure: { readonly error: unknown } | null = null;

  const sync = async (): Promise<void> => {
    if (failure !== null) throw failure.error;
    const upTo = journal.length;
    const totals = options.totals();
    const parts = options.parts();
    const input = { volumes: [...volumes.values()], files, folders };
    files = [];
    folders = new Set();
    waitingBytes = 0;
    waitingFiles = 0;
    try {
      crashPoint('restore.synced.before');
      await makeDurable(fileSystem, input);
      crashPoint('restore.synced.after');
    } catch (error) {
      failure = { error: syncFailure(options.target, error) };
      journal.append({ kind: 'distrust' });
      throw failure.error;
    }
    crashPoint('restore.recorded.before');
    if (parts.length > 0) journal.append({ kind: 'parts', parts });
    journal.append({ kind: 'synced', upTo, ...totals });
    crashPoint('restore.recorded.after');
  };
  const start = (): Promise<void> => {
    running ??= sync().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    touch({ device, path }) {
      if (!options.wholeVolumes) folders.add(path);
      // What the person chose as the target may be a link to it.
      else if (!volumes.has(device)) volumes.set(device, fileSystem.open(joinPath(path, '.'), 'read'));
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
    async release() {
      while (running !== null) await running.catch(() => {});
      for (const fd of volumes.values()) fileSystem.close(fd);
      volumes.clear();
    },
  };
}

type Undurable = {
  /** An open folder on each file system that was written to; none where they cannot be synced as a whole. */
  readonly volumes: readonly number[];
  /** What was made since the last sync, for file systems that cannot be synced as a whole. */
  readonly files: readonly string[];
  readonly folders: Iterable<string>;
};

/** A failure means that nothing is known about what was written since the last success. */
async function makeDurable(fileSystem: FileSystem, { volumes, files, folders }: Undurable): Promise<void> {
  for (const volume of volumes) await fileSystem.syncVolumeLater(volume);
  for (const path of files) await unlessGone(() => fileSystem.syncLater(path));
  for (const path of folders) await unlessGone(() => fileSystem.syncFolder(path));
}

/** What somebody took away or replaced meanwhile needs no care, and what its owner may not even read finds none. */
async function unlessGone(sync: () => void | Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (!['ELOOP', 'ENXIO', 'ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error))) throw error;
  }
}

/** [Note: failed sync] What was written since the last success may be lost although it reads back well. */
function syncFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CofferError('target.full', { path }, error);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  return new CofferError('target.unusable', { path, detail: `it could not be made durable (${code})` }, error);
}
