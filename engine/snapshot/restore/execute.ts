import { CofferError, crashPoint, isCofferError, limits, systemCode } from '../../base/index.ts';
import { withLongPaths } from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';
import { createBases } from './bases.ts';
import { type Batches, createBatches } from './batches.ts';
import { createContents } from './contents.ts';
import { type RestoreCrew, startRestoreCrew } from './crew.ts';
import { createFolderMetadata, type FolderMetadata } from './folder-metadata.ts';
import { type FolderMade, type Journal, openJournal, recordFolder } from './journal.ts';
import { setupOf } from './labour.ts';
import { lockRecord } from './lock-record.ts';

import { createMaker } from './maker.ts';
import { hiddenNames } from './names.ts';
import { createPlaces, type Place, type Places } from './places.ts';
import { details, type OpenedVault, type RestorePlan } from './plan.ts';
import { hasMade, type Resume, readResume, removeIdle } from './record.ts';
import { createRun, type Run } from './run.ts';
import type { Root } from './selection.ts';
import { createTally, type Tally } from './tally.ts';
import type { RestoreProgress, RestoreResult } from './types.ts';
import { walk } from './walk.ts';

export type ExecuteOptions = {
  readonly signal?: AbortSignal;
  /** At most ten times a second. */
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Bytes that become durable at once: more cost more to do again, fewer cost more syncs. */
  readonly batchBytes?: number;
  /** Started earlier, for this restore alone; it ends with it. */
  readonly crew?: RestoreCrew;
};

/** An eighth of what a batch may hold: a disk needs a fifth of a second for it. */
const batchBytesUsual = limits.restoreBatchBytes / 8;

/**
 * Does what a plan says.
 *
 *     walk ─► decide ─► tasks by pack ─► intents recorded ─► workers: read, decrypt, prove, write, rename ─► results recorded
 *          ─► (behind them) sync of the file system ─► recorded as restored
 *     then: folders' metadata, deepest first ─► last sync ─► end
 *
 * Damage does not stop it; a full disk, a store that is gone and the person do, and what is restored by then stays recorded.
 */
export async function executeRestore(
  ports: Ports,
  opened: OpenedVault,
  plan: RestorePlan,
  options: ExecuteOptions = {},
): Promise<RestoreResult> {
  const { header } = plan[details];
  const folder = recordFolder(ports.home, header.id);
  const lock = lockRecord(ports.fileSystem, folder);
  const crew = options.crew ?? startRestoreCrew(ports);
  crew.begin(setupOf(opened.vault, header.id));
  try {
    const resume = readResume(ports.fileSystem, folder);
    const journal = openJournal(ports.fileSystem, folder);
    try {
      crashPoint('restore.begun.before');
      if (resume === null) journal.append({ kind: 'header', header });
      crashPoint('restore.begun.after');
      const result = await restore({ ports, opened, plan, journal, resume, crew }, options);
      return { ...result, undoable: hasMade(ports.fileSystem, folder) };
    } finally {
      journal.close();
    }
  } finally {
    try {
      await crew.end();
      removeIdle(ports.fileSystem, folder);
    } finally {
      lock.release();
    }
  }
}

type Means = {
  readonly ports: Ports;
  readonly opened: OpenedVault;
  readonly plan: RestorePlan;
  readonly journal: Journal;
  readonly resume: Resume | null;
  readonly crew: RestoreCrew;
};

async function restore(means: Means, options: ExecuteOptions): Promise<Omit<RestoreResult, 'undoable'>> {
  const { signal, onProgress, batchBytes = batchBytesUsual } = options;
  const { ports, opened, plan, journal } = means;
  const tally = createTally({ clock: ports.clock, totals: plan, onProgress });
  const parts = assemble(means, tally, batchBytes);
  const { run, folders, batches } = parts;
  const onAbort = (): void => run.fail(new CofferError('cancelled'));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    const visitor = { entered: folders.add, leftOut: () => void tally.skipped++, failed: run.failedAt };
    const roots = parts.roots();
    for await (const group of walk({ index: opened.index, roots, places: parts.places, visitor }))
      await run.take(group);
    await run.drain();
    crashPoint('restore.dressed.before');
    folders.apply();
    crashPoint('restore.dressed.after');
    await batches.close();
  } catch (error) {
    await endEarly(parts, ports);
    throw outcome(error, parts.target);
  } finally {
    await batches.release();
    parts.letGo();
    signal?.removeEventListener('abort', onAbort);
  }
  // With failures it stays open: the same restore run again tries them anew.
  crashPoint('restore.ended.before');
  if (tally.failures.length === 0) journal.append({ kind: 'end' });
  await journal.durable();
  crashPoint('restore.ended.after');
  const { files, folders: entered, bytes, skipped, keptBoth, replaced, failures, remarks } = tally;
  const figures = { files, folders: entered, bytes, skipped, keptBoth, replaced, failed: failures.length };
  return { id: plan[details].header.id, ...figures, failures, remarks, seconds: tally.seconds() };
}

type Parts = {
  readonly run: Run;
  readonly folders: FolderMetadata;
  readonly batches: Batches;
  readonly places: Places;
  readonly target: string;
  /** Makes the target where it is not there yet. */
  roots(): { readonly root: Root; readonly base: Place }[];
  /** Closes the folders that long paths lead through. */
  letGo(): void;
};

function assemble({ ports, opened, plan, journal, resume, crew }: Means, tally: Tally, batchBytes: number): Parts {
  const { options, selection, header } = plan[details];
  const fileSystem = withLongPaths(ports.fileSystem);
  const target = options.target ?? '/';
  const maker = createMaker(fileSystem, header.id);
  const note = (made: FolderMade): void => journal.append({ kind: 'folders', folders: [made] });
  const batches: Batches = createBatches({
    fileSystem,
    journal,
    target,
    batchBytes,
    wholeVolumes: fileSystem.support.volumeSync,
    totals: () => ({ files: tally.files, bytes: tally.bytes }),
    parts: () => run.parts(),
    fail: (error) => run.fail(error),
  });
  const places = createPlaces({
    fileSystem,
    policy: header.policy ?? 'keep-both',
    hidden: hiddenNames(header.id),
    resume,
    ownsAll: header.ownsAll,
    note,
    touch: batches.touch,
    remark: (path, remark) => void tally.remarks.push({ path, remark }),
  });
  const contents = createContents(opened.index);
  const run: Run = createRun({
    fileSystem,
    pool: crew.restoring,
    contents,
    idOf: opened.vault.idOf,
    places,
    maker,
    journal,
    batches,
    tally,
    resume,
    target,
    batchBytes,
  });
  const where = options.target === null ? 'original' : 'target';
  const bases = createBases(fileSystem, { where, note, touch: batches.touch });
  const folders = createFolderMetadata(fileSystem, { metadata: maker.metadata, touch: batches.touch, tally });
  const roots = (): { root: Root; base: Place }[] => selection.roots.map((root) => ({ root, base: bases.enter(root) }));
  return { run, folders, batches, places, target, roots, letGo: fileSystem.letGo };
}

/** What is restored so far becomes durable and recorded as far as that is possible now; the cause is told by the caller. */
async function endEarly({ run, folders, batches }: Parts, ports: Ports): Promise<void> {
  try {
    await run.stop();
    folders.apply();
    await batches.close();
  } catch (error) {
    ports.log.warn('an ended restore could not be made durable', { error: String(error) });
  }
}

function outcome(error: unknown, path: string): unknown {
  if (isCofferError(error)) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CofferError('target.full', { path }, error);
  if (/^E[A-Z0-9]+$/.test(code)) return new CofferError('target.unusable', { path, detail: code }, error);
  return error;
}
