import type { Settings } from '../../contract/index.ts';
import { jsonIn } from '../columns.ts';
import type { Sql } from '../sql.ts';
import { settingsFrom } from '../values.ts';

/** Saved three seconds after the last change and within a quarter of an hour; held back only by a battery that runs low. */
export const defaultSettings: Settings = {
  schedule: { kind: 'continuous', quietSeconds: 3, exposureMinutes: 15 },
  policies: {
    batteryPercentMin: 20,
    onBattery: true,
    onMetered: true,
    wifi: null,
    quietHours: [],
    bandwidth: { limits: [], otherwise: null },
  },
  pace: 'normal',
};

export type SettingsTable = {
  read(): Settings;
  write(settings: Settings): void;
};

export function createSettings(sql: Sql): SettingsTable & { written(): Settings | null } {
  const read = sql.query<[], Settings>('SELECT value FROM settings', (row) => settingsFrom(jsonIn(row, 'value')));
  const write = sql.change<[string]>('INSERT OR REPLACE INTO settings (id, value) VALUES (1, ?)');
  return {
    read: () => read.get() ?? defaultSettings,
    // Null while they are the defaults, so that a later version may choose better ones.
    written: () => read.get(),
    write: (settings) => void write.run(JSON.stringify(settings)),
  };
}
