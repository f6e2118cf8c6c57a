// node far-agent-child.ts HOME PHRASE BYTES_PER_SECOND: an agent whose places are behind a line; says how things stand until it is killed.
import process from 'node:process';
import { createAgent } from '../../engine/agent/index.ts';
import { silentLog, systemClock, systemRandom } from '../../engine/base/index.ts';
import { allAnswer, createRealFileSystem, createWatcher } from '../../engine/filesystem/index.ts';
import { openStore } from '../../engine/storage/index.ts';
import { createFarStore, createNetwork } from './far-store.ts';

export type FarAgentLine = {
  readonly standing: string;
  readonly phase: string | null;
  readonly waitingBytes: number;
  readonly sentBytes: number;
};

const [home = '', phrase = '', rate = ''] = process.argv.slice(2);
const fileSystem = createRealFileSystem();
const network = createNetwork();
const agent = createAgent(
  {
    ...{ home, fileSystem, clock: systemClock, random: systemRandom, log: silentLog, threads: true },
    storeFor: async (url) => {
      const inner = await openStore(url, { fileSystem, owner: 'far' });
      const line = { clock: systemClock, network, bytesPerSecond: Number(rate), latencyMs: 20 };
      return createFarStore({ inner, fileSystem, seed: 1, ...line });
    },
    secrets: { find: async () => ({ kind: 'phrase', phrase }), keep: async () => false, forget: async () => {} },
    power: { read: () => ({ onBattery: false, percent: null }), onChange: () => () => {} },
    network: {
      read: () => ({ online: true, metered: false }),
      wifi: () => ({ kind: 'none' }),
      onChange: () => () => {},
    },
    watcher: createWatcher({ fileSystem, clock: systemClock, platform: process.platform, log: silentLog }),
    answering: allAnswer,
    localOffsetMinutes: () => 0,
  },
  { version: '0', host: 'h', user: 'u', userHome: home, platform: 'linux', processId: process.pid },
);
await agent.start();
for (;;) {
  const { standing, run, places } = await agent.api.state();
  const waitingBytes = places[0]?.uploads.bytes ?? 0;
  const line: FarAgentLine = { standing, phase: run?.phase ?? null, waitingBytes, sentBytes: network.sentBytes };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await systemClock.sleep(50);
}
