import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../engine/base/index.ts';
import type { Pace } from '../../engine/contract/index.ts';
import { bareComputer, passphrase } from '../support/coffer.ts';
import { daemonOf } from '../support/daemon.ts';

/**
 * How much of a processor the agent leaves to a program that wants all of it. Both are tied to the same one, and it is their
 * shares of it that are compared, so that whatever else this computer does takes from both alike.
 */
const spinnerTicks = 150;
const sourceRules = { patterns: [], presets: [], cacheDirTag: true, oneFileSystem: true };

const canTie = process.platform === 'linux' && spawnSync('taskset', ['--version']).error === undefined;
const sharesBySession = existsSync('/proc/self/autogroup');

/** User and system time of a process, in ticks of the kernel. */
function ticksOf(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** More than a gentle run gets done while it is watched. */
function fill(folder: string): void {
  mkdirSync(folder);
  for (let file = 0; file < 100; file++) {
    const words = Array.from({ length: 40_000 }, (_, at) => ((at * 7919 + file * 104_729) % 1_000_003).toString(36));
    writeFileSync(join(folder, `${file}.txt`), words.join(' '));
  }
}

function spin(): ChildProcess {
  const child = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The share of the processor that the spinning program keeps while a first run is under way. */
async function shareBeside(pace: Pace): Promise<{ readonly share: number; readonly isSafe: boolean }> {
  const computer = bareComputer('coffer-pace');
  const daemon = daemonOf(computer, { processor: 0 });
  onTestFinished(async () => {
    await daemon.kill();
    computer.remove();
  });
  fill(computer.at('documents'));
  await daemon.start();
  const { api, processId } = daemon;
  await api.changeSettings({ pace });
  await api.addPlace({ url: computer.at('place'), passphrase });
  await api.pause({ until: 'resumed', untilMs: null });
  await api.addSource({ path: computer.at('documents'), rules: sourceRules });
  const spinner = spin();
  const spinnerId = spinner.pid ?? 0;
  await api.resume();
  while ((await api.state()).run === null) await systemClock.sleep(10);
  const before = { agent: ticksOf(processId), spinner: ticksOf(spinnerId) };
  while (ticksOf(spinnerId) - before.spinner < spinnerTicks) await systemClock.sleep(50);
  const used = { agent: ticksOf(processId) - before.agent, spinner: ticksOf(spinnerId) - before.spinner };
  spinner.kill('SIGKILL');
  const isSafe = await api.waitUntilSafe({ timeoutMs: 120_000 });
  return { share: used.spinner / (used.agent + used.spinner), isSafe };
}

test('a gentle run leaves a busy program nine tenths of the processor, and comes to its end', async ({ skip }) => {
  if (!canTie) return skip('no taskset to tie programs to one processor');
  if (!sharesBySession) return skip('this kernel does not share the processor by sessions');
  const { share, isSafe } = await shareBeside('gentle');
  expect(share).toBeGreaterThan(0.9);
  expect(isSafe).toBe(true);
}, 240_000);
