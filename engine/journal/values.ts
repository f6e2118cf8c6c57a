import type {
  BandwidthPolicy,
  Coverage,
  Pace,
  Pause,
  Policies,
  Reason,
  Schedule,
  Settings,
  SourceRules,
  SpanOfDay,
  WifiPolicy,
} from '../contract/index.ts';
import { RowDamage } from './faults.ts';

/** Values that lie in the journal and beside it as JSON: read back with a look at every field, since disks forget. */
type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RowDamage('no fields');
  return { ...value };
}

export function numberAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw new RowDamage(`${name} is no number`);
}

export function stringAt(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new RowDamage(`${name} is no text`);
}

function booleanAt(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value === 'boolean') return value;
  throw new RowDamage(`${name} is neither true nor false`);
}

export function listAt<T>(fields: Fields, name: string, read: (item: unknown) => T): T[] {
  const value = fields[name];
  if (Array.isArray(value)) return value.map(read);
  throw new RowDamage(`${name} is no list`);
}

function stringOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new RowDamage('an item is no text');
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new RowDamage('an item is no number');
}

export function rulesFrom(value: unknown): SourceRules {
  const fields = fieldsOf(value);
  return {
    patterns: listAt(fields, 'patterns', stringOf),
    presets: listAt(fields, 'presets', stringOf),
    cacheDirTag: booleanAt(fields, 'cacheDirTag'),
    oneFileSystem: booleanAt(fields, 'oneFileSystem'),
    ...('sizeMax' in fields && { sizeMax: numberAt(fields, 'sizeMax') }),
    ...('ageMaxDays' in fields && { ageMaxDays: numberAt(fields, 'ageMaxDays') }),
  };
}

export function settingsFrom(value: unknown): Settings {
  const fields = fieldsOf(value);
  return {
    schedule: scheduleFrom(fields.schedule),
    policies: policiesFrom(fields.policies),
    // Not in what earlier versions wrote.
    pace: fields.pace === undefined ? 'normal' : paceFrom(fields.pace),
  };
}

function paceFrom(value: unknown): Pace {
  if (value === 'gentle' || value === 'normal' || value === 'full') return value;
  throw new RowDamage('a pace of no known kind');
}

function scheduleFrom(value: unknown): Schedule {
  const fields = fieldsOf(value);
  const kind = stringAt(fields, 'kind');
  if (kind === 'continuous') {
    const { quietSeconds, exposureMinutes } = {
      quietSeconds: numberAt(fields, 'quietSeconds'),
      exposureMinutes: numberAt(fields, 'exposureMinutes'),
    };
    return { kind, quietSeconds, exposureMinutes };
  }
  if (kind !== 'times') throw new RowDamage('a schedule of no known kind');
  return { kind, minutes: listAt(fields, 'minutes', numberOf), days: listAt(fields, 'days', numberOf) };
}

function policiesFrom(value: unknown): Policies {
  const fields = fieldsOf(value);
  return {
    batteryPercentMin: fields.batteryPercentMin === null ? null : numberAt(fields, 'batteryPercentMin'),
    onBattery: booleanAt(fields, 'onBattery'),
    onMetered: booleanAt(fields, 'onMetered'),
    // Not in what earlier versions wrote.
    wifi: fields.wifi === undefined || fields.wifi === null ? null : wifiFrom(fields.wifi),
    quietHours: listAt(fields, 'quietHours', spanFrom),
    bandwidth: fields.bandwidth === undefined ? { limits: [], otherwise: null } : bandwidthFrom(fields.bandwidth),
  };
}

function wifiFrom(value: unknown): WifiPolicy {
  const fields = fieldsOf(value);
  const kind = stringAt(fields, 'kind');
  if (kind !== 'only' && kind !== 'never') throw new RowDamage('a policy of no known kind');
  return { kind, names: listAt(fields, 'names', stringOf) };
}

function bandwidthFrom(value: unknown): BandwidthPolicy {
  const fields = fieldsOf(value);
  const rateAt = (rates: Fields, name: string): number | null => (rates[name] === null ? null : numberAt(rates, name));
  const limits = listAt(fields, 'limits', (item) => ({
    ...spanFrom(item),
    bytesPerSecond: rateAt(fieldsOf(item), 'bytesPerSecond'),
  }));
  return { limits, otherwise: rateAt(fields, 'otherwise') };
}

function spanFrom(value: unknown): SpanOfDay {
  const fields = fieldsOf(value);
  return { fromMinute: numberAt(fields, 'fromMinute'), toMinute: numberAt(fields, 'toMinute') };
}

export function pauseFrom(value: unknown): Pause {
  const fields = fieldsOf(value);
  const until = stringAt(fields, 'until');
  if (until !== 'time' && until !== 'power' && until !== 'resumed') throw new RowDamage('a pause of no known kind');
  return { until, untilMs: fields.untilMs === null ? null : numberAt(fields, 'untilMs') };
}

export function reasonFrom(value: unknown): Reason {
  const fields = fieldsOf(value);
  // A code that this version does not know is one of a newer version: faces show it as it is.
  return { code: stringAt(fields, 'code') as Reason['code'], context: contextFrom(fields.context) };
}

export function contextFrom(value: unknown): Reason['context'] {
  const context: Record<string, string | number> = {};
  for (const [name, item] of Object.entries(fieldsOf(value))) {
    if (typeof item !== 'string' && typeof item !== 'number') throw new RowDamage('a context of no known kind');
    context[name] = item;
  }
  return context;
}

export function coverageFrom(value: unknown): Coverage {
  const fields = fieldsOf(value);
  return {
    seen: numberAt(fields, 'seen'),
    saved: numberAt(fields, 'saved'),
    leftOut: numberAt(fields, 'leftOut'),
    failed: numberAt(fields, 'failed'),
    // Written by a version that left nothing for another run.
    deferred: fields.deferred === undefined ? 0 : numberAt(fields, 'deferred'),
    files: numberAt(fields, 'files'),
    bytes: numberAt(fields, 'bytes'),
  };
}
