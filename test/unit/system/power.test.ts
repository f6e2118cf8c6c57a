import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, silentLog } from '../../../engine/base/index.ts';
import { powerOf, readSupplies } from '../../../engine/hosts/system/linux-power.ts';
import { macPowerOf } from '../../../engine/hosts/system/mac-power.ts';
import { createPower } from '../../../engine/hosts/system/power.ts';
import { temporaryFolder } from '../../support/folder.ts';

type Files = Readonly<Record<string, string>>;

function writeSupplies(folder: string, supplies: Readonly<Record<string, Files>>): string {
  for (const [name, files] of Object.entries(supplies)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), `${text}\n`);
  }
  return folder;
}

const ac = (online: string): Files => ({ type: 'Mains', online });
const battery = (status: string, now: string, full = '50000000'): Files => ({
  ...{ type: 'Battery', present: '1', status, technology: 'Li-poly', capacity: '77' },
  ...{ energy_now: now, energy_full: full, energy_full_design: '57000000', power_now: '6789000' },
});
const mouse: Files = { type: 'Battery', scope: 'Device', present: '1', status: 'Discharging', capacity: '5' };

const powerAt = (supplies: Readonly<Record<string, Files>>) =>
  powerOf(readSupplies(writeSupplies(temporaryFolder(), supplies)));

describe('the power of Linux', () => {
  test('a laptop on its battery, and plugged in', () => {
    expect(powerAt({ AC: ac('0'), BAT0: battery('Discharging', '9000000') })).toEqual({ onBattery: true, percent: 18 });
    expect(powerAt({ AC: ac('1'), BAT0: battery('Charging', '9000000') })).toEqual({ onBattery: false, percent: 18 });
    // A charger that is too weak is a charger all the same.
    expect(powerAt({ AC: ac('1'), BAT0: battery('Discharging', '9000000') }).onBattery).toBe(false);
  });

  test('two batteries are one, by what they hold', () => {
    const supplies = {
      AC: ac('0'),
      BAT0: battery('Unknown', '0', '20000000'),
      BAT1: battery('Discharging', '60000000', '60000000'),
    };
    expect(powerAt(supplies)).toEqual({ onBattery: true, percent: 75 });
  });

  test('batteries that speak of charge, or of percent alone', () => {
    const charge = { type: 'Battery', status: 'Discharging', charge_now: '1500000', charge_full: '3000000' };
    expect(powerAt({ BAT0: charge })).toEqual({ onBattery: true, percent: 50 });
    expect(powerAt({ BAT0: { type: 'Battery', status: 'Full', capacity: '100' } })).toEqual({
      onBattery: false,
      percent: 100,
    });
    expect(powerAt({ BAT0: { type: 'Battery', status: 'Discharging' } })).toEqual({ onBattery: true, percent: null });
  });

  test('USB chargers count as mains; a port with nothing in it does not', () => {
    const port = { type: 'USB', usb_type: 'C [PD] PD_PPS' };
    const low = battery('Discharging', '25000000');
    expect(powerAt({ BAT0: low, 'ucsi-source-psy-USBC000:001': { ...port, online: '1' } }).onBattery).toBe(false);
    expect(powerAt({ BAT0: low, 'ucsi-source-psy-USBC000:001': { ...port, online: '0' } }).onBattery).toBe(true);
  });

  test('a desktop, a container, a mouse, an uninterruptible supply and an empty bay are not on battery', () => {
    const none = { onBattery: false, percent: null };
    expect(powerAt({})).toEqual(none);
    expect(powerOf(readSupplies('/nowhere/at/all'))).toEqual(none);
    expect(powerAt({ hidpp_battery_0: mouse })).toEqual(none);
    expect(powerAt({ ups: { type: 'UPS', status: 'Discharging', capacity: '50' } })).toEqual(none);
    expect(powerAt({ AC: ac('1'), BAT1: { type: 'Battery', present: '0' } })).toEqual(none);
  });
});

test('the power of macOS is what pmset says', () => {
  const line = (state: string): string => ` -InternalBattery-0 (id=4653155)\t${state} present: true\n`;
  expect(macPowerOf(`Now drawing from 'Battery Power'\n${line('85%; discharging; 4:32 remaining')}`)).toEqual({
    onBattery: true,
    percent: 85,
  });
  expect(macPowerOf(`Now drawing from 'AC Power'\n${line('100%; charged; 0:00 remaining')}`)).toEqual({
    onBattery: false,
    percent: 100,
  });
  expect(macPowerOf("Now drawing from 'AC Power'\n")).toEqual({ onBattery: false, percent: null });
});

test('a change is told once, half a minute after it at most, and not after the end', async () => {
  const supplies = writeSupplies(temporaryFolder(), { AC: ac('1'), BAT0: battery('Full', '50000000') });
  const pauses: { ms: number; end(): void }[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (ms) => new Promise((end) => pauses.push({ ms, end })),
  };
  const pass = async (): Promise<void> => {
    pauses.shift()?.end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const power = createPower({ platform: 'linux', clock, log: silentLog, supplies });
  let heard = 0;
  const unsubscribe = power.onChange(() => heard++);
  await pass();
  expect([heard, power.read().onBattery]).toEqual([0, false]);
  writeSupplies(supplies, { AC: ac('0'), BAT0: battery('Discharging', '49900000') });
  expect(pauses.map(({ ms }) => ms)).toEqual([30_000]);
  await pass();
  await pass();
  expect([heard, power.read()]).toEqual([1, { onBattery: true, percent: 100 }]);
  unsubscribe();
  power.stop();
  await pass();
  expect(pauses).toEqual([]);
});

test('where nothing can be asked, nothing is on battery', () => {
  const clock = {} as Clock;
  expect(createPower({ platform: 'win32', clock, log: silentLog }).read()).toEqual({ onBattery: false, percent: null });
});
