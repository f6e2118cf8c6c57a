import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AgentPorts } from '../../../engine/agent/index.ts';
import { systemClock } from '../../../engine/base/index.ts';
import type { BandwidthPolicy } from '../../../engine/contract/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { createFarStore } from '../../support/far-store.ts';
import { continuous, makeComputer, passphrase, rules, until } from './computer.ts';

/** An agent whose only place is far away, and a file for it that takes a while at the least rate. */
async function sendingFar(bandwidth: BandwidthPolicy) {
  const computer = makeComputer();
  const store = createFarStore({
    inner: createMemoryStore({ url: computer.store }),
    fileSystem: computer.ports.fileSystem,
    clock: systemClock,
    seed: 1,
    latencyMs: 1,
    bytesPerSecond: 1e9,
  });
  Object.assign(computer.ports, { storeFor: async () => store } satisfies Partial<AgentPorts>);
  const agent = computer.agent();
  const { policies } = await agent.api.settings();
  await agent.api.addPlace({ url: computer.store, passphrase });
  await agent.api.changeSettings({ schedule: continuous, policies: { ...policies, bandwidth } });
  for (const name of ['a', 'b']) writeFileSync(join(computer.files, name), randomBytes(300_000));
  await agent.api.addSource({ path: computer.files, rules });
  await agent.start();
  return { agent, policies, store };
}

const unlimited: BandwidthPolicy = { limits: [], otherwise: null };
// The whole day but its last minute, at which the rest counts.
const allDay = (bytesPerSecond: number | null): BandwidthPolicy => ({
  limits: [{ fromMinute: 0, toMinute: 1439, bytesPerSecond }],
  otherwise: bytesPerSecond,
});

test('sending keeps to the rate of this time of day, and a change counts at once', async () => {
  const { agent, policies } = await sendingFar(allDay(10_000));
  await until(agent, ({ run }) => run !== null);
  await systemClock.sleep(2_500);
  expect((await agent.api.state()).run).not.toBeNull();
  await agent.api.changeSettings({ policies: { ...policies, bandwidth: unlimited } });
  await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 2);
});

test('a run that was asked for anyway is not limited', async () => {
  const { agent } = await sendingFar(allDay(10_000));
  await agent.api.pause({ until: 'resumed', untilMs: null });
  await agent.api.backUpNow({ anyway: true });
  await until(agent, ({ run, coverage }) => run === null && coverage.files === 2);
});
