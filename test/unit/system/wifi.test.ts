import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  defaultRoutesOf,
  type Interface,
  nameByIw,
  nameByManager,
  nameByWirelessTools,
  wirelessInUse,
} from '../../../engine/hosts/system/linux-wifi.ts';
import { macPortsOf, macWifiDevice, nameByNetworkSetup, nameBySummary } from '../../../engine/hosts/system/mac-wifi.ts';
import { type AskProgram, createWifiQuestion } from '../../../engine/hosts/system/wifi.ts';
import { windowsRoutesOf, windowsWifi, windowsWifisOf } from '../../../engine/hosts/system/windows-wifi.ts';
import { temporaryFolder } from '../../support/folder.ts';

const routes = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
  'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  'wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0',
  '',
].join('\n');
const zeros = '0'.repeat(32);
const routes6 = [
  `${zeros} 00 ${zeros} 00 fe80${'0'.repeat(27)}1 00000258 00000001 00000000 00000003    wlan0`,
  `fe80${'0'.repeat(28)} 40 ${zeros} 00 ${zeros} 00000100 00000002 00000000 00000001     eth0`,
  `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo`,
  '',
].join('\n');

describe('on Linux', () => {
  const wired: Interface = { name: 'eth0', isPhysical: true, isWireless: false, isUp: true };
  const wireless: Interface = { name: 'wlan0', isPhysical: true, isWireless: true, isUp: true };
  const tunnel: Interface = { name: 'tun0', isPhysical: false, isWireless: false, isUp: true };

  test('default routes are told with the one that is used first', () => {
    expect(defaultRoutesOf(routes, routes6)).toEqual(['eth0', 'wlan0', 'wlan0']);
    expect(defaultRoutesOf('', routes6)).toEqual(['wlan0']);
    expect(defaultRoutesOf('', '')).toEqual([]);
  });

  test.each<[string, string | null, Interface[], string[]]>([
    ['a Wi-Fi with the route', 'wlan0', [tunnel, wireless], ['wlan0']],
    ['no Wi-Fi beside a cable that has the route', null, [wired, wireless], ['eth0', 'wlan0']],
    ['the Wi-Fi although a cable is plugged in', 'wlan0', [wired, wireless], ['wlan0', 'eth0']],
    ['the Wi-Fi behind a tunnel', 'wlan0', [tunnel, wireless], ['tun0']],
    ['the cable behind a tunnel', null, [tunnel, wired, wireless], ['tun0']],
    ['no Wi-Fi that is not connected', null, [{ ...wireless, isUp: false }], []],
    ['nothing in a container', null, [{ ...wired, isPhysical: false }], ['eth0']],
  ])('in use is %s', (_, expected, interfaces, defaults) => {
    expect(wirelessInUse(interfaces, defaults)).toBe(expected);
  });

  test('nmcli: the active one, with colons and backslashes as they are', () => {
    expect(nameByManager('no:Neighbour\nyes:Home\\: 5 GHz\\\\\nno:yes\n')).toBe('Home: 5 GHz\\');
    expect(nameByManager('no:Neighbour\n')).toBeNull();
    expect(nameByManager('yes:\n')).toBeNull();
  });

  test('iw: letters beyond ASCII and blanks at the ends', () => {
    const link = (name: string) => `Connected to 02:00:00:00:00:00 (on wlan0)\n\tSSID: ${name}\n\tfreq: 5180.0\n`;
    expect(nameByIw(link('Home Net'))).toBe('Home Net');
    expect(nameByIw(link('Caf\\xc3\\xa9\\x20'))).toBe('Café ');
    expect(nameByIw(link('a\\x5cx41'))).toBe('a\\x41');
    expect(nameByIw(link('\\x00\\x00'))).toBeNull();
    expect(nameByIw('Not connected.\n')).toBeNull();
  });

  test('iwgetid: the name as it is', () => {
    expect(nameByWirelessTools('Home: 5 GHz\n')).toBe('Home: 5 GHz');
    expect(nameByWirelessTools('')).toBeNull();
  });

  function computer(interfaces: Record<string, readonly string[]>) {
    const folder = temporaryFolder();
    for (const [name, files] of Object.entries(interfaces)) {
      for (const file of files) {
        const path = join(folder, 'sys', name, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, 'up\n');
      }
    }
    mkdirSync(join(folder, 'proc'));
    writeFileSync(join(folder, 'proc', 'route'), routes.replace('eth0\t00000000', 'eth0\t00010000'));
    return { sys: join(folder, 'sys'), proc: join(folder, 'proc') };
  }
  const wlan0 = ['operstate', 'device/uevent', 'phy80211/name'];

  test('each program is asked until one knows, and none for a cable', async () => {
    const asked: string[] = [];
    const askProgram: AskProgram = async (name, args) => {
      asked.push([name, ...args].join(' '));
      if (name === 'nmcli') throw Object.assign(new Error('no such program'), { code: 'ENOENT' });
      return name === 'iw' ? 'Not connected.\n' : 'Home\n';
    };
    const ask = createWifiQuestion({ platform: 'linux', askProgram, folders: computer({ wlan0 }) });
    expect(await ask()).toEqual({ kind: 'named', name: 'Home' });
    expect(asked).toEqual([
      'nmcli -t -f ACTIVE,SSID dev wifi list ifname wlan0 --rescan no',
      'iw dev wlan0 link',
      'iwgetid --raw wlan0',
    ]);
    asked.length = 0;
    const eth0 = ['operstate', 'device/uevent'];
    const atCable = createWifiQuestion({ platform: 'linux', askProgram, folders: computer({ eth0 }) });
    expect([await atCable(), asked]).toEqual([{ kind: 'none' }, []]);
  });

  test('a Wi-Fi that no program names is unknown', async () => {
    const askProgram: AskProgram = () => Promise.reject(new Error('no'));
    const ask = createWifiQuestion({ platform: 'linux', askProgram, folders: computer({ wlan0 }) });
    expect(await ask()).toEqual({ kind: 'unknown' });
  });

  test('this computer can be asked', async () => {
    const { kind } = await createWifiQuestion({ platform: process.platform })();
    expect(['none', 'named', 'unknown']).toContain(kind);
  });
});

describe('on macOS', () => {
  const ports = `
Hardware Port: Ethernet
Device: en4
Ethernet Address: 00:00:00:00:00:01

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: 00:00:00:00:00:02
`;
  const summary = (name: string) => `<dictionary> {\n  InterfaceType : WiFi\n  LinkStatusActive : TRUE\n${name}}\n`;
  const answers = (route: string, said: string, network = ''): AskProgram => {
    return async (name, [first]) => {
      if (name === 'route') return `   route to: default\n  interface: ${route}\n      flags: <UP,GATEWAY>\n`;
      if (name === 'ipconfig') return said;
      return first === '-listallhardwareports' ? ports : network;
    };
  };

  test('the device of the route is looked up among the ports', () => {
    const known = macPortsOf(ports);
    expect(macWifiDevice('en0', known)).toBe('en0');
    expect(macWifiDevice('en4', known)).toBeNull();
    expect(macWifiDevice('utun3', known)).toBe('en0');
    expect(macWifiDevice(null, known)).toBeNull();
  });

  test.each<[string, AskProgram, unknown]>([
    ['names it', answers('en0', summary('  SSID : Home Net\n')), { kind: 'named', name: 'Home Net' }],
    [
      'names it in the other program',
      answers('en0', summary(''), 'Current Wi-Fi Network: Home\n'),
      { kind: 'named', name: 'Home' },
    ],
    [
      'hides it',
      answers('en0', summary('  SSID : <redacted>\n'), 'You are not associated with an AirPort network.\n'),
      { kind: 'unknown' },
    ],
    ['has a cable', answers('en4', ''), { kind: 'none' }],
  ])('the system %s', async (_, askProgram, expected) => {
    expect(await createWifiQuestion({ platform: 'darwin', askProgram })()).toEqual(expected);
  });

  test('the other fields of a summary are no name', () => {
    expect(nameBySummary('  BSSID : 02:00\n  SSID : A : B\n')).toBe('A : B');
    expect(nameByNetworkSetup('You are not associated with an AirPort network.\n')).toBeNull();
  });
});

describe('on Windows', () => {
  const german = `
Auf dem System ist 1 Schnittstelle vorhanden:

    Name                   : WLAN
    Beschreibung           : Intel(R) Wi-Fi 6
    Status                 : Verbunden
    SSID                   : Home: 5 GHz
    BSSID                  : 02:00:00:00:00:00
    Profil                 : Home

    Status des gehosteten Netzwerks: Nicht verfügbar
`.replaceAll('\n', '\r\n');
  const route = `
IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.23     50
          0.0.0.0          0.0.0.0         10.0.0.1        10.0.0.17     25
===========================================================================
`;

  test('the name is found in any language', () => {
    expect([...windowsWifisOf(german)]).toEqual([['WLAN', 'Home: 5 GHz']]);
    expect([...windowsWifisOf(german.replace(/ +SSID .*\r\n/, ''))]).toEqual([]);
    expect(windowsRoutesOf(route)).toEqual(['10.0.0.17', '192.168.1.23']);
  });

  test.each<[string, string[], unknown]>([
    ['the Wi-Fi', ['WLAN', 'Ethernet'], { kind: 'named', name: 'Home: 5 GHz' }],
    ['a cable alone', ['Ethernet'], { kind: 'none' }],
    ['a cable or a tunnel before the Wi-Fi', ['VPN', 'WLAN'], { kind: 'unknown' }],
    ['nothing', [], { kind: 'none' }],
  ])('the network is reached through %s', (_, devices, expected) => {
    expect(windowsWifi(devices, windowsWifisOf(german))).toEqual(expected);
  });

  test('a name in letters that cannot be read is unknown', () => {
    expect(windowsWifi(['WLAN'], new Map([['WLAN', 'Caf\ufffd']]))).toEqual({ kind: 'unknown' });
  });

  test('the addresses of this computer lead to its devices', async () => {
    const [[device = '', addresses] = []] = Object.entries(networkInterfaces());
    const address = addresses?.find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.1';
    const askProgram: AskProgram = async (name) =>
      name === 'route' ? route.replace('10.0.0.17', address) : german.replace('WLAN', device);
    expect(await createWifiQuestion({ platform: 'win32', askProgram })()).toEqual({
      kind: 'named',
      name: 'Home: 5 GHz',
    });
  });
});

test('on other systems nothing is known', async () => {
  expect(await createWifiQuestion({ platform: 'freebsd' })()).toEqual({ kind: 'unknown' });
});
