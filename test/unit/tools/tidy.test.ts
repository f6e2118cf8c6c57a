import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkTidy } from '../../../build/tools/tidy.ts';
import { makeFixture } from './fixture.ts';

function findingsFor(path: string, text: string): string[] {
  using fixture = makeFixture({ [path]: text });
  return checkTidy(fixture.root).map(({ line, level, message }) => `${line} ${level} ${message}`);
}

const lines = (count: number): string => '// line\n'.repeat(count);
const functionOf = (count: number): string => `function long() {\n${'  step();\n'.repeat(count - 2)}}\n`;

describe('the budget of files', () => {
  test.each([
    ['engine/pool/a.ts', 400, 700],
    ['build/tools/a.ts', 400, 700],
    ['test/unit/a.test.ts', 600, 1000],
    ['coffer-restore.mjs', 2000, 2500],
  ])('%s: watched above %i lines, refused above %i', (path, watch, most) => {
    expect(findingsFor(path, lines(watch))).toEqual([]);
    expect(findingsFor(path, lines(watch + 1))).toEqual([expect.stringMatching(/^1 warning the file has/)]);
    expect(findingsFor(path, lines(most + 1))).toEqual([expect.stringMatching(/^1 error the file has/)]);
  });

  test('leaves prose and data alone', () => {
    expect(findingsFor('engine/format/FORMAT.md', lines(5000))).toEqual([]);
  });
});

describe('the budget of functions', () => {
  test('watched above 70 lines, refused above 140', () => {
    expect(findingsFor('engine/pool/a.ts', functionOf(70))).toEqual([]);
    expect(findingsFor('engine/pool/a.ts', functionOf(71))).toEqual([
      expect.stringMatching(/^1 warning long has 71 lines/),
    ]);
    expect(findingsFor('engine/pool/a.ts', functionOf(141))).toEqual([
      expect.stringMatching(/^1 error long has 141 lines/),
    ]);
  });

  test('a function inside another counts for itself', () => {
    const factory = (inner: number): string => `function make() {\nreturn {\nrun: () => {\n${lines(inner)}},\n};\n}\n`;
    expect(findingsFor('engine/pool/a.ts', factory(60))).toEqual([]);
    expect(findingsFor('engine/pool/a.ts', factory(150))).toEqual([
      expect.stringMatching(/^3 error run has 152 lines/),
    ]);
  });
});

describe('leftovers', () => {
  // Put together from halves, so that this file does not hold what it looks for.
  test.each([
    ['a note to oneself', 'engine/pool/a.ts', `// TO${'DO'} later`],
    ['a note in prose', 'README.md', `FIX${'ME'}: this page`],
    ['printing', 'engine/pool/a.ts', 'console.log(1);'],
    ['a breakpoint', 'engine/pool/a.ts', 'debugger;'],
    ['a lonely test', 'test/unit/a.test.ts', "test.only('x', () => {});"],
    ['a silenced compiler', 'engine/pool/a.ts', `// @ts-${'ignore'}`],
    ['a silenced compiler without reason', 'engine/pool/a.ts', `// @ts-expect-${'error'}`],
    ['a type turned off', 'engine/pool/a.ts', 'run(x as any);'],
    ['a registry', 'package-lock.json', `"https://registry.${'npmjs'}.org/x"`],
    ['a path of one computer', 'README.md', `see /${'work'}/main/x`],
  ])('%s is found', (_, path, text) => {
    expect(findingsFor(path, `\n${text}\n`)).toEqual([expect.stringMatching(/^2 error /)]);
  });

  test('the folder of the checkout is found in any file', () => {
    using fixture = makeFixture({ 'README.md': '' });
    writeFileSync(join(fixture.root, 'README.md'), `see ${fixture.root}/notes`);
    expect(checkTidy(fixture.root)).toEqual([expect.objectContaining({ file: 'README.md', level: 'error' })]);
  });

  test('what only resembles them is not', () => {
    expect(findingsFor('engine/hosts/cli/main.ts', "console.log('text for a person');")).toEqual([]);
    expect(findingsFor('engine/pool/a.ts', `// @ts-expect-${'error'} the declaration lacks this overload`)).toEqual([]);
    expect(findingsFor('test/unit/a.test.ts', 'const plan = plans.only(1); // console.log(plan)')).toEqual([]);
    expect(findingsFor('engine/pool/a.ts', 'const homework = "/homework/x"; // as good as any')).toEqual([]);
  });
});

describe('skipped tests', () => {
  test.each([
    ["test.skip('x', () => {});", 1],
    ["// needs root\ntest.skip('x', () => {});", 0],
    ['test(async (context) => context.skip());', 1],
    ["test(async (context) => context.skip('needs root'));", 0],
    ["test.skipIf(!isRoot)('x (needs root)', () => {});", 0],
  ])('%j gives %i finding', (text, count) => {
    expect(findingsFor('test/unit/a.test.ts', text).filter((finding) => finding.includes('skipped'))).toHaveLength(
      count,
    );
  });
});
