// What noticing one changed file costs without an agent: another run of a program that looks at everything.

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { hasGnuTime, type Measured, type Meter, measure } from '../measure.ts';
import { findPrograms } from '../programs.ts';
import { pathOfFile } from './tree.ts';

export type Rescan = Measured & { readonly program: string };

export type RescanOptions = { readonly folder: string; readonly scratch: string; readonly signal: AbortSignal };

const rescanRounds = 3;

const medianBySeconds = (rounds: readonly Measured[]): Measured => {
  const sorted = [...rounds].sort((one, other) => one.seconds - other.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('No round was measured.');
  return middle;
};

export const measureRescans = async ({ folder, scratch, signal }: RescanOptions): Promise<readonly Rescan[]> => {
  const { programs } = findPrograms(new Set(['restic', 'borg']), join(scratch, 'peers'));
  const rescans: Rescan[] = [];
  for (const program of programs) {
    const home = join(scratch, `${program.name}-home`);
    const notes = join(scratch, `${program.name}-notes`);
    for (const path of [home, notes]) mkdirSync(path, { recursive: true });
    const meter: Meter = { usage: hasGnuTime() ? 'gnu-time' : 'proc', folder: notes, signal };
    const vault = { repository: join(scratch, `${program.name}-repository`), home };
    await measure(program.create(vault), meter);
    await measure(program.backup(vault, folder, 1), meter);
    const rounds: Measured[] = [];
    for (let round = 0; round < rescanRounds; round += 1) {
      appendFileSync(pathOfFile(folder, round), 'Changed for a rescan.\n');
      rounds.push(await measure(program.backup(vault, folder, round + 2), meter));
    }
    rescans.push({ ...medianBySeconds(rounds), program: `${program.name} ${program.version}` });
  }
  return rescans;
};

/** The system's own walk with a stat of each file, warm: the best of a few. */
export const secondsToFind = (folder: string): number | null => {
  let best: number | null = null;
  for (let round = 0; round < rescanRounds; round += 1) {
    const began = performance.now();
    const { status } = spawnSync('find', [folder, '-printf', '%s %T@ %i %m\\n'], { stdio: 'ignore' });
    if (status !== 0) return null;
    const seconds = (performance.now() - began) / 1000;
    best = Math.min(best ?? seconds, seconds);
  }
  return best;
};
