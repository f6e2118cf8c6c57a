import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../engine/base/index.ts';
import { type AgentState, applyPatch } from '../../../engine/contract/index.ts';
import { loadIndex, openVault } from '../../../engine/repository/index.ts';
import { executeRestore, planRestore } from '../../../engine/snapshot/index.ts';
import { createLocalStore, type Store } from '../../../engine/storage/index.ts';
import { bulk, filesBelow } from '../backup/world.ts';
import { type Agent, type Computer, continuous, makeComputer, passphrase, rules, until } from './computer.ts';

const MiB = 1024 * 1024;
const hugeBytes = 64 * MiB;
/** Of a run; a slab of the huge file takes half of it. As ever, runs that get no further are followed by longer ones. */
const readMs = 400;

type Scene = { readonly computer: Computer; readonly huge: string; readonly readBytes: () => number };

/** A computer with a huge file that takes several runs to read, and a place that is slow to take packs. */
function setScene(): Scene {
  const computer = makeComputer();
  const huge = join(computer.files, 'huge');
  writeFileSync(huge, bulk(hugeBytes, 1));
  mkdirSync(computer.store);
  let readBytes = 0;
  const fds = new Set<number>();
  const { open, read, close } = computer.ports.fileSystem;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  Object.assign(computer.ports.fileSystem, {
    open: (...[path, ...rest]: Parameters<typeof open>) => {
      const fd = open(path, ...rest);
      if (path === huge) fds.add(fd);
      return fd;
    },
    close(fd: number) {
      fds.delete(fd);
      close(fd);
    },
    read: (...[fd, into, position]: Parameters<typeof read>) => {
      const got = read(fd, into, position);
      if (!fds.has(fd) || got === 0) return got;
      readBytes += got;
      Atomics.wait(pause, 0, 0, (got / (8 * MiB)) * (readMs / 2));
      return got;
    },
  });
  const { fileSystem, random } = computer.ports;
  const storeFor = async (root: string): Promise<Store> => {
    const store = createLocalStore({ root, fileSystem, clock: systemClock, random });
    return {
      ...store,
      async adopt(key, path, signal) {
        await systemClock.sleep(10);
        await store.adopt(key, path, signal);
      },
    };
  };
  Object.assign(computer.ports, { storeFor, readMs: (_: unknown, stuckRuns: number) => readMs * 2 ** stuckRuns });
  return { computer, huge, readBytes: () => readBytes };
}

async function startOn(computer: Computer, places = [computer.store]): Promise<Agent> {
  const agent = computer.agent();
  await agent.api.changeSettings({ schedule: continuous });
  for (const url of places) await agent.api.addPlace({ url, passphrase });
  await agent.api.addSource({ path: computer.files, rules });
  // Nothing that is still to come is ever told as protected.
  let state: AgentState | null = null;
  const lies: unknown[] = [];
  agent.on('state', (patch) => {
    state = state === null ? (patch as AgentState) : applyPatch(state, patch); // the first carries all
    const { coverage, standing, exposure } = state;
    const { seen, saved, leftOut, failed, deferred } = coverage;
    if (seen !== saved + leftOut + failed + deferred) lies.push(coverage);
    // Nothing is exposed once one of several places has all of it.
    const isExposed = exposure.files > 0 || state.places.some(({ protectedMs }) => protectedMs !== null);
    if (deferred > 0 && (standing === 'safe' || !isExposed)) lies.push({ standing, exposure });
  });
  onTestFinished(() => expect(lies).toEqual([]));
  await agent.start();
  return agent;
}

const verdictOf = async (agent: Agent, path: string) => (await agent.api.why({ path })).places[0];
/** Those that are done, oldest first. */
const runsOf = async (agent: Agent) => {
  const all = await agent.api.activity({ most: 100, problemsOnly: false });
  return all.filter(({ kind }) => kind === 'runDone').toSorted((one, other) => one.id - other.id);
};
const isOver = ({ standing, run, exposure }: AgentState): boolean =>
  standing === 'safe' && run === null && exposure.files === 0;

async function expectRestored(computer: Computer, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const secret = async () => ({ kind: 'passphrase', passphrase }) as const;
  const vault = await openVault(computer.ports, { store: computer.store, mode: 'read', secret });
  const snapshot = vault.snapshots.at(-1);
  if (snapshot === undefined) throw new Error('no snapshot');
  const target = join(computer.folder, 'restored');
  const opened = { vault, index: await loadIndex(vault, { without: new Set() }) };
  const plan = await planRestore(computer.ports, opened, { snapshot, paths: [], target, userHome: computer.folder });
  const { failed, remarks } = await executeRestore(computer.ports, opened, plan);
  await vault.close();
  expect([failed, remarks]).toEqual([0, []]);
  for (const [name, bytes] of Object.entries(files)) {
    const restored = readFileSync(join(target, computer.files, name));
    expect([name, Buffer.compare(restored, bytes)]).toEqual([name, 0]);
  }
}

describe('while a huge file is being stored', { timeout: 120_000 }, () => {
  test('a small file that is saved meanwhile is confirmed long before it, and it is whole in the end', async () => {
    const { computer, huge } = setScene();
    const small = join(computer.files, 'letter');
    writeFileSync(join(computer.files, 'early'), 'was there');
    const agent = await startOn(computer);
    await until(agent, ({ coverage }) => coverage.deferred === 1);
    // Nothing more happens once the run is done that has it.
    const deafen = agent.on('activity', ({ kind, context }) => {
      if (kind === 'runDone' && context['files'] === 2) void agent.api.pause({ until: 'resumed', untilMs: null });
    });
    writeFileSync(small, 'dear');
    const between = await until(agent, ({ standing, run }) => standing === 'paused' && run === null);
    expect(await verdictOf(agent, small)).toMatchObject({ verdict: 'protected' });
    expect(await verdictOf(agent, huge)).toMatchObject({ verdict: 'waiting', turn: { at: 1, of: 1 }, kept: null });
    expect(between).toMatchObject({ protectedMs: null, coverage: { deferred: 1 }, places: [{ protectedMs: null }] });
    expect(between.exposure.files).toBeGreaterThanOrEqual(1);
    expect(between.exposure.bytes).toBeGreaterThanOrEqual(hugeBytes);
    deafen();
    await agent.api.resume();
    await until(agent, isOver);
    expect(await verdictOf(agent, huge)).toMatchObject({ verdict: 'protected', turn: null });
    expect((await runsOf(agent)).length).toBeGreaterThan(2);
    await expectRestored(computer, {
      letter: Buffer.from('dear'),
      early: Buffer.from('was there'),
      huge: bulk(hugeBytes, 1),
    });
  });

  test('another place does not wait until the first has all of it', async () => {
    const { computer } = setScene();
    const other = join(computer.folder, 'other');
    mkdirSync(other);
    writeFileSync(join(computer.files, 'letter'), 'dear');
    const agent = await startOn(computer, [computer.store, other]);
    await until(agent, isOver);
    await until(agent, (state) => state.places.every(({ protectedMs }) => protectedMs !== null));
    const places = (await runsOf(agent)).map(({ context }) => context['place']);
    expect(places.indexOf(other)).toBeLessThan(places.lastIndexOf(computer.store));
  });

  test('whoever waits until all is safe waits for it too, and for a person who asks it goes on as well', async () => {
    const { computer } = setScene();
    const agent = await startOn(computer);
    await agent.api.backUpNow({ anyway: false });
    expect(await agent.api.waitUntilSafe({ timeoutMs: 60_000 })).toBe(true);
    expect((await agent.api.state()).coverage).toMatchObject({ deferred: 0, files: 1 });
  });

  test('an agent that ended in the middle begins it again, and stores nothing twice', async () => {
    const { computer, huge, readBytes } = setScene();
    writeFileSync(join(computer.files, 'letter'), 'dear');
    const first = await startOn(computer);
    await until(first, ({ coverage }) => coverage.deferred === 1);
    await first.close();
    const readBefore = readBytes();
    const second = computer.agent();
    await second.start();
    await until(second, isOver);
    // Once more, and of each run that ended meanwhile what it had under way: on a busy computer they are several.
    expect(readBytes() - readBefore).toBeLessThan(2 * hugeBytes);
    let packed = 0;
    for (const [path] of filesBelow(computer.ports.fileSystem, join(computer.store, 'packs')))
      packed += statSync(path).size;
    expect(packed).toBeLessThan(1.1 * hugeBytes);
    await expectRestored(computer, { huge: readFileSync(huge) });
  });

  test('what is gone before its turn is waited for no longer', async () => {
    const { computer, huge } = setScene();
    writeFileSync(join(computer.files, 'letter'), 'dear');
    const agent = await startOn(computer);
    await until(agent, ({ coverage }) => coverage.deferred === 1);
    rmSync(huge);
    const { coverage } = await until(agent, isOver);
    expect(coverage).toMatchObject({ files: 1, deferred: 0, failed: 0 });
  });

  test('a pause holds it, and says what is not saved', async () => {
    const { computer } = setScene();
    writeFileSync(join(computer.files, 'letter'), 'dear');
    const agent = await startOn(computer);
    await agent.api.backUpNow({ anyway: true });
    await until(agent, ({ coverage }) => coverage.deferred === 1);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    appendFileSync(join(computer.files, 'letter'), ' all');
    const paused = await until(agent, ({ standing, exposure }) => standing === 'paused' && exposure.files === 2);
    expect(paused.run).toBeNull();
    expect(paused.exposure.bytes).toBeGreaterThanOrEqual(hugeBytes);
    await agent.api.resume();
    await until(agent, isOver);
  });
});
