// Each figure of the agent, measured on a daemon that protects a folder.
import { appendFileSync, lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Computer } from '../../support/coffer.ts';
import { isConfirmedSince, isSafe, protect, secondsToPause, type WatchedAgent } from '../../support/watched-agent.ts';
import { cpuSecondsOf, forgetPeak, type Memory, memoryOf, peakBytesOf, writtenBytesOf } from './process-usage.ts';
import { makeBigFile, pathOfFile } from './tree.ts';

/** The default of the schedule: a save counts from the end of it. */
const quietSeconds = 3;
/** After its work an agent gives back memory, and its engine collects some more a little later. */
const settleMs = 20_000;

export type FirstRun = { readonly pauseSeconds: number; readonly cpuSeconds: number; readonly peakBytes: number };

/** The first backup, paused in the middle once. */
export const measureFirstRun = async (agent: WatchedAgent, computer: Computer, folder: string): Promise<FirstRun> => {
  await protect(agent, computer, folder);
  await agent.until('storing', ({ run }) => run !== null && run.newBytes > 0);
  const pauseSeconds = await secondsToPause(agent);
  await agent.api.resume();
  await agent.until('safe', isSafe);
  return { pauseSeconds, cpuSeconds: cpuSecondsOf(agent.processId), peakBytes: peakBytesOf(agent.processId) };
};

export type Idle = Memory & { readonly cpuShare: number };

export const measureIdle = async ({ processId }: WatchedAgent, seconds: number): Promise<Idle> => {
  await pause(settleMs);
  const before = cpuSecondsOf(processId);
  await pause(seconds * 1000);
  return { ...memoryOf(processId), cpuShare: (cpuSecondsOf(processId) - before) / seconds };
};

export type Save = {
  /** From the end of the quiet period until it is confirmed. */
  readonly seconds: number;
  /** Of that, the run itself. */
  readonly runSeconds: number;
  readonly cpuSeconds: number;
  readonly objects: number;
  readonly bytes: number;
  /** By the whole process, on whatever disk. */
  readonly writtenBytes: number;
  readonly peakBytes: number;
};

/** Ten times as long as the last run took lies between two runs; it is no delay of a save, but a choice. */
const spacingShare = 10;

/** Waits until the next save is not held back by this one. */
export const restAfter = async ({ runSeconds }: Save): Promise<void> => {
  await pause(Math.max(quietSeconds, spacingShare * runSeconds) * 1000);
};

/** Saves one file of the many. */
export const measureSave = async (
  agent: WatchedAgent,
  { store }: Computer,
  folder: string,
  index: number,
): Promise<Save> => {
  const { processId } = agent;
  const before = objectsIn(store);
  const cpuBefore = cpuSecondsOf(processId);
  const writtenBefore = writtenBytesOf(processId);
  forgetPeak(processId);
  const sinceMs = Date.now();
  const began = performance.now();
  appendFileSync(pathOfFile(folder, index), 'One more line.\n');
  await agent.until('at work', ({ run }) => run !== null);
  const runBegan = performance.now();
  await agent.until('safe again', isConfirmedSince(sinceMs));
  const ended = performance.now();
  const cpuSeconds = cpuSecondsOf(processId) - cpuBefore;
  const peakBytes = peakBytesOf(processId);
  const added = [...objectsIn(store)].filter(([name]) => !before.has(name));
  const seconds = Math.max(0, (ended - began) / 1000 - quietSeconds);
  const bytes = added.reduce((sum, [, size]) => sum + size, 0);
  const writtenBytes = writtenBytesOf(processId) - writtenBefore;
  const runSeconds = (ended - runBegan) / 1000;
  return { seconds, runSeconds, cpuSeconds, objects: added.length, bytes, writtenBytes, peakBytes };
};

export type Reconcile = {
  readonly seconds: number;
  readonly walkSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
};

/** A run that looks at every file. */
export const measureReconcile = async (agent: WatchedAgent): Promise<Reconcile> => {
  const { processId } = agent;
  forgetPeak(processId);
  const cpuBefore = cpuSecondsOf(processId);
  const sinceMs = Date.now();
  const began = performance.now();
  let walkedMs: number | null = null;
  const walked = agent.until('done walking', ({ run, protectedMs }) => {
    return (run !== null && run.foundFiles > 0 && run.phase !== 'scanning') || (protectedMs ?? 0) >= sinceMs;
  });
  void walked.then(() => {
    walkedMs = performance.now();
  });
  await agent.api.backUpNow({ anyway: true });
  await agent.until('safe again', isConfirmedSince(sinceMs));
  return {
    seconds: (performance.now() - began) / 1000,
    walkSeconds: ((walkedMs ?? performance.now()) - began) / 1000,
    cpuSeconds: cpuSecondsOf(processId) - cpuBefore,
    peakBytes: peakBytesOf(processId),
  };
};

/** What COFFER_HOME keeps of each file, so that an unchanged one need not be looked at twice. */
export const cacheBytesPerFile = ({ home }: Computer, files: number): number => {
  const sizes = [...objectsIn(join(home, 'vaults'))].filter(([path]) => basename(path).startsWith('folders-'));
  return sizes.reduce((sum, [, size]) => sum + size, 0) / files;
};

/** "Pause" while one big file is being read. */
export const measureBigPause = async (agent: WatchedAgent, folder: string, bytes: number): Promise<number> => {
  await agent.api.pause({ until: 'resumed', untilMs: null });
  makeBigFile(join(folder, 'film.bin'), bytes);
  await agent.api.resume();
  await agent.api.backUpNow({ anyway: false });
  await agent.until('reading', ({ run }) => run !== null && run.readBytes > 0);
  return await secondsToPause(agent);
};

/** Seconds from the start of a new process until it answers, after kill -9 in the middle of work. */
export const measureRestart = async (agent: WatchedAgent): Promise<number> => {
  await agent.api.resume();
  await agent.api.backUpNow({ anyway: true });
  await agent.until('at work', ({ run }) => run !== null);
  return await agent.killAndStart();
};

const objectsIn = (folder: string): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path, lstatSync(path).size);
  }
  return found;
};
