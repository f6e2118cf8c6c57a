import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Power = { readonly onBattery: boolean; readonly percent: number | null };

export const mainsPower: Power = { onBattery: false, percent: null };

/** What one folder below /sys/class/power_supply says: its files by name. */
export type Supply = Readonly<Record<string, string>>;

const fileNames = [
  ...['type', 'scope', 'present', 'online', 'status', 'capacity'],
  ...['energy_now', 'energy_full', 'charge_now', 'charge_full'],
];

/** Supplies below `folder`; [] where there is no such folder, as in containers. */
export function readSupplies(folder: string): Supply[] {
  return namesIn(folder).map((name) =>
    Object.fromEntries(
      fileNames.flatMap((file) => {
        const text = textOf(join(folder, name, file));
        return text === null ? [] : [[file, text]];
      }),
    ),
  );
}

/**
 * What the supplies mean for this computer. Batteries of mice and keyboards (scope Device) are not its own, and an
 * uninterruptible supply says nothing of the moment.
 */
export function powerOf(supplies: readonly Supply[]): Power {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type, present }) => type === 'Battery' && present !== '0');
  if (batteries.length === 0) return mainsPower;
  const mains = own.filter(({ type }) => type === 'Mains' || type === 'USB' || type === 'Wireless');
  return { onBattery: isOnBattery(batteries, mains), percent: percentOf(batteries) };
}

function isOnBattery(batteries: readonly Supply[], mains: readonly Supply[]): boolean {
  // 1 is plugged in; USB ports also say 2, when what is plugged in can be spoken with.
  if (mains.some(({ online }) => online !== undefined && online !== '0')) return false;
  if (batteries.some(({ status }) => status === 'Discharging')) return true;
  // Some report no status; then the plug alone tells.
  return mains.length > 0 && batteries.every(({ status }) => status === undefined || status === 'Unknown');
}

/** Of all batteries together: a small one that is empty matters less than a large one that is full. */
function percentOf(batteries: readonly Supply[]): number | null {
  for (const [now, full] of [
    ['energy_now', 'energy_full'],
    ['charge_now', 'charge_full'],
  ] as const) {
    const share = sumOf(batteries, now) / sumOf(batteries, full);
    if (Number.isFinite(share)) return Math.min(100, Math.round(share * 100));
  }
  const mean = sumOf(batteries, 'capacity') / batteries.length;
  return Number.isFinite(mean) ? Math.min(100, Math.round(mean)) : null;
}

/** NaN when one of them does not say. */
function sumOf(supplies: readonly Supply[], file: string): number {
  return supplies.reduce((sum, supply) => sum + Number(supply[file] ?? Number.NaN), 0);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Drivers answer some files with an error, such as ENODEV for a battery that was just taken out. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
