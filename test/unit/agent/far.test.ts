import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock, utf8 } from '../../../engine/base/index.ts';
import type { AgentState } from '../../../engine/contract/index.ts';
import { sha256Hex } from '../../../engine/crypto/index.ts';
import { openStore } from '../../../engine/storage/index.ts';
import { createFarStore, createNetwork } from '../../support/far-store.ts';
import { fastNoise } from '../../support/fast-noise.ts';
import { type Computer, continuous, makeComputer, passphrase, rules, until } from './computer.ts';

/** A computer whose place is at the other end of a line. */
function farComputer(bytesPerSecond: number) {
  const computer = makeComputer();
  const network = createNetwork();
  /** Of each store that is opened from now on. */
  const line = { clock: systemClock, network, bytesPerSecond, latencyMs: 5 };
  const { fileSystem } = computer.ports;
  let seed = 0;
  Object.assign(computer.ports, {
    storeFor: async (url: string, forNewVault: boolean) => {
      const inner = await openStore(url, { fileSystem, owner: 'far' }, forNewVault ? { whenMissing: 'make' } : {});
      return createFarStore({ inner, fileSystem, seed: ++seed, ...line });
    },
  });
  return { ...computer, network, line };
}

const spoolsOf = ({ ports }: Computer): string[] => {
  const vaults = join(ports.home, 'vaults');
  const names = readdirSync(vaults, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /spool-[0-9a-f]+$/.test(name)).map((name) => join(vaults, name));
};

const spoolNameOf = (url: string): string => `spool-${sha256Hex(utf8(url)).slice(0, 16)}`;

const nothing = { objects: 0, bytes: 0, parked: 0 };

test('a far place is fed through a spool, and the state says what waits and what has arrived', async () => {
  const computer = farComputer(3e6);
  const agent = computer.agent();
  const shown: AgentState[] = [];
  agent.on('state', (patch) => void shown.push({ ...(shown.at(-1) as AgentState), ...patch }));
  await agent.api.changeSettings({ schedule: continuous });
  const { id } = await agent.api.addPlace({ url: computer.store, passphrase });
  mkdirSync(join(computer.files, 'photos'));
  for (let file = 0; file < 4; file++) {
    writeFileSync(join(computer.files, 'photos', `${file}`), fastNoise(3_000_000, `${file}`));
  }
  await agent.api.addSource({ path: computer.files, rules });
  await agent.start();
  const safe = await until(agent, ({ standing }) => standing === 'safe');
  expect(safe.places[0]).toMatchObject({ id, uploads: nothing });

  const waiting = shown.filter(({ places }) => (places[0]?.uploads.bytes ?? 0) > 1_000_000);
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting.every(({ standing }) => standing === 'working')).toBe(true);
  const runs = shown.flatMap(({ run }) => (run === null ? [] : [run]));
  expect(runs.some(({ phase }) => phase === 'sending')).toBe(true);
  const stored = runs.map(({ storedBytes }) => storedBytes);
  expect(stored).toEqual(stored.toSorted((one, other) => one - other));
  expect(Math.max(...stored)).toBeGreaterThan(1_000_000);
  expect(Math.max(...stored)).toBeLessThan(computer.network.sentBytes);
});

test('what waits when the agent ends is shown by the next one, and sent first', async () => {
  const computer = farComputer(1e6);
  const first = computer.agent();
  await first.api.changeSettings({ schedule: continuous });
  await first.api.addPlace({ url: computer.store, passphrase });
  for (let file = 0; file < 4; file++) writeFileSync(join(computer.files, `${file}`), fastNoise(2_000_000, `${file}`));
  await first.api.addSource({ path: computer.files, rules });
  await first.start();
  await until(first, ({ run, places }) => run?.phase === 'sending' && (places[0]?.uploads.objects ?? 0) > 0);
  computer.network.isDown = true;
  await first.close();
  expect(computer.network.underWay).toBe(0);
  const [spool = ''] = spoolsOf(computer);
  const left = readdirSync(spool).filter((name) => name.startsWith('packs_'));
  expect(left.length).toBeGreaterThan(0);

  const second = computer.agent();
  expect((await second.api.state()).places[0]?.uploads.objects).toBe(left.length);
  computer.network.isDown = false;
  await second.start();
  const safe = await until(second, ({ standing }) => standing === 'safe');
  expect(safe.places[0]?.uploads).toEqual(nothing);
  expect(readdirSync(spool)).toEqual([]);
  const packs = readdirSync(join(computer.store, 'packs'), { recursive: true, encoding: 'utf8' });
  for (const name of left) expect(packs).toContain(name.slice('packs_'.length).replace('_', '/'));
});

describe('what waits for a place that is removed', () => {
  /** Two copies of one vault: the second gets all of it at once, the first nothing any more. */
  async function twoCopies() {
    const computer = farComputer(1e6);
    const other = join(computer.folder, 'other');
    const agent = computer.agent();
    await agent.api.changeSettings({ schedule: continuous });
    await agent.api.addPlace({ url: computer.store, passphrase });
    cpSync(computer.store, other, { recursive: true });
    await agent.api.addPlace({ url: other, passphrase });
    for (let file = 0; file < 4; file++)
      writeFileSync(join(computer.files, `${file}`), fastNoise(2_000_000, `${file}`));
    await agent.api.addSource({ path: computer.files, rules });
    await agent.start();
    const waits = (at: number) => (state: AgentState) =>
      state.run?.phase === 'sending' && (state.places[at]?.uploads.objects ?? 0) > 0;
    return { computer, other, agent, waits };
  }
  const packsIn = (spool: string): string[] => readdirSync(spool).filter((name) => name.startsWith('packs_'));

  test('goes with it, also while the other copy of the vault is being sent to', async () => {
    const { computer, other, agent, waits } = await twoCopies();
    await until(agent, waits(0));
    await agent.api.pause({ until: 'resumed', untilMs: null });
    const [first = ''] = spoolsOf(computer);
    expect(packsIn(first)).not.toEqual([]);
    // The one whose last run is the longest ago is next.
    await agent.api.resume();
    await until(agent, waits(1));
    computer.line.bytesPerSecond = 100e6;
    await agent.api.removePlace({ url: computer.store });
    const [second = ''] = spoolsOf(computer);
    expect(spoolsOf(computer)).toEqual([second]);
    expect(second).not.toBe(first);
    const { places } = await until(agent, ({ standing }) => standing === 'safe');
    expect(places).toMatchObject([{ url: other, uploads: nothing }]);
  });

  test('goes with it while the agent is off too, and is made anew when the place is added again', async () => {
    const { computer, other, agent, waits } = await twoCopies();
    await until(agent, waits(0));
    await agent.api.pause({ until: 'resumed', untilMs: null });
    await agent.api.resume();
    await until(agent, waits(1));
    await agent.close();
    expect(spoolsOf(computer)).toHaveLength(2);
    const [kept = ''] = spoolsOf(computer).filter((spool) => spool.endsWith(spoolNameOf(other)));
    const left = packsIn(kept);
    expect(left).not.toEqual([]);

    // As a command does that finds no agent.
    const alone = computer.agent();
    await alone.api.removePlace({ url: computer.store });
    await alone.close();
    expect(spoolsOf(computer)).toEqual([kept]);
    expect(packsIn(kept)).toEqual(left);

    computer.line.bytesPerSecond = 100e6;
    const next = computer.agent();
    await next.api.addPlace({ url: computer.store, passphrase });
    expect((await next.api.state()).places.map(({ uploads }) => uploads.objects)).toEqual([left.length, 0]);
    await next.start();
    await until(next, ({ standing }) => standing === 'safe');
    expect(spoolsOf(computer).flatMap(packsIn)).toEqual([]);
  });
});
