import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Computer, Ran } from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';

/** Rows 9 and 10: sizes that must not become memory. */

export type SparseOptions = { readonly bytes: number; readonly islands: number; readonly islandBytes: number };

/** Mostly holes, with islands of noise at places that fit no boundary. */
export function writeSparseFile(path: string, options: SparseOptions): void {
  const { bytes, islands, islandBytes } = options;
  const fd = openSync(path, 'w');
  ftruncateSync(fd, bytes);
  for (let island = 0; island < islands; island++) {
    writeSync(fd, fastNoise(islandBytes, island), 0, islandBytes, placeOf(options, island));
  }
  closeSync(fd);
}

function placeOf({ bytes, islands, islandBytes }: SparseOptions, island: number): number {
  return Math.floor(((bytes - islandBytes) / islands) * island) + 777;
}

/**
 * Whether two such files are the same, by `cmp`: where little of a file is data, its islands and what lies around them; the
 * rest are holes in both when no more blocks are used.
 */
export function compareSparseFiles(one: string, other: string, options: SparseOptions): void {
  const isFull = options.islands * options.islandBytes > options.bytes / 10;
  if (isFull) return void execFileSync('cmp', [one, other]);
  expect(statSync(other).size).toBe(statSync(one).size);
  expect(statSync(other).blocks).toBeLessThan(statSync(one).blocks * 1.1);
  const around = 100_000;
  for (let island = 0; island < options.islands; island++) {
    const from = Math.max(0, placeOf(options, island) - around);
    execFileSync('cmp', [`--ignore-initial=${from}`, `--bytes=${options.islandBytes + 2 * around}`, one, other]);
  }
}

/** Small files of different contents, a thousand in each folder. */
export function writeManyFiles(folder: string, count: number): void {
  for (let number = 0; number < count; number++) {
    const inside = join(folder, `${Math.floor(number / 1000)}`);
    if (number % 1000 === 0) mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, `file ${number}`), `content of file ${number}\n`.repeat(1 + (number % 20)));
  }
}

export type Peaks = { readonly backup: Ran; readonly again: Ran; readonly check: Ran; readonly restore: Ran };

/** Backs up, again, checks and restores one source, with the peak memory of each. */
export async function measurePeaks(computer: Computer, source: string, target: string): Promise<Peaks> {
  const measured = async (...args: string[]): Promise<Ran> => {
    const ran = await computer.coffer(args, { measure: true });
    if (ran.exit !== 0) throw new Error(`coffer ${args[0]} ended with ${ran.exit}: ${ran.err}`);
    return ran;
  };
  const backup = await measured('backup', '--json', source);
  const again = await measured('backup', '--json', source);
  const check = await measured('check', '--read-data', '--json');
  const restore = await measured('restore', 'latest', '--target', target, '--json');
  return { backup, again, check, restore };
}

export function figuresOf(peaks: Peaks): string {
  return Object.entries(peaks)
    .map(([name, { seconds, peakBytes }]) => `${name} ${seconds.toFixed(1)} s, ${Math.round(peakBytes / 1e6)} MB`)
    .join('; ');
}

export const highest = (peaks: Peaks): number => Math.max(...Object.values(peaks).map(({ peakBytes }) => peakBytes));
