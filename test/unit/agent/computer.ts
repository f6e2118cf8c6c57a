import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AgentPorts, createAgent } from '../../../engine/agent/index.ts';
import { type Clock, silentLog, systemClock, systemRandom } from '../../../engine/base/index.ts';
import type { AgentState, SourceRules } from '../../../engine/contract/index.ts';
import { allAnswer, createRealFileSystem, createWatcher } from '../../../engine/filesystem/index.ts';
import type { Secret } from '../../../engine/repository/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** Less than what the agent takes for a sleep. */
const stepMs = 4_000;

export const passphrase = 'correct horse battery staple';
export const rules: SourceRules = { patterns: ['*.tmp'], presets: [], cacheDirTag: true, oneFileSystem: true };

/** An agent of one computer on the real world; only its secrets and its power are pretended. */
export function makeComputer() {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const files = join(folder, 'files');
  const store = join(folder, 'place');
  mkdirSync(home);
  mkdirSync(files);
  const fileSystem = createRealFileSystem();
  const secrets = new Map<string, Secret>();
  let asleepMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + asleepMs };
  const battery = { onBattery: false, percent: null as number | null };
  const powerListeners = new Set<() => void>();
  const ports: AgentPorts = {
    home,
    fileSystem,
    clock,
    random: systemRandom,
    log: silentLog,
    threads: false,
    secrets: {
      find: async (vault) => secrets.get(vault) ?? null,
      async keep(vault, text) {
        secrets.set(vault, { kind: 'passphrase', passphrase: text });
        return true;
      },
      forget: async (vault) => void secrets.delete(vault),
    },
    power: {
      read: () => battery,
      onChange(hear) {
        powerListeners.add(hear);
        return () => void powerListeners.delete(hear);
      },
    },
    network: {
      read: () => ({ online: true, metered: false }),
      wifi: () => ({ kind: 'none' }),
      onChange: () => () => {},
    },
    watcher: createWatcher({ fileSystem, clock: systemClock, platform: process.platform, log: silentLog }),
    answering: allAnswer,
    localOffsetMinutes: () => 0,
  };
  return {
    folder,
    files,
    store,
    secrets,
    ports,
    /** As if the process had been stopped for so long. */
    sleep(ms: number) {
      asleepMs += ms;
    },
    /** So much time goes by while the agent runs. */
    async pass(ms: number) {
      for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
        asleepMs += stepMs;
        for (const hear of powerListeners) hear();
        await systemClock.sleep(50);
      }
    },
    setBattery(now: typeof battery) {
      Object.assign(battery, now);
      for (const hear of powerListeners) hear();
    },
    agent() {
      const identity = { version: '0', host: 'h', user: 'u', userHome: folder, platform: 'linux', processId: 1 };
      const agent = createAgent(ports, identity);
      onTestFinished(() => agent.close());
      return agent;
    },
  };
}

export type Computer = ReturnType<typeof makeComputer>;
export type Agent = ReturnType<Computer['agent']>;

/** Says what never came; however busy the computer is, what is on its way comes before. */
const patienceMs = 60_000;

export async function until(agent: Agent, holds: (state: AgentState) => boolean): Promise<AgentState> {
  for (const began = performance.now(); ; ) {
    const state = await agent.api.state();
    if (holds(state)) return state;
    if (performance.now() - began > patienceMs) throw new Error(`never came: ${JSON.stringify(state, null, 1)}`);
    await systemClock.sleep(20);
  }
}

export const continuous = { kind: 'continuous', quietSeconds: 0.2, exposureMinutes: 15 } as const;

export async function protecting(computer: Computer): Promise<Agent> {
  const agent = computer.agent();
  await agent.api.changeSettings({ schedule: continuous });
  await agent.api.addPlace({ url: computer.store, passphrase });
  await agent.api.addSource({ path: computer.files, rules });
  await agent.start();
  await until(agent, ({ standing }) => standing === 'safe');
  return agent;
}
