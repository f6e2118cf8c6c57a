import { crashPoint } from '../../base/index.ts';
import { hashBytes } from '../../format/index.ts';
import { forgottenSnapshots, logChange, type Ports, tryToRemember, type Vault } from '../../repository/index.ts';
import { deletePacks, freeSnapshots, lostMeanwhile } from './delete.ts';
import { countCutPacks, renewIndexes } from './indexes.ts';
import { startLooks, stopInDoubt } from './looks.ts';
import { listPacks, type PackList } from './pack-list.ts';
import { type Amount, graceDaysLeast, planSweep, type SweepPlan, shareMost } from './plan.ts';
import { type Survey, surveyVault, unnamedFile } from './survey.ts';
import { forgetHalfGone } from './whole.ts';

export type SweepOptions = {
  readonly graceDays?: number;
  /** A person asks for all that may go, not only for the share that a sweep deletes by itself. */
  readonly all?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (deleted: Amount) => void;
};

/** What a sweep would do now, to be shown first. */
export type PreparedSweep = {
  readonly survey: Survey;
  readonly plan: SweepPlan;
  readonly graceDays: number;
  /** Calm remarks for the person, in words. */
  readonly notices: readonly string[];
};

export type SweepResult = {
  readonly marked: Amount;
  readonly deleted: Amount;
  /** Forgotten snapshots of which nothing is left. */
  readonly snapshots: number;
};

const dayMs = 24 * 3600 * 1000;
/** As many as one log entry names: 32 MB of them. */
const marksMost = 1_000_000;

/**
 * A sweep deletes what no snapshot needs, in two phases with a grace between them.
 *
 *     look ─► mark in the log ─► … 30 days or more … ─► look ─► say in the log which snapshots are given up ─► look again
 *     ─► delete packs ─► indexes without them ─► the forgotten snapshots and their lists ─► everything needed still there?
 *
 * Nothing rests on locks or on how long anything takes. Who writes a snapshot looks at the marks before and after, and who
 * takes back a forget looks afterwards whether the snapshot was given up; a sweep writes that, then looks. So one of the two
 * sees the other [Note: who sees whom]. What was given up and is whole may be taken back all the same, so the sweep looks once more
 * when it has deleted: either it sees that, or whoever took it back sees what is gone. The grace is for people, and so that runs are seldom disturbed.
 *
 * Everything is found anew by each sweep, so one that was interrupted is gone on with, and several at once do no harm.
 */
export async function prepareSweep(ports: Ports, vault: Vault, options: SweepOptions): Promise<PreparedSweep> {
  const { signal } = options;
  const graceDays = Math.max(graceDaysLeast, options.graceDays ?? graceDaysLeast);
  const graceMs = graceDays * dayMs;
  const survey = await surveyVault(ports, vault, { graceMs, ...(signal ? { signal } : {}) });
  const notice = tryToRemember(ports.home, () => vault.local.write(unnamedFile, survey.unnamedSeen));
  const mostBytes = options.all === true ? Number.POSITIVE_INFINITY : survey.list.bytes * shareMost;
  const plan = planSweep(survey, { graceMs, mostBytes });
  return { survey, plan, graceDays, notices: notice === null ? [] : [notice] };
}

/** The vault is open for reading: the lock, which would stop backups of this computer, is taken only to write to the log. */
export async function executeSweep(
  ports: Ports,
  vault: Vault,
  { survey, plan, graceDays }: PreparedSweep,
  options: SweepOptions,
): Promise<SweepResult> {
  stopInDoubt(survey.doubts);
  const { signal } = options;
  const cut = await countCutPacks(vault, survey, signal);
  if (cut > 0) stopInDoubt([`${cut} packs that snapshots need do not have the length they should have`]);
  await mark(ports, vault, survey.list, plan.mark);
  const given = survey.stale.map(({ id }) => id).filter((id) => !survey.history.given.has(id));
  if (given.length > 0) {
    crashPoint('sweep.given.before');
    await vault.toWrite((writing) => logChange(writing, ports, { kind: 'sweep-delete', snapshots: given }));
    crashPoint('sweep.given.after');
  }
  const looks = await startLooks(ports, vault, { ...options, list: survey.list, graceMs: graceDays * dayMs });
  const deleted = await deletePacks(vault, plan.remove, looks, options);
  const { latest } = looks;
  const list = await listPacks(vault.store, signal);
  stopInDoubt(lostMeanwhile(latest, list));
  await renewIndexes(vault, ports, { list, marked: latest.history.everMarked }, signal);
  const snapshots = await freeSnapshots(vault, latest, signal);
  await vault.store.flush(signal);
  await hideHalfGone(ports, vault, latest);
  return { marked: plan.amounts.marking, deleted, snapshots };
}

/** What was taken back while it was being deleted. */
async function hideHalfGone(ports: Ports, vault: Vault, { stale }: Survey): Promise<void> {
  if (stale.length === 0) return;
  const forgotten = forgottenSnapshots(await vault.readLogsAgain());
  const back = stale.map(({ id }) => id).filter((id) => !forgotten.has(id));
  if (back.length > 0) await vault.toWrite((writing) => forgetHalfGone(writing, ports, back));
}

async function mark(ports: Ports, vault: Vault, list: PackList, chosen: Uint32Array): Promise<void> {
  for (let from = 0; from < chosen.length; from += marksMost) {
    const some = chosen.subarray(from, from + marksMost);
    const packs = new Uint8Array(some.length * hashBytes);
    for (const [at, pack] of some.entries())
      packs.set(list.hashes.subarray(pack * hashBytes, (pack + 1) * hashBytes), at * hashBytes);
    crashPoint('sweep.marked.before');
    await vault.toWrite((writing) =>
      logChange(writing, ports, { kind: 'sweep-mark', packs, reason: 'no snapshot that is shown needs them' }),
    );
    crashPoint('sweep.marked.after');
  }
}
