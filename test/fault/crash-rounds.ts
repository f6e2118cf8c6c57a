import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrashPoint, crashPoints } from '../../engine/base/crash-points.ts';
import type { CrashPlan } from '../support/crash-child.ts';
import { crashScene, makeScene } from '../support/crash-scene.ts';
import { sampleTree, treeDifferences, writeTree } from '../support/trees.ts';

/** A real process is killed at a crash point, the n-th time it gets there. */
export type Death = { readonly point: CrashPoint; readonly time: number };

export type CrashRounds = {
  /** How often an undisturbed process is at each point. */
  readonly times: ReadonlyMap<CrashPoint, number>;
  /** What broke a promise, in words; `null`: it never got there. */
  die(death: Death, restored: 'goes on' | 'is undone'): Promise<string[] | null>;
  remove(): void;
};

/** An upload is a backup to a place behind a network. */
type Work = 'backup' | 'upload' | 'restore';

const child = join(import.meta.dirname, '../support/crash-child.ts');

type Ended = { readonly signal: string | null; readonly said: readonly string[] };

const live = (plan: CrashPlan): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const alive = spawn(process.execPath, [child, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    alive.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    alive.on('error', reject);
    alive.on('close', (_, signal) => resolve({ signal, said: said.split('\n') }));
  });

const after = ({ said }: Ended, word: string): string[] =>
  said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

const workAt = (point: CrashPoint): Work =>
  point.startsWith('restore.') ? 'restore' : point.startsWith('upload.') ? 'upload' : 'backup';
/** From here on everything that a run has to store is at the place. */
const isAllStored = (point: CrashPoint): boolean =>
  crashPoints.indexOf(point) >= crashPoints.indexOf('packs.committed.after');

export async function prepareCrashes(): Promise<CrashRounds> {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-crash-'));
  const at = (name: string): string => join(folder, name);
  // A vault without a snapshot, and files.
  const phrase = await makeScene({ folder: at('empty'), home: at('first home') });
  writeTree(join(at('empty'), 'files'), sampleTree());
  const copyOfEmpty = (name: string): void =>
    cpSync(at('empty'), at(name), { recursive: true, preserveTimestamps: true });
  const planFor = (name: string, work: Work, death: Death | null): CrashPlan => ({
    ...{ phrase, death },
    work: work === 'restore' ? 'restore' : 'backup',
    isFar: work === 'upload',
    folder: work === 'restore' ? at('whole') : at(name),
    home: at(`${name} home`),
    targets: [at(`${name} target`), at(`${name} other target`)],
  });
  copyOfEmpty('whole');
  await crashScene({ folder: at('whole'), home: at('whole home'), phrase }).backup();
  const whole: Ended[] = [];
  for (const work of ['backup', 'restore', 'upload'] as const) {
    const name = `undisturbed ${work}`;
    if (work !== 'restore') copyOfEmpty(name);
    whole.push(await live(planFor(name, work, null)));
  }
  // Each point as often as in the work that it belongs to: the upload, which comes last, has those of a backup too.
  const counts: Record<string, number> = Object.assign(
    {},
    ...whole.toReversed().flatMap((ended) => after(ended, 'times').map((line) => JSON.parse(line))),
  );
  let round = 0;
  return {
    times: new Map(crashPoints.map((point) => [point, counts[point] ?? 0])),
    async die(death, restored) {
      const name = `round ${++round}`;
      const plan = planFor(name, workAt(death.point), death);
      if (plan.work === 'backup') copyOfEmpty(name);
      const ended = await live(plan);
      const found = ended.signal !== 'SIGKILL' ? null : plan.work === 'backup' ? ofBackup : ofRestore;
      const faults = (await found?.(plan, ended, death.point, restored)) ?? null;
      for (const left of readdirSync(folder)) {
        if (left.startsWith(`${name} `) || left === name) rmSync(at(left), { recursive: true });
      }
      return faults;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Nothing that was shown is lost, the check is clean, the next run goes on, a restore is identical. */
async function ofBackup(plan: CrashPlan, ended: Ended, point: CrashPoint): Promise<string[]> {
  const scene = crashScene(plan);
  const faults = (await scene.check()).map((fault) => `after the kill: ${fault}`);
  const shown = after(ended, 'protected');
  const kept = await scene.snapshots();
  for (const [number, id] of shown.entries())
    if (kept[number] !== id) faults.push(`snapshot ${id} was shown and is gone`);
  const next = await scene.backup();
  if (next.failed > 0) faults.push(`the next run could not save ${next.failed}`);
  if (isAllStored(point) && next.newBytes > 0) faults.push(`the next run stored ${next.newBytes} bytes again`);
  faults.push(...(await scene.check()).map((fault) => `after the next run: ${fault}`));
  const now = await scene.snapshots();
  for (const [number, id] of kept.entries())
    if (now[number] !== id) faults.push(`snapshot ${id} is gone after the next run`);
  const target = plan.targets[0] ?? '';
  if ((await scene.restore(target)) > 0) faults.push('not everything could be restored');
  const files = join(plan.folder, 'files');
  return [...faults, ...treeDifferences(files, join(target, files))];
}

/** The same restore again goes on and is identical in the end; or it is undone, and what it made goes. */
async function ofRestore(
  plan: CrashPlan,
  ended: Ended,
  point: CrashPoint,
  restored: 'goes on' | 'is undone',
): Promise<string[]> {
  const scene = crashScene(plan);
  const faults: string[] = [];
  const files = join(plan.folder, 'files');
  const done = after(ended, 'restored').length + (point === 'restore.ended.after' ? 1 : 0);
  if (restored === 'is undone' && done < plan.targets.length) {
    const target = plan.targets[done] ?? '';
    const kept = await scene.undo(target);
    const left = filesBelow(target).filter((path) => !kept.includes(path));
    faults.push(...left.map((path) => `${path} is still there, and undoing says nothing of it`));
    rmSync(target, { recursive: true, force: true });
  }
  for (const [number, target] of plan.targets.entries()) {
    if (number >= done && (await scene.restore(target)) > 0)
      faults.push(`not everything could be restored to ${target}`);
    faults.push(...treeDifferences(files, join(target, files)));
  }
  return faults;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return all.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
