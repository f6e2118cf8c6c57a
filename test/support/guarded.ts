import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Activity, ActivityKind, AgentState, Settings } from '../../engine/contract/index.ts';
import { type Computer, makeComputer, passphrase } from './coffer.ts';
import { type Daemon, daemonOf } from './daemon.ts';
import { outsideDifferences } from './outside.ts';

/** A computer whose folder `files` is guarded by a daemon, and how things stand with it. */
export type Guarded = {
  readonly computer: Computer;
  readonly daemon: Daemon;
  readonly files: string;
  /** Resolves with the first state that is as wanted; throws with the last one when none is in time. */
  until(what: string, holds: (state: AgentState) => boolean, mostMs?: number): Promise<AgentState>;
  /** Resolves when all changes so far are confirmed; throws when they are not in time. */
  untilSafe(mostMs?: number): Promise<void>;
  /** Of this kind, oldest first. */
  told(kind: ActivityKind): Promise<Activity[]>;
  /** Objects at the place, by name. */
  objects(): string[];
  /** Ends the daemon, checks every byte of the vault, restores, compares by programs that are not ours: what is wrong. */
  faults(): Promise<string[]>;
};

export type GuardOptions = {
  readonly settings?: Partial<Settings>;
  /** Before anything is there. */
  readonly before?: (computer: Computer) => void;
  /** Before anything is watched. */
  readonly fill?: (files: string) => void;
  /** When the daemon has ended, before everything is removed. */
  readonly release?: () => void;
};

/** Quick, so that a test need not wait; nothing that is decided depends on how long it is. */
export const quick: Partial<Settings> = {
  schedule: { kind: 'continuous', quietSeconds: 0.3, exposureMinutes: 1 },
};

/** Call it inside a test; `onTestFinished` ends and removes everything. */
export async function guard(name: string, options: GuardOptions = {}): Promise<Guarded> {
  const computer = await makeComputer(name, options.before);
  const daemon = daemonOf(computer);
  onTestFinished(async () => {
    await daemon.kill();
    options.release?.();
    computer.remove();
  });
  const guarded = guardedBy(computer, daemon, computer.at('files'));
  mkdirSync(guarded.files, { recursive: true });
  options.fill?.(guarded.files);
  await daemon.start();
  await beginGuarding(guarded, options.settings ?? quick);
  return guarded;
}

export async function beginGuarding({ computer, daemon, files }: Guarded, settings: Partial<Settings>): Promise<void> {
  const { api } = daemon;
  await api.changeSettings(settings);
  await api.addPlace({ url: computer.store, passphrase });
  await api.addSource({ path: files, rules: { patterns: [], presets: [], cacheDirTag: true, oneFileSystem: true } });
}

export function guardedBy(computer: Computer, daemon: Daemon, files: string): Guarded {
  return {
    computer,
    daemon,
    files,
    async until(what, holds, mostMs = 40_000) {
      for (const began = performance.now(); ; await pause(30)) {
        const state = await daemon.api.state();
        if (holds(state)) return state;
        if (performance.now() - began > mostMs) throw new Error(`never ${what}: ${JSON.stringify(state, null, 1)}`);
      }
    },
    async untilSafe(mostMs = 60_000) {
      if (await daemon.api.waitUntilSafe({ timeoutMs: mostMs })) return;
      throw new Error(`not safe in ${mostMs} ms: ${JSON.stringify(await daemon.api.state(), null, 1)}`);
    },
    async told(kind) {
      const all = await daemon.api.activity({ most: 1000, problemsOnly: false });
      return all.filter((activity) => activity.kind === kind).toSorted((left, right) => left.id - right.id);
    },
    objects: () =>
      readdirSync(computer.store, { recursive: true, withFileTypes: true })
        .filter(
          (entry) =>
            entry.isFile() && !/tmp|lock/.test(join(entry.parentPath, entry.name).slice(computer.store.length)),
        )
        .map((entry) => join(entry.parentPath, entry.name))
        .sort(),
    async faults() {
      const faults: string[] = [];
      const ended = await daemon.stop();
      if (ended !== 0) faults.push(`the daemon ended with ${ended}`);
      const check = await computer.coffer(['check', '--read-data']);
      if (check.exit !== 0) faults.push(`the vault does not check: ${check.out}${check.err}`);
      const target = computer.at('restored');
      const restored = await computer.coffer(['restore', 'latest', '--target', target]);
      if (restored.exit !== 0) return [...faults, `restore ended with ${restored.exit}: ${restored.err}`];
      faults.push(...outsideDifferences(files, join(target, files)));
      rmSync(target, { recursive: true, force: true });
      if (daemon.complaints !== '') faults.push(`the daemon complained: ${daemon.complaints.slice(0, 2_000)}`);
      return faults;
    },
  };
}

export const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
