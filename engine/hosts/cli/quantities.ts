import { usageError } from './usage.ts';

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };
const binaryUnits: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** `500MB`, `4G`, `1.5 GiB`, `1000`: units of 1,000 as shown, of 1,024 with an i. */
export function parseBytes(text: string, option: string, command: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$/i.exec(text.trim());
  const [, figure = '', letter = '', binary = ''] = match ?? [];
  const unit = (binary === '' ? units : binaryUnits)[letter.toLowerCase()];
  if (match === null || unit === undefined)
    throw usageError(`${option} needs a size such as 500MB or 4GB, not "${text}".`, command);
  return Math.floor(Number(figure) * unit);
}

const dayUnits: Readonly<Record<string, number>> = { '': 1, d: 1, w: 7, y: 365 };

/** `365`, `90d`, `6w`, `2y`. */
export function parseDays(text: string, option: string, command: string): number {
  const [, figure, letter = ''] = /^(\d{1,6})\s*([dwy]?)$/i.exec(text.trim()) ?? [];
  if (figure === undefined)
    throw usageError(`${option} needs a number of days such as 365, 6w or 2y, not "${text}".`, command);
  return Number(figure) * (dayUnits[letter.toLowerCase()] ?? 1);
}

export function parseWhole(text: string, range: { from: number; to: number }, option: string, command: string): number {
  const value = /^\d{1,9}%?$/.test(text) ? Number(text.replace('%', '')) : Number.NaN;
  if (value >= range.from && value <= range.to) return value;
  throw usageError(`${option} needs a whole number from ${range.from} to ${range.to}, not "${text}".`, command);
}

const timeUnits: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** `3s`, `15m`, `1h`, `2d`, in seconds. The unit must be said: 15 could be either. */
export function parseSeconds(text: string, option: string, command: string): number {
  const [, figure, unit = ''] = /^(\d{1,6})\s*(s|min|m|h|d)$/i.exec(text.trim()) ?? [];
  if (figure === undefined || Number(figure) === 0)
    throw usageError(`${option} needs a time such as 30s, 15m, 1h or 2d, not "${text}".`, command);
  return Number(figure) * (timeUnits[unit.toLowerCase()] ?? 1);
}
