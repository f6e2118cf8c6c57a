import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createNoise } from './random.ts';

const visitFiles = (folder: string, visit: (path: string) => void): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) visitFiles(path, visit);
    else if (entry.isFile()) visit(path);
  }
};

export const storedBytes = (folder: string): number => {
  let bytes = 0;
  visitFiles(folder, (path) => {
    bytes += lstatSync(path).size;
  });
  return bytes;
};

const sync = (args: readonly string[]): boolean => spawnSync('sync', args, { stdio: 'ignore' }).status === 0;

/** How long it takes until all that was written to the folder's file system is on the disk. */
export const measureSync = (folder: string): number => {
  const started = performance.now();
  // Not every system can sync one file system alone; after `settle` the others have nothing to write.
  if (!sync(['-f', folder]) && !sync([])) throw new Error(`What was written to ${folder} cannot be synced.`);
  return (performance.now() - started) / 1000;
};

const warmBuffer = Buffer.allocUnsafe(1 << 20);

/**
 * Puts every program before the same disk: what it will read is in memory, what was written before is on the disk, and the
 * machine has come to rest.
 */
export const settle = async (folderToRead: string, settleMs: number): Promise<void> => {
  visitFiles(folderToRead, (path) => {
    const file = openSync(path, 'r');
    while (readSync(file, warmBuffer) > 0);
    closeSync(file);
  });
  if (!sync([])) throw new Error('What was written before cannot be synced; the next program would pay for it.');
  await pause(settleMs);
};

/** Bytes a second that this disk takes when they must be durable at the end: what no backup can be faster than. */
export const measureWriteRate = (folder: string, bytes: number): number => {
  const path = join(folder, 'write-rate');
  const block = createNoise('write-rate')(8 << 20);
  const started = performance.now();
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; ) written += writeSync(file, block);
  fsyncSync(file);
  closeSync(file);
  const seconds = (performance.now() - started) / 1000;
  rmSync(path);
  return bytes / seconds;
};
