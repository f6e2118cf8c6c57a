import {
  appendFileSync,
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareFolders } from '../../../engine/hosts/demo/compare.ts';
import { temporaryFolder } from './support.ts';

function makeFolder(path: string): void {
  mkdirSync(join(path, 'inner'), { recursive: true });
  writeFileSync(join(path, 'inner/file'), 'four');
  writeFileSync(join(path, 'other'), 'other');
  symlinkSync('other', join(path, 'link'));
  sameTimes(path);
}

function sameTimes(path: string): void {
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(path, name), 1000, 1000);
  utimesSync(path, 1000, 1000);
}

test.each<[string, (folder: string) => void, string[]]>([
  ['nothing', () => {}, []],
  ['other bytes', (folder) => writeFileSync(join(folder, 'inner/file'), 'FOUR'), ['inner/file has other bytes']],
  ['another size', (folder) => appendFileSync(join(folder, 'inner/file'), '!'), ['inner/file has another size']],
  [
    'other permissions',
    (folder) => chmodSync(join(folder, 'other'), 0o600),
    ['other has another kind or other permissions'],
  ],
  ['what is missing', (folder) => rmSync(join(folder, 'inner/file')), ['inner/file is missing']],
  ['what is too many', (folder) => writeFileSync(join(folder, 'inner/new'), ''), ['inner/new is too many']],
  [
    'a link elsewhere',
    (folder) => {
      rmSync(join(folder, 'link'));
      symlinkSync('inner', join(folder, 'link'));
    },
    ['link leads elsewhere'],
  ],
  [
    'another number of names',
    (folder) => linkSync(join(folder, 'other'), join(folder, 'other-name')),
    ['other-name is too many', 'other has another number of names'],
  ],
])('the tour’s comparison sees %s', (_, change, differences) => {
  using folder = temporaryFolder();
  const [left, right] = [join(folder.path, 'left'), join(folder.path, 'right')];
  makeFolder(left);
  makeFolder(right);
  change(right);
  sameTimes(right);
  expect(compareFolders(left, right)).toEqual(differences);
});

test('the tour’s comparison sees another time, to the microsecond at least', () => {
  using folder = temporaryFolder();
  const [left, right] = [join(folder.path, 'left'), join(folder.path, 'right')];
  makeFolder(left);
  makeFolder(right);
  utimesSync(join(right, 'other'), 1000, 1000.000001);
  expect(compareFolders(left, right)).toEqual(['other has another time']);
});
