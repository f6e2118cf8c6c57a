/**
 * A process that backs up twice, or restores to two targets, and ends by SIGKILL at a crash point the n-th time it gets
 * there. It says what it has shown as protected; and when it comes to its end, how often it was at each point.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hearCrashPoints } from '../../engine/base/crash-points.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { crashScene } from './crash-scene.ts';
import { noise, writeTree } from './trees.ts';

export type CrashPlan = {
  readonly folder: string;
  readonly home: string;
  readonly phrase: string;
  readonly work: 'backup' | 'restore';
  readonly isFar: boolean;
  readonly targets: readonly string[];
  /** Null: goes on to the end. */
  readonly death: { readonly point: string; readonly time: number } | null;
};

const plan: CrashPlan = JSON.parse(process.argv[2] ?? ''); // given by the test
const times = new Map<string, number>();
hearCrashPoints((point) => {
  const time = (times.get(point) ?? 0) + 1;
  times.set(point, time);
  if (plan.death?.point === point && plan.death.time === time) process.kill(process.pid, 'SIGKILL');
});

// Seeded, so that each of these processes is at each point as often as the undisturbed one.
const scene = crashScene({ ...plan, random: seededRandom(1) });
const say = (line: string): void => writeFileSync(1, `${line}\n`);
if (plan.work === 'backup') {
  say(`protected ${(await scene.backup()).snapshot}`);
  const files = join(plan.folder, 'files');
  writeTree(join(files, 'later'), { 'more.raw': noise(900_000, 3), 'a little': 'more', deep: { down: 'there' } });
  appendFileSync(join(files, 'notes.txt'), 'second line\n');
  say(`protected ${(await scene.backup()).snapshot}`);
} else {
  for (const target of plan.targets) {
    await scene.restore(target);
    say(`restored ${target}`);
  }
}
say(`times ${JSON.stringify(Object.fromEntries(times))}`);
