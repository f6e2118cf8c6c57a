import { lstatSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Computer, isRoot, makeComputer, type Ran } from '../support/coffer.ts';
import { blocksInUse, hasProgram, outsideTools } from '../support/outside.ts';
import { type Torture, writeTorture } from '../support/torture.ts';

/** Rows 11 and 12 of the fault list: whatever a file system can hold comes back as it was. */

const seed = 20_260_501;
let computer: Computer;
let source: string;
let restored: string;
let torture: Torture;
let backup: Record<string, unknown>;
let restore: Record<string, unknown>;
let standAlone: Ran;

beforeAll(async () => {
  computer = await makeComputer('coffer-torture');
  source = computer.at('tortured');
  torture = await writeTorture(source, { seed, isRoot });
  backup = await computer.json(['backup', source]);
  restore = await computer.json(['restore', 'latest', '--target', computer.at('back')]);
  restored = computer.at('back', source.slice(1));
  standAlone = await computer.standAlone(['--target', computer.at('alone'), '--xattrs']);
}, 120_000);

afterAll(() => computer.remove());

test('everything of the torture tree is saved', () => {
  console.info(
    `torture tree, seed ${seed}: ${torture.entries} entries; left out: ${torture.leftOut.join('; ') || 'nothing'}`,
  );
  expect(backup).toMatchObject({ failed: 0, failures: [], excluded: {}, leftOut: [] });
  if (isRoot) expect(torture.leftOut).toEqual([]);
});

test('everything is restored, and nothing is remarked', () => {
  expect(restore).toMatchObject({ failed: 0, failures: [], remarks: [], skipped: 0, keptBoth: 0, replaced: 0 });
});

describe.each(outsideTools)('by $name', ({ program, compare }) => {
  test('source and restored tree are the same', (context) => {
    if (!hasProgram(program)) context.skip(`${program} is not installed here`);
    expect(compare(source, restored)).toEqual([]);
  });

  test('a changed attribute, time or byte is noticed at all', (context) => {
    if (!hasProgram(program)) context.skip(`${program} is not installed here`);
    expect(compare(`${source}/attributes`, `${restored}/times`)).not.toEqual([]);
  });
});

test('names of one file stay names of one file, and no more', () => {
  const inode = (name: string): bigint => lstatSync(`${restored}/hard links/${name}`, { bigint: true }).ino;
  const names = ['first', 'second', 'near/third of near', 'far/third of far'];
  expect(new Set(names.map(inode)).size).toBe(1);
  expect(inode('large')).toBe(inode('near/large too'));
  expect(lstatSync(`${restored}/hard links/first`).nlink).toBe(4);
});

test('holes stay holes', () => {
  for (const name of ['only a hole', 'at the beginning', 'at the end', 'islands', 'odd size']) {
    const most = blocksInUse(`${source}/sparse`, name) + 64;
    expect(blocksInUse(`${restored}/sparse`, name), name).toBeLessThanOrEqual(most);
  }
});

test('a later backup of the same tree stores nothing new, and soon reads next to nothing', async () => {
  // What had only just been written when it was first read is looked at once more.
  expect(await computer.json(['backup', source])).toMatchObject({ failed: 0, newBytes: 0, files: backup.files });
  const later = await computer.json<{ failed: number; changedFiles: number }>(['backup', source]);
  expect(later.failed).toBe(0);
  // Nothing tells whether a file dated in the future has changed: these four are read each time.
  expect(later.changedFiles).toBeLessThanOrEqual(4);
}, 60_000);

test('the restored tree is, for a backup, the same data', async () => {
  expect(await computer.json(['backup', restored])).toMatchObject({ failed: 0, newBytes: 0, files: backup.files });
});

test('the stand-alone tool restores the same bytes, names and links', (context) => {
  if (!hasProgram('diff')) context.skip('diff is not installed here');
  const missing = standAlone.err.split('\n').filter((line) => line !== '');
  // Sockets and devices it does not restore, and says so.
  expect([0, 3], missing.slice(0, 20).join('\n')).toContain(standAlone.exit);
  const special = /^Only in .*\/special: /;
  const [diff] = outsideTools;
  expect(diff?.compare(source, computer.at('alone', source.slice(1))).filter((line) => !special.test(line))).toEqual(
    [],
  );
});

test('the vault of it checks clean, to the last byte', async () => {
  expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true, findings: [], affectedFiles: 0 });
});
