/** The interface of the default route, of `route -n get default`; null without one. */
export function macRouteOf(text: string): string | null {
  return /^\s*interface: (\S+)$/m.exec(text)?.[1] ?? null;
}

/** Devices by what they are: of `networksetup -listallhardwareports`. */
export function macPortsOf(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/^Hardware Port: (.+)\nDevice: (\S+)$/gm)];
  return new Map(pairs.map(([, port = '', device = '']) => [device, port]));
}

/** The Wi-Fi device in use, or null. A tunnel has no port of its own; behind it the Wi-Fi is asked. */
export function macWifiDevice(route: string | null, ports: ReadonlyMap<string, string>): string | null {
  if (route === null) return null;
  const port = ports.get(route);
  if (port !== undefined) return isWifi(port) ? route : null;
  return [...ports].find(([, name]) => isWifi(name))?.[0] ?? null;
}

const isWifi = (port: string): boolean => port === 'Wi-Fi' || port === 'AirPort';

/** Of `ipconfig getsummary en0`. Null where it says none, or hides it, as newer systems do from programs. */
export function nameBySummary(text: string): string | null {
  const name = /^\s*SSID : (.+)$/m.exec(text)?.[1];
  return name === undefined || name === '<redacted>' ? null : name;
}

/** Of `networksetup -getairportnetwork en0`. */
export function nameByNetworkSetup(text: string): string | null {
  return /^Current (?:Wi-Fi|AirPort) Network: (.+)$/m.exec(text)?.[1] ?? null;
}
