// The bench: drives Coffer and its peers as whole processes over the same data, compares every restore with its source, and
// says how the times stand to each other. Exit code 1 when a program fails, a restore differs, or (with --small) when a floor
// breaks that is far below every target; a missed target is for people to judge.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type DataPart, type DataPlan, fullPlan, prepareData, smallPlan } from './data.ts';
import { measureWriteRate } from './disk.ts';
import { floorsBroken, summarise } from './figures.ts';
import { describeMachine } from './machine.ts';
import { hasGnuTime } from './measure.ts';
import { type Options, parseOptions, UsageError, usage } from './options.ts';
import { findPrograms } from './programs.ts';
import { formatBytes, formatReport, formatResults, type Report } from './report.ts';
import { type Run, runRound, warmUp } from './rounds.ts';
import { workloads } from './targets.ts';

class Stopped extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Two benches at once would spoil each other's figures and data. A lock whose holder is dead counts for nothing. */
const lock = (folder: string): (() => void) => {
  const path = join(folder, 'lock');
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
  } catch {
    const holder = Number(readFileSync(path, 'utf8'));
    if (isAlive(holder)) throw new UsageError(`Another bench (process ${holder}) is using ${folder}.`);
    writeFileSync(path, String(process.pid));
  }
  return () => rmSync(path, { force: true });
};

const partsOf = ({ groups }: Options): ReadonlySet<DataPart> => {
  const parts = new Set<DataPart>();
  if (groups.has('big') || groups.has('edit')) parts.add('big');
  if (groups.has('edit')) parts.add('edited');
  if (groups.has('small')) parts.add('small');
  if (groups.has('text')) parts.add('text');
  return parts;
};

const describeData = (plan: DataPlan): string =>
  [
    `one incompressible file of ${formatBytes(plan.bigBytes)}`,
    `${plan.smallFiles.toLocaleString('en')} small files in ${plan.smallFolders.toLocaleString('en')} folders`,
    `${formatBytes(plan.textBytes)} of text in ${plan.textFiles} files`,
    `the big file with ${plan.editCount} edits`,
  ].join(', ');

const runAll = async (run: Run, rounds: number): Promise<void> => {
  try {
    await warmUp(run);
    for (let round = 0; round < rounds; round += 1) await runRound(run, round);
  } finally {
    if (!run.keep) rmSync(run.folder, { recursive: true, force: true });
  }
};

/** What keeps the run from counting; also with --small, whatever breaks a floor. */
const conclude = (options: Options, run: Run): readonly string[] => {
  if (!options.isSmall) return run.failures;
  return [
    ...run.failures,
    ...workloads.flatMap((workload) => floorsBroken(workload, summarise(run.samples, workload.id))),
  ];
};

/** Leftovers of runs that were killed; the lock says that no other run is alive. */
const clearRuns = (folder: string): void => {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('run-')))
    rmSync(join(folder, name), { recursive: true, force: true });
};

/** From here on a signal stops the program under measurement and clears up; before, nothing is there to clear up. */
const stopOnSignals = (): AbortSignal => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new Stopped(`Stopped by ${name}.`)));
  return stop.signal;
};

const bench = async (options: Options): Promise<readonly string[]> => {
  const found = findPrograms(options.programs, join(options.folder, 'peers'));
  say(`Measuring ${found.programs.map(({ name, version }) => `${name} ${version}`).join(', ') || 'nothing'}.`);
  const missing = found.missing.filter((name) => name !== 'coffer');
  if (missing.length > 0) say(`Left out because it is not installed here: ${missing.join(', ')}.`);

  const plan = options.isSmall ? smallPlan : fullPlan;
  const dataFolder = join(options.folder, options.isSmall ? 'data-small' : 'data');
  const data = prepareData({ folder: dataFolder, plan, say }, partsOf(options));
  const folder = join(options.folder, `run-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const run: Run = {
    programs: found.programs,
    groups: options.groups,
    data,
    folder,
    keep: options.keep,
    settleMs: options.isSmall ? 50 : 1_000,
    meter: { usage: hasGnuTime() ? 'gnu-time' : 'proc', folder, signal: stopOnSignals() },
    say,
    samples: [],
    failures: found.missing.includes('coffer') ? ['coffer: bin/coffer cannot be run.'] : [],
  };
  const machine = describeMachine(folder, measureWriteRate(folder, options.isSmall ? 1 << 27 : 1 << 30));
  await runAll(run, options.rounds);

  const programs = found.programs.map(({ name, version }) => ({ name, version: `${name} ${version}` }));
  const report: Report = {
    programs,
    missing,
    samples: run.samples,
    rounds: options.rounds,
    isJudged: !options.isSmall,
  };
  say(`\n${formatReport(report)}\n`);
  say(`The data stays for the next run in ${dataFolder}${options.keep ? `, the repositories in ${folder}` : ''}.`);
  const problems = conclude(options, run);
  if (options.writes && problems.length === 0)
    writeFileSync(join(import.meta.dirname, 'RESULTS.md'), formatResults(report, machine, describeData(plan)));
  return problems;
};

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    say(usage);
    return 0;
  }
  mkdirSync(options.folder, { recursive: true });
  const unlock = lock(options.folder);
  try {
    clearRuns(options.folder);
    const problems = await bench(options);
    for (const problem of problems) say(`FAILED  ${problem}`);
    return problems.length > 0 ? 1 : 0;
  } finally {
    unlock();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Stopped)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
