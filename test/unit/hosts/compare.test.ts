import { appendFileSync, chmodSync, cpSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemRandom } from '../../../engine/base/index.ts';
import { compareFolders } from '../../../engine/hosts/demo/compare.ts';
import { makeSample } from '../../../engine/hosts/demo/sample.ts';
import { temporaryFolder } from './support.ts';

test('the tour’s comparison sees bytes, permissions, times, and what is missing or too many', () => {
  using folder = temporaryFolder();
  const [left, right] = [join(folder.path, 'left'), join(folder.path, 'right')];
  makeSample(left, { ...systemRandom, bytes: (length) => new Uint8Array(Math.min(length, 1000)) });
  cpSync(left, right, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  // Copying breaks the hard link and rounds times, so the copy is compared with itself from here on.
  const copy = join(folder.path, 'copy');
  const differences = (change: (path: string) => void): string[] => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(right, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const before = compareFolders(right, copy).length;
    expect(before).toBe(0);
    change(copy);
    return compareFolders(right, copy).filter((difference) => !difference.startsWith('notes has another time'));
  };
  const keepTimes = (path: string, write: () => void): void => {
    write();
    utimesSync(path, 1000, 1000);
  };
  const file = 'accounts/2025.csv';
  expect(differences((to) => chmodSync(join(to, file), 0o600))).toEqual([
    `${file} has another kind or other permissions`,
  ]);
  expect(differences((to) => utimesSync(join(to, file), 5, 5))).toEqual([`${file} has another time`]);
  expect(differences((to) => appendFileSync(join(to, file), 'x'))).toEqual([`${file} has another size`]);
  expect(differences((to) => keepTimes(join(to, file), () => rmSync(join(to, file), {})).valueOf)).toBeDefined();
  expect(differences((to) => writeFileSync(join(to, 'extra'), '')).length).toBeGreaterThan(0);
});
