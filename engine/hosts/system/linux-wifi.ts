import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A network interface as /sys/class/net shows it. */
export type Interface = {
  readonly name: string;
  /** Has a device behind it: no tunnel, bridge or container. */
  readonly isPhysical: boolean;
  readonly isWireless: boolean;
  readonly isUp: boolean;
};

/** Where Linux shows its interfaces and routes. */
export type NetworkFolders = { readonly sys: string; readonly proc: string };

export function readInterfaces({ sys }: NetworkFolders): Interface[] {
  return namesIn(sys).map((name) => {
    const folder = join(sys, name);
    return {
      name,
      isPhysical: existsSync(join(folder, 'device')),
      isWireless: existsSync(join(folder, 'wireless')) || existsSync(join(folder, 'phy80211')),
      isUp: textOf(join(folder, 'operstate')).trim() === 'up',
    };
  });
}

export function readDefaultRoutes({ proc }: NetworkFolders): string[] {
  return defaultRoutesOf(textOf(join(proc, 'route')), textOf(join(proc, 'ipv6_route')));
}

/** The interfaces of default routes, the one that is used first: the tables of IPv4 (decimal metrics) and IPv6 (hexadecimal). */
export function defaultRoutesOf(route: string, route6: string): string[] {
  const none = '00000000';
  const routes4 = rowsOf(route).flatMap(([name = '', to, , , , , metric, mask]) =>
    to === none && mask === none ? [{ name, metric: Number(metric) }] : [],
  );
  const routes6 = rowsOf(route6).flatMap(([to = '', length, , , , metric = '', , , , name = '']) =>
    /^0+$/.test(to) && length === '00' && name !== 'lo' ? [{ name, metric: Number.parseInt(metric, 16) }] : [],
  );
  const byMetric = (left: { metric: number }, right: { metric: number }): number => left.metric - right.metric;
  return [...routes4.sort(byMetric), ...routes6.sort(byMetric)].map(({ name }) => name);
}

/**
 * The wireless interface that the network is reached through; null when it is none. Behind a tunnel is what is up, and a cable
 * is what a system prefers.
 */
export function wirelessInUse(interfaces: readonly Interface[], routes: readonly string[]): string | null {
  const physical = interfaces.filter(({ isPhysical }) => isPhysical);
  const [routed] = routes.flatMap((name) => physical.filter((known) => known.name === name));
  const up = physical.filter(({ isUp }) => isUp);
  const inUse = routed ?? up.find(({ isWireless }) => !isWireless) ?? up[0];
  return inUse?.isWireless === true ? inUse.name : null;
}

/** Of `nmcli -t -f ACTIVE,SSID dev wifi list`; it writes `\:` for a colon and `\\` for a backslash. */
export function nameByManager(text: string): string | null {
  return nameOrNull(/^yes:(.+)$/m.exec(text)?.[1]?.replace(/\\(.)/g, '$1'));
}

/** Of `iw dev wlan0 link`; it writes `\xNN` for each byte that is no plain letter. */
export function nameByIw(text: string): string | null {
  const written = /^\s*SSID: (.+)$/m.exec(text)?.[1];
  if (written === undefined) return null;
  const bytes = written
    .split(/(\\x[0-9a-f]{2})/i)
    .map((part) => (/^\\x/.test(part) ? Buffer.of(Number.parseInt(part.slice(2), 16)) : Buffer.from(part)));
  return nameOrNull(Buffer.concat(bytes).toString('utf8'));
}

/** Of `iwgetid --raw wlan0`. */
export function nameByWirelessTools(text: string): string | null {
  return nameOrNull(text.replace(/\n$/, ''));
}

/** A hidden network may be shown without a name, or as NULs. */
const nameOrNull = (name: string | undefined): string | null =>
  name === undefined || /^\0*$/.test(name) ? null : name;

/** Programs that know the name, the likeliest first, with what to do with their answer. */
export const wifiPrograms: readonly {
  readonly name: string;
  args(device: string): readonly string[];
  readonly read: (text: string) => string | null;
}[] = [
  {
    name: 'nmcli',
    // Without looking around for other networks, which disturbs the one in use.
    args: (device) => ['-t', '-f', 'ACTIVE,SSID', 'dev', 'wifi', 'list', 'ifname', device, '--rescan', 'no'],
    read: nameByManager,
  },
  { name: 'iw', args: (device) => ['dev', device, 'link'], read: nameByIw },
  { name: 'iwgetid', args: (device) => ['--raw', device], read: nameByWirelessTools },
];

const rowsOf = (table: string): string[][] => table.split('\n').map((line) => line.trim().split(/\s+/));

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
