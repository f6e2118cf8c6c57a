// One round, for each kind of data:
//   create a repository for every program
//   for each step (first backup, restore or rescan, …): for every program: settle, run, compare
//   remove the repositories
// Programs alternate within each step and the order moves on by one in each round, so that a slow minute of the machine or a
// full write cache meets every program alike.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, compareTrees } from './compare.ts';
import type { Data } from './data.ts';
import { measureSync, settle, storedBytes } from './disk.ts';
import type { Sample } from './figures.ts';
import { type Invocation, type Measured, type Meter, measure, ProgramFailed } from './measure.ts';
import type { Program, Vault } from './programs.ts';
import { type GroupName, type WorkloadId, workloads } from './targets.ts';

export type Run = {
  readonly programs: readonly Program[];
  readonly groups: ReadonlySet<GroupName>;
  readonly data: Data;
  /** For repositories and restored files; most are removed as soon as they have served, unless `keep` is set. */
  readonly folder: string;
  readonly keep: boolean;
  readonly settleMs: number;
  readonly meter: Meter;
  readonly say: (line: string) => void;
  /** Filled as the run goes on. */
  readonly samples: Sample[];
  readonly failures: string[];
};

/** A program with its repository for one kind of data. A failure takes it out until the next repository. */
type Contestant = {
  readonly program: Program;
  readonly vault: Vault;
  readonly group: string;
  snapshots: number;
  isOut: boolean;
};

type Step = (contestant: Contestant) => Promise<void>;

class RestoreDiffers extends Error {}

export const rotated = <Item>(items: readonly Item[], by: number): readonly Item[] => {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
};

const titleOf = (id: WorkloadId): string => workloads.find((workload) => workload.id === id)?.title ?? id;

const discard = (run: Run, path: string): void => {
  if (!run.keep) rmSync(path, { recursive: true, force: true });
};

const forEach = async (run: Run, contestants: readonly Contestant[], title: string, step: Step): Promise<void> => {
  for (const contestant of contestants.filter(({ isOut }) => !isOut)) {
    try {
      await step(contestant);
    } catch (error) {
      if (!(error instanceof ProgramFailed || error instanceof RestoreDiffers)) throw error;
      contestant.isOut = true;
      run.failures.push(`${contestant.program.name}, ${title}: ${error.message}`);
      run.say(`  ${contestant.program.name}: FAILED. ${error.message}`);
    }
  }
};

const createVaults = async (run: Run, round: number, group: string): Promise<readonly Contestant[]> => {
  const contestants = rotated(run.programs, round).map((program): Contestant => {
    const folder = join(run.folder, `${round + 1}-${group}-${program.name}`);
    return {
      program,
      group,
      vault: { repository: join(folder, 'repository'), home: join(folder, 'home') },
      snapshots: 0,
      isOut: false,
    };
  });
  await forEach(run, contestants, 'creating the repository', async ({ program, vault }) => {
    rmSync(join(vault.home, '..'), { recursive: true, force: true });
    mkdirSync(vault.home, { recursive: true });
    await measure(program.create(vault), run.meter);
  });
  return contestants;
};

type Timed = {
  readonly workload: WorkloadId;
  readonly round: number;
  readonly reads: string;
  /** The folder of a restore: timed also until all of it is on the disk. */
  readonly restores?: string;
};

const time = async (run: Run, timed: Timed, contestant: Contestant, invocation: Invocation): Promise<Sample> => {
  const { workload, round, reads, restores } = timed;
  const { name } = contestant.program;
  await settle(reads, run.settleMs);
  const measured: Measured = await measure(invocation, run.meter);
  const durableSeconds = restores === undefined ? undefined : measured.seconds + measureSync(restores);
  const onDisk = durableSeconds === undefined ? '' : `, on the disk after ${durableSeconds.toFixed(2)} s`;
  run.say(`  ${name.padEnd(7)} ${measured.seconds.toFixed(2).padStart(8)} s${onDisk}`);
  return { workload, program: name, round, ...measured, ...(durableSeconds !== undefined && { durableSeconds }) };
};

const backup =
  (run: Run, timed: Timed): Step =>
  async (contestant) => {
    const { program, vault } = contestant;
    const before = storedBytes(vault.repository);
    const sample = await time(run, timed, contestant, program.backup(vault, timed.reads, contestant.snapshots + 1));
    contestant.snapshots += 1;
    run.samples.push({ ...sample, storedBytes: storedBytes(vault.repository) - before });
  };

const checkIdentity = (comparison: Comparison, isThorough: boolean): void => {
  const { source, target } = comparison;
  const differences = compareTrees(comparison);
  if (differences.length > 0) throw new RestoreDiffers(`the restored files differ: ${differences.join('; ')}`);
  if (!isThorough) return;
  const { status, stdout } = spawnSync('diff', ['-r', '--no-dereference', source, target], { encoding: 'utf8' });
  if (status !== 0) throw new RestoreDiffers(`diff -r finds differences: ${stdout.slice(0, 1000)}`);
};

/**
 * What holds many small files stays until the end of the whole run: for five minutes ext4 passes over every inode that was
 * freed, one by one, so that who restores soon after a hundred thousand files were removed would pay several times over.
 */
const stays = (group: string): boolean => group === 'small';

/** Every restore is compared by the bench's own means; those of the first round by `diff -r` too. */
const restore =
  (run: Run, source: string, round: number, workload?: WorkloadId): Step =>
  async (contestant) => {
    const { program, vault, snapshots } = contestant;
    const target = join(vault.home, '..', `restored-${snapshots}`);
    mkdirSync(target);
    const invocation = program.restore(vault, target, snapshots);
    if (workload === undefined) await measure(invocation, run.meter);
    else {
      const timed = { workload, round, reads: vault.repository, restores: target };
      run.samples.push(await time(run, timed, contestant, invocation));
    }
    checkIdentity({ source, target: join(target, source), withTopTime: program.keepsTopTime }, round === 0);
    if (!stays(contestant.group)) discard(run, target);
  };

const runSteps = async (run: Run, round: number, group: string, steps: readonly (readonly [string, Step])[]) => {
  const contestants = await createVaults(run, round, group);
  try {
    for (const [title, step] of steps) {
      run.say(`round ${round + 1}: ${title}`);
      await forEach(run, contestants, title, step);
    }
  } finally {
    if (!stays(group)) for (const { vault } of contestants) discard(run, join(vault.home, '..'));
  }
};

type Steps = (readonly [string, Step])[];

const backupStep = (run: Run, round: number, workload: WorkloadId, reads: string): Steps[number] => [
  titleOf(workload),
  backup(run, { workload, round, reads }),
];

const restoreStep = (run: Run, round: number, workload: WorkloadId, source: string): Steps[number] => [
  titleOf(workload),
  restore(run, source, round, workload),
];

/** Restored in the first round only and without a clock: a figure for data that cannot come back would be worthless. */
const proofStep = (run: Run, round: number, source: string): Steps =>
  round === 0 ? [['checking what was stored', restore(run, source, round)]] : [];

const runBig = async (run: Run, round: number): Promise<void> => {
  const { big, swapEdited } = run.data;
  const steps: Steps = [backupStep(run, round, 'big-first', big)];
  if (run.groups.has('big')) steps.push(restoreStep(run, round, 'big-restore', big));
  if (!run.groups.has('edit')) return runSteps(run, round, 'big', steps);

  let isSwapped = false;
  const [title, backUp] = backupStep(run, round, 'edit', big);
  steps.push([
    title,
    async (contestant) => {
      if (!isSwapped) swapEdited();
      isSwapped = true;
      await backUp(contestant);
    },
  ]);
  steps.push(...proofStep(run, round, big));
  try {
    await runSteps(run, round, 'big', steps);
  } finally {
    if (isSwapped) swapEdited();
  }
};

/**
 * Every program once over this folder, without a clock: what a program prepares at its first start ever (Coffer's compiled
 * code is kept by Node) belongs to no round.
 */
export const warmUp = async (run: Run): Promise<void> => {
  run.say('every program once, not measured');
  await forEach(run, await createVaults(run, 0, 'warm-up'), 'warming up', async ({ program, vault }) => {
    const target = join(vault.home, '..', 'restored');
    mkdirSync(target);
    await measure(program.backup(vault, import.meta.dirname, 1), run.meter);
    await measure(program.restore(vault, target, 1), run.meter);
  });
};

export const runRound = async (run: Run, round: number): Promise<void> => {
  const { groups, data } = run;
  if (groups.has('big') || groups.has('edit')) await runBig(run, round);
  if (groups.has('small'))
    await runSteps(run, round, 'small', [
      backupStep(run, round, 'small-first', data.small),
      backupStep(run, round, 'small-rescan', data.small),
      restoreStep(run, round, 'small-restore', data.small),
    ]);
  if (groups.has('text'))
    await runSteps(run, round, 'text', [
      backupStep(run, round, 'text-first', data.text),
      ...proofStep(run, round, data.text),
    ]);
};
