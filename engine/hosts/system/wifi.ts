import { networkInterfaces } from 'node:os';
import type { Wifi } from '../engine.ts';
import { type NetworkFolders, readDefaultRoutes, readInterfaces, wifiPrograms, wirelessInUse } from './linux-wifi.ts';
import { macPortsOf, macRouteOf, macWifiDevice, nameByNetworkSetup, nameBySummary } from './mac-wifi.ts';
import { textOfProgram } from './program.ts';
import { windowsRoutesOf, windowsWifi, windowsWifisOf } from './windows-wifi.ts';

/** What a program of the system prints. */
export type AskProgram = (name: string, args: readonly string[]) => Promise<string>;

export type WifiOptions = {
  readonly platform: string;
  /** For tests: what the system would say. */
  readonly askProgram?: AskProgram;
  readonly folders?: NetworkFolders;
};

/** Asks the system which Wi-Fi is in use. What cannot be found out is `unknown`, and never an error. */
export function createWifiQuestion({
  platform,
  askProgram = textOfProgram,
  folders = { sys: '/sys/class/net', proc: '/proc/net' },
}: WifiOptions): () => Promise<Wifi> {
  const ask = { linux: () => linuxWifi(askProgram, folders), darwin: () => macWifi(askProgram) };
  const asked = platform === 'win32' ? () => winWifi(askProgram) : (ask[platform as keyof typeof ask] ?? nobody);
  return async () => {
    try {
      return await asked();
    } catch {
      return { kind: 'unknown' };
    }
  };
}

const nobody = async (): Promise<Wifi> => ({ kind: 'unknown' });

const named = (name: string | null): Wifi => (name === null ? { kind: 'unknown' } : { kind: 'named', name });

async function linuxWifi(askProgram: AskProgram, folders: NetworkFolders): Promise<Wifi> {
  const device = wirelessInUse(readInterfaces(folders), readDefaultRoutes(folders));
  if (device === null) return { kind: 'none' };
  for (const { name, args, read } of wifiPrograms) {
    // One that is missing, or does not manage this device, leaves it to the next.
    const told = read(await askProgram(name, args(device)).catch(() => ''));
    if (told !== null) return named(told);
  }
  return { kind: 'unknown' };
}

async function macWifi(askProgram: AskProgram): Promise<Wifi> {
  // It fails where there is no default route.
  const route = macRouteOf(await askProgram('route', ['-n', 'get', 'default']).catch(() => ''));
  if (route === null) return { kind: 'none' };
  const device = macWifiDevice(route, macPortsOf(await askProgram('networksetup', ['-listallhardwareports'])));
  if (device === null) return { kind: 'none' };
  const told = nameBySummary(await askProgram('ipconfig', ['getsummary', device]));
  return named(told ?? nameByNetworkSetup(await askProgram('networksetup', ['-getairportnetwork', device])));
}

async function winWifi(askProgram: AskProgram): Promise<Wifi> {
  const routes = windowsRoutesOf(await askProgram('route', ['print', '-4', '0.0.0.0']));
  // It fails where there is no Wi-Fi at all.
  const wifis = windowsWifisOf(await askProgram('netsh', ['wlan', 'show', 'interfaces']).catch(() => ''));
  const deviceOf = new Map(
    Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
      (addresses ?? []).map(({ address }) => [address, device] as const),
    ),
  );
  return windowsWifi(
    routes.flatMap((address) => deviceOf.get(address) ?? []),
    wifis,
  );
}
