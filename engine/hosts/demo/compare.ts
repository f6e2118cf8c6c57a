import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Differences between two folders in names, kinds, bytes, permissions, times to the nanosecond, and links; [] when none. */
export function compareFolders(left: string, right: string, below = ''): string[] {
  const [here, there] = [join(left, below), join(right, below)];
  const [stat, other] = [lstatSync(here, { bigint: true }), lstatSync(there, { bigint: true, throwIfNoEntry: false })];
  const name = below === '' ? '.' : below;
  if (other === undefined) return [`${name} is missing`];
  const differences = statDifferences(name, stat, other);
  if (differences.length > 0) return differences;
  if (stat.isSymbolicLink()) return readlinkSync(here) === readlinkSync(there) ? [] : [`${name} leads elsewhere`];
  if (stat.isFile()) return readFileSync(here).equals(readFileSync(there)) ? [] : [`${name} has other bytes`];
  const names = readdirSync(here);
  const extra = readdirSync(there).filter((found) => !names.includes(found));
  return [
    ...extra.map((found) => `${join(below, found)} is too many`),
    ...names.flatMap((found) => compareFolders(left, right, join(below, found))),
  ];
}

function statDifferences(name: string, stat: BigIntStats, other: BigIntStats): string[] {
  if (stat.mode !== other.mode) return [`${name} has another kind or other permissions`];
  if (!stat.isDirectory() && stat.nlink !== other.nlink) return [`${name} has another number of names`];
  if (stat.isFile() && stat.size !== other.size) return [`${name} has another size`];
  return stat.mtimeNs === other.mtimeNs ? [] : [`${name} has another time`];
}
