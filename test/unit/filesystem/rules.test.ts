import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileRules, type FileStat, type Rules, type RulesOptions } from '../../../engine/filesystem/index.ts';

const rulesOf = (options: Partial<RulesOptions>): Rules =>
  compileRules({ patterns: [], presets: [], cacheDirTag: false, ...options });

/** As a walk asks: from the root down, and nothing inside a folder that is left out. */
function isLeftOut(rules: Rules, path: string, isFolder: boolean): boolean {
  const parts = path.split('/');
  return parts.some((_, at) => {
    const isLast = at === parts.length - 1;
    return rules.leaveOut(parts.slice(0, at + 1).join('/'), !isLast || isFolder, null) !== null;
  });
}

const patternSets: readonly (readonly string[])[] = [
  ['foo'],
  ['foo/'],
  ['/foo'],
  ['foo/bar'],
  ['/foo/bar', '!/foo'],
  ['*.log', '!keep.log'],
  ['*.log', '!foo/*.log', 'foo/a.log'],
  ['foo/*'],
  ['foo/**'],
  ['**/bar'],
  ['**/foo/bar'],
  ['foo/**/bar'],
  ['foo/**/x/**/bar'],
  ['/*', '!/foo', '/foo/*', '!/foo/bar'],
  ['a?c'],
  ['a[bc]d', 'x[!0-9]y', 'x[^a-m]z'],
  ['[]-]a', '[[:digit:]]b', '[a-]c', '[\\]]d'],
  ['# a comment', '\\#file', '\\!file'],
  ['', '   ', '/'],
  ['trailing   ', 'kept\\ '],
  ['*'],
  ['**'],
  ['**/'],
  ['*a*b*c'],
  ['a**b'],
  ['unclosed[', 'back\\'],
  ['foo//bar'],
  ['ba*/', '!bar/'],
  ['.*', '!.keep'],
  ['ä*', '日?'],
  ['foo/bar/**/*.log'],
  ['**/**/bar'],
  ['\\*', 'a\\?c'],
];

const files: readonly string[] = [
  'foo',
  'x/foo',
  'a.log',
  'keep.log',
  'bar',
  'x/bar',
  'x/y/bar',
  'x/y/z/foo',
  'abc',
  'adc',
  'abd',
  'acd',
  'x5y',
  'xay',
  'xzz',
  'xaz',
  ']a',
  '-a',
  '5b',
  'xb',
  '-c',
  'ac',
  ']d',
  '#file',
  '!file',
  'trailing',
  'kept ',
  'kept',
  'xaybzc',
  'aXXb',
  'ab',
  'unclosed[',
  'back\\',
  '.hidden',
  '.keep',
  'äx',
  '*',
  'a?c',
  'folder/foo/bar',
  'folder/foo/x/bar',
  'folder/foo/bar/x/a.log',
  'folder/foo/a.log',
  'folder/baz/file',
  'folder/bar/file',
];

describe('patterns', () => {
  test('leave out what git ignores', () => {
    const root = mkdtempSync(join(tmpdir(), 'coffer-rules-'));
    execFileSync('git', ['init', '-q', root]);
    // `foo` is a file in one half of the table and a folder in the other.
    const paths = files.flatMap((path) => (path.startsWith('folder/') ? [path, path.slice('folder/'.length)] : [path]));
    for (const half of [paths.filter((path) => !isUnder(path, paths)), paths.filter((path) => path.includes('/'))]) {
      const made = half.filter((path) => !half.some((other) => other.startsWith(`${path}/`)));
      const tree = join(root, `tree${made.length}`);
      for (const path of made) {
        mkdirSync(dirname(join(tree, path)), { recursive: true });
        writeFileSync(join(tree, path), '');
      }
      for (const patterns of patternSets) compareWithGit(tree, patterns, made);
    }
    rmSync(root, { recursive: true });
  });

  test('take two stars beside other letters for one, as git documents (it crosses folders there in some cases)', () => {
    const rules = rulesOf({ patterns: ['foo**/bar'] });
    expect(rules.leaveOut('foot/bar', false, null)).toBe('pattern');
    expect(rules.leaveOut('foo/x/bar', false, null)).toBeNull();
  });

  test('see names with any bytes', () => {
    const rules = rulesOf({ patterns: ['*.tmp', 'x?y', '\uDCFFname'] });
    expect(rules.leaveOut('a\uDC80.tmp', false, null)).toBe('pattern');
    expect(rules.leaveOut('x\uDCFFy', false, null)).toBe('pattern');
    expect(rules.leaveOut('x🙂y', false, null)).toBe('pattern');
    expect(rules.leaveOut('d/\uDCFFname', false, null)).toBe('pattern');
  });

  test('take bounded time however hostile', () => {
    const rules = rulesOf({ patterns: ['*a'.repeat(50), '**/a/'.repeat(50), `${'[a-z]*'.repeat(40)}z`] });
    const start = performance.now();
    expect(rules.leaveOut(`${'a/'.repeat(200)}${'a'.repeat(250)}!`, false, null)).toBeNull();
    expect(performance.now() - start).toBeLessThan(200);
  });
});

function isUnder(path: string, paths: readonly string[]): boolean {
  return paths.some((other) => path.startsWith(`${other}/`));
}

function compareWithGit(root: string, patterns: readonly string[], paths: readonly string[]): void {
  writeFileSync(join(root, '.gitignore'), `${patterns.join('\n')}\n`);
  const ignored = gitIgnores(root, paths);
  const rules = rulesOf({ patterns });
  const ours = paths.filter((path) => isLeftOut(rules, path, false));
  expect({ patterns, ignored: [...ours].sort() }).toEqual({ patterns, ignored: [...ignored].sort() });
}

/** Exit code 1 means that none is ignored. */
function gitIgnores(cwd: string, paths: readonly string[]): string[] {
  try {
    const input = paths.join('\0');
    return execFileSync('git', ['check-ignore', '-z', '--stdin', '--no-index'], { cwd, input, encoding: 'utf8' })
      .split('\0')
      .filter((path) => path !== '');
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return [];
    throw error;
  }
}

describe('limits and presets', () => {
  const stat = (size: number, mtimeSeconds: number): FileStat => ({
    kind: 'file',
    size,
    mtimeSeconds,
    mode: 0,
    uid: 0,
    gid: 0,
    mtimeNanoseconds: 0,
    ctimeSeconds: 0,
    ctimeNanoseconds: 0,
    inode: 1,
    device: 1,
    links: 1,
    blocks: 0,
    major: 0,
    minor: 0,
  });

  test('a file over the size limit is left out, a folder never', () => {
    const rules = rulesOf({ sizeMax: 100 });
    expect(rules.leaveOut('a', false, stat(100, 0))).toBeNull();
    expect(rules.leaveOut('a', false, stat(101, 0))).toBe('size');
    expect(rules.leaveOut('a', true, { ...stat(4096, 0), kind: 'folder' })).toBeNull();
  });

  test('a file not changed for longer than the age limit is left out', () => {
    const rules = rulesOf({ ageMaxDays: 10, nowSeconds: 20 * 86_400 });
    expect(rules.leaveOut('a', false, stat(1, 10 * 86_400))).toBeNull();
    expect(rules.leaveOut('a', false, stat(1, 10 * 86_400 - 1))).toBe('age');
  });

  test('presets name themselves as the reason, and a pattern can take back what they leave out', () => {
    const options = { presets: ['build-output', 'caches', 'trash', 'virtual-machines'] as const };
    const rules = rulesOf(options);
    expect(rules.leaveOut('p/node_modules', true, null)).toBe('preset:build-output');
    expect(rules.leaveOut('p/node_modules', false, null)).toBeNull();
    expect(rules.leaveOut('.cache', true, null)).toBe('preset:caches');
    expect(rules.leaveOut('.local/share/Trash', true, null)).toBe('preset:trash');
    expect(rules.leaveOut('vm/disk.qcow2', false, null)).toBe('preset:virtual-machines');
    expect(rules.leaveOut('target', true, null)).toBeNull();
    expect(rules.leaveOut('p/target/debug', true, null)).toBe('preset:build-output');
    expect(rulesOf({ ...options, patterns: ['!node_modules'] }).leaveOut('p/node_modules', true, null)).toBeNull();
    expect(rulesOf({}).leaveOut('p/node_modules', true, null)).toBeNull();
  });

  test('options survive the way into a worker', () => {
    const options: RulesOptions = { patterns: ['*.o'], presets: ['trash'], cacheDirTag: true };
    expect(compileRules(structuredClone(options)).leaveOut('a.o', false, null)).toBe('pattern');
  });
});
