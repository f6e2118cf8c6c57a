import { decodePath } from '../filesystem/index.ts';
import { RowDamage } from './faults.ts';

/** A row as SQLite gives it. The tables are STRICT, so a value of another type is damage and not a surprise of ours. */
export type Row = Readonly<Record<string, unknown>>;

export function textIn(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw new RowDamage(`${name} is no text`);
}

export function integerIn(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new RowDamage(`${name} is no integer`);
}

export function bytesIn(row: Row, name: string): Uint8Array {
  const value = row[name];
  if (value instanceof Uint8Array) return value;
  throw new RowDamage(`${name} holds no bytes`);
}

/** [Note: path text] of filesystem/port.ts: paths lie in the tables as the bytes they are. */
export function pathIn(row: Row, name: string): string {
  return decodePath(bytesIn(row, name));
}

export function jsonIn(row: Row, name: string): unknown {
  const text = textIn(row, name);
  try {
    return JSON.parse(text);
  } catch {
    throw new RowDamage(`${name} is not well formed`);
  }
}
