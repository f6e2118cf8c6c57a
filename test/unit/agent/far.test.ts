import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../engine/base/index.ts';
import type { AgentState } from '../../../engine/contract/index.ts';
import { openStore } from '../../../engine/storage/index.ts';
import { createFarStore, createNetwork } from '../../support/far-store.ts';
import { fastNoise } from '../../support/fast-noise.ts';
import { continuous, makeComputer, passphrase, rules, until } from './computer.ts';

/** A computer whose place is at the other end of a line. */
function farComputer(bytesPerSecond: number) {
  const computer = makeComputer();
  const network = createNetwork();
  const { fileSystem } = computer.ports;
  let seed = 0;
  Object.assign(computer.ports, {
    storeFor: async (url: string, forNewVault: boolean) => {
      const inner = await openStore(url, { fileSystem, owner: 'far' }, forNewVault ? { whenMissing: 'make' } : {});
      const line = { clock: systemClock, network, bytesPerSecond, latencyMs: 5 };
      return createFarStore({ inner, fileSystem, seed: ++seed, ...line });
    },
  });
  return { ...computer, network };
}

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
  const [vault = ''] = readdirSync(join(computer.ports.home, 'vaults'));
  const folder = join(computer.ports.home, 'vaults', vault);
  const spool = join(folder, readdirSync(folder).find((name) => name.startsWith('spool-')) ?? '');
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
