// A real daemon process and one face of it: what the bench and the tests of latency drive.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentApi, type AgentState, applyPatch } from '../../engine/contract/index.ts';
import { type Computer, passphrase } from './coffer.ts';
import { daemonOf } from './daemon.ts';

export type WatchedAgent = {
  readonly processId: number;
  readonly api: AgentApi;
  /** Resolves with the first state of which this is true, from the one that is known now on. */
  until(what: string, isSo: (state: AgentState) => boolean): Promise<AgentState>;
  /** SIGKILL, and a new one; the seconds until its socket answers. */
  killAndStart(): Promise<number>;
  end(): Promise<void>;
};

const patienceMs = 10 * 60_000;

export const startAgent = async (computer: Computer): Promise<WatchedAgent> => {
  const daemon = daemonOf(computer);
  let state: AgentState | null = null;
  let news = Promise.withResolvers<void>();
  const start = async (): Promise<number> => {
    const began = performance.now();
    state = null;
    await daemon.start();
    await daemon.api.state();
    const seconds = (performance.now() - began) / 1000;
    daemon.connection.on('state', (patch) => {
      // The first patch carries every field.
      state = state === null ? (patch as AgentState) : applyPatch(state, patch);
      news.resolve();
      news = Promise.withResolvers();
    });
    return seconds;
  };
  await start();
  return {
    get processId() {
      return daemon.processId;
    },
    get api() {
      return daemon.api;
    },
    async until(what, isSo) {
      const late = pause(patienceMs, 'late' as const, { ref: false });
      for (;;) {
        if (state !== null && isSo(state)) return state;
        if ((await Promise.race([news.promise, late])) === 'late') throw new Error(`The agent never was ${what}.`);
      }
    },
    async killAndStart() {
      await daemon.kill();
      return await start();
    },
    end: () => daemon.kill(),
  };
};

/** Makes a vault in the computer's place, and protects a folder in it. */
export const protect = async ({ api }: WatchedAgent, { store }: Computer, folder: string): Promise<void> => {
  await api.addPlace({ url: store, passphrase });
  await api.addSource({ path: folder, rules: { patterns: [], presets: [], cacheDirTag: false, oneFileSystem: true } });
};

export const isSafe = ({ standing, run, exposure }: AgentState): boolean =>
  standing === 'safe' && run === null && exposure.files === 0;

/** Something is confirmed that began after a moment of the wall clock. */
export const isConfirmedSince =
  (sinceMs: number) =>
  (state: AgentState): boolean =>
    isSafe(state) && (state.protectedMs ?? 0) >= sinceMs;

/** The seconds that "pause" takes until nothing runs any more. */
export const secondsToPause = async ({ api }: WatchedAgent): Promise<number> => {
  const began = performance.now();
  await api.pause({ until: 'resumed', untilMs: null });
  const { run } = await api.state();
  if (run !== null) throw new Error('The agent still runs although it is paused.');
  return (performance.now() - began) / 1000;
};
