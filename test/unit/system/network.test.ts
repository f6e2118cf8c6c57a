import { expect, test } from 'vitest';
import { type Clock, silentLog } from '../../../engine/base/index.ts';
import type { Wifi } from '../../../engine/hosts/engine.ts';
import { createNetwork, isMeteredBy } from '../../../engine/hosts/system/network.ts';

/** `nmcli -t -f GENERAL.METERED dev show`: a line for each device, with an empty line between. */
const devices = (...metered: string[]): string => `${metered.map((text) => `GENERAL.METERED:${text}`).join('\n\n')}\n`;

test('a connection is metered where NetworkManager says so, or guesses it', () => {
  expect(isMeteredBy(devices('yes', 'unknown'))).toBe(true);
  expect(isMeteredBy(devices('unknown', 'yes (guessed)'))).toBe(true);
  expect(isMeteredBy(devices('no', 'no (guessed)', 'unknown'))).toBe(false);
  expect(isMeteredBy('')).toBe(false);
});

/** Each pause lasts until the test ends it. */
function handPolled(parts: Partial<Parameters<typeof createNetwork>[0]>) {
  const pauses: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: () => new Promise((end) => pauses.push(end)),
  };
  const network = createNetwork({ platform: 'linux', clock, log: silentLog, ...parts });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    network,
    async pass() {
      pauses.shift()?.();
      await settle();
    },
  };
}

test('coming online and becoming metered are told', async () => {
  let isOnline = false;
  let said = devices('unknown');
  const { network, pass } = handPolled({ isOnline: () => isOnline, askManager: async () => said });
  const heard: unknown[] = [];
  network.onChange(() => heard.push(network.read()));
  expect(network.read()).toEqual({ online: false, metered: false });
  await pass();
  isOnline = true;
  await pass();
  said = devices('yes (guessed)');
  await pass();
  await pass();
  expect(heard).toEqual([
    { online: true, metered: false },
    { online: true, metered: true },
  ]);
  network.stop();
});

test('a missing nmcli is asked once; one that fails is asked again', async () => {
  for (const [code, times] of [
    ['ENOENT', 1],
    ['ETIMEDOUT', 3],
  ] as const) {
    let asked = 0;
    const askManager = async (): Promise<string> => {
      asked++;
      throw Object.assign(new Error(code), { code });
    };
    const { network, pass } = handPolled({ isOnline: () => true, askManager });
    for (let round = 0; round < 3; round++) await pass();
    expect([asked >= times, asked === 1]).toEqual([true, times === 1]);
    expect(network.read()).toEqual({ online: true, metered: false });
    network.stop();
  }
});

test('which Wi-Fi it is, is asked only when somebody wants to know, and told when it changes', async () => {
  let asked = 0;
  let name = 'Home';
  const askWifi = async (): Promise<Wifi> => {
    asked++;
    return { kind: 'named', name };
  };
  const { network, pass } = handPolled({ platform: 'other', isOnline: () => true, askWifi });
  const heard: Wifi[] = [];
  network.onChange(() => heard.push(network.wifi()));
  await pass();
  expect(asked).toBe(0);
  expect(network.wifi()).toEqual({ kind: 'asking' });
  await pass();
  name = 'Phone';
  for (let round = 0; round < 3; round++) await pass();
  expect(heard).toEqual([
    { kind: 'named', name: 'Home' },
    { kind: 'named', name: 'Phone' },
  ]);
  network.stop();
});
