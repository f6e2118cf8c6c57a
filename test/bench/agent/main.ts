// The agent's bench: a real daemon in a COFFER_HOME of its own watches a folder of many files; each figure is measured on it
// and judged. Everything lies below one temporary folder, which goes away at the end, as does the daemon.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { bareComputer, type Computer } from '../../support/coffer.ts';
import { startAgent } from '../../support/watched-agent.ts';
import { measureWriteRate } from '../disk.ts';
import { describeMachine } from '../machine.ts';
import { UsageError } from '../options.ts';
import {
  cacheBytesPerFile,
  measureBigPause,
  measureFirstRun,
  measureIdle,
  measureReconcile,
  measureRestart,
  measureSave,
  restAfter,
  type Save,
} from './measurements.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { measureRescans, secondsToFind } from './peers.ts';
import { type Figures, figuresTable, formatSection, formatTables, replaceSection, rescanTable } from './report.ts';
import { makeTree } from './tree.ts';

const restarts = 5;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const measureAll = async (options: Options, computer: Computer, signal: AbortSignal): Promise<Figures> => {
  const folder = computer.at('documents');
  const step = (line: string): void => {
    signal.throwIfAborted();
    say(line);
  };
  step(`making ${options.files.toLocaleString('en')} files`);
  await makeTree(folder, options.files, signal);
  const agent = await startAgent(computer);
  // A signal ends the daemon, and with it whatever is being waited for.
  signal.addEventListener('abort', () => void agent.end(), { once: true });
  try {
    step('the first backup, paused once');
    const firstRun = await measureFirstRun(agent, computer, folder);
    step('idle');
    const idle = await measureIdle(agent, options.idleSeconds);
    const saves: Save[] = [];
    for (let save = 0; save < options.saves; save += 1) {
      step(`save ${save + 1} of ${options.saves}`);
      const measured = await measureSave(agent, computer, folder, Math.floor((save * options.files) / options.saves));
      saves.push(measured);
      await restAfter(measured);
    }
    step('find, and a reconcile');
    const findSeconds = secondsToFind(folder);
    const reconcile = await measureReconcile(agent);
    const cacheBytes = cacheBytesPerFile(computer, options.files);
    step('a pause while a big file is read');
    const bigPauseSeconds = await measureBigPause(agent, folder, options.bigBytes);
    step('kill -9');
    const seconds: number[] = [];
    for (let start = 0; start < restarts; start += 1) seconds.push(await measureRestart(agent));
    await agent.end();
    if (options.withPeers) step('rescans by other programs');
    const rescans = options.withPeers ? await measureRescans({ folder, scratch: computer.at('peers'), signal }) : [];
    return { firstRun, idle, saves, findSeconds, reconcile, cacheBytes, bigPauseSeconds, restarts: seconds, rescans };
  } finally {
    await agent.end();
  }
};

const bench = async (options: Options): Promise<void> => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new UsageError(`Stopped by ${name}.`)));
  const computer = bareComputer('coffer-agent-bench');
  try {
    for (const name of ['documents', 'peers']) mkdirSync(computer.at(name));
    const machine = describeMachine(computer.folder, measureWriteRate(computer.folder, 1 << 28));
    const figures = await measureAll(options, computer, stop.signal);
    const tables = [figuresTable(figures, options), rescanTable(figures, options)];
    say(`\n${formatTables(tables)}\n`);
    if (!options.writes) return;
    const results = join(import.meta.dirname, 'RESULTS.md');
    const before = existsSync(results) ? readFileSync(results, 'utf8') : '';
    writeFileSync(results, replaceSection(before, formatSection(tables, options, machine), options));
  } finally {
    computer.remove();
  }
};

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') say(usage);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
