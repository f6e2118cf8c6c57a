import type { Wifi } from '../engine.ts';

/** Addresses of this computer's interfaces with a default route, the one that is used first: of `route print -4 0.0.0.0`. */
export function windowsRoutesOf(text: string): string[] {
  const rows = [...text.matchAll(/^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+\S+\s+(\d+\.\d+\.\d+\.\d+)\s+(\d+)\s*$/gm)];
  return rows
    .map(([, address = '', metric]) => ({ address, metric: Number(metric) }))
    .sort((left, right) => left.metric - right.metric)
    .map(({ address }) => address);
}

/**
 * Wi-Fi interfaces that are connected, with the names of their networks: of `netsh wlan show interfaces`. Its words are those
 * of the person's language; but each block begins with the name of the interface, and SSID is SSID everywhere.
 */
export function windowsWifisOf(text: string): ReadonlyMap<string, string> {
  const wifis = new Map<string, string>();
  for (const block of text.replaceAll('\r', '').split(/\n\s*\n/)) {
    const device = /^ {2,}[^:]+: (.+)$/m.exec(block)?.[1]?.trim();
    const name = /^ +SSID +: (.+)$/m.exec(block)?.[1];
    if (device !== undefined && name !== undefined) wifis.set(device, name);
  }
  return wifis;
}

/** `devices` have the default routes, the one that is used first. */
export function windowsWifi(devices: readonly string[], wifis: ReadonlyMap<string, string>): Wifi {
  const [first] = devices;
  const name = first === undefined ? undefined : wifis.get(first);
  // A letter that could not be read: the program writes in an alphabet of its own.
  if (name !== undefined) return name.includes('\ufffd') ? { kind: 'unknown' } : { kind: 'named', name };
  // A cable and a tunnel look alike from here; with a Wi-Fi behind it, it may be the one or the other.
  return devices.some((device) => wifis.has(device)) ? { kind: 'unknown' } : { kind: 'none' };
}
