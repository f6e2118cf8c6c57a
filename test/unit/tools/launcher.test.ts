import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixture.ts';

const launcher = join(import.meta.dirname, '../../../bin/coffer');

/** A Coffer whose command line says how it was started. */
function makeCoffer(): Fixture {
  const fixture = makeFixture({
    'engine/hosts/cli/main.ts': `const args: string[] = process.argv.slice(2);
      process.stdout.write(JSON.stringify({ args, cwd: process.cwd(), node: process.version }));
      process.exitCode = args.length;`,
    'package.json': '{ "type": "module" }',
  });
  mkdirSync(join(fixture.root, 'bin'));
  copyFileSync(launcher, join(fixture.root, 'bin/coffer'));
  mkdirSync(join(fixture.root, 'node_modules/node-any/bin'), { recursive: true });
  symlinkSync(process.execPath, join(fixture.root, 'node_modules/node-any/bin/node'));
  return fixture;
}

function start(command: string, cwd: string, home: string): { status: number | null; said: unknown; stderr: string } {
  const env = { PATH: '/usr/bin:/bin', COFFER_HOME: home };
  const result = spawnSync(command, ['ls', 'two words', ''], { cwd, env, encoding: 'utf8' });
  return { status: result.status, said: JSON.parse(result.stdout), stderr: result.stderr };
}

test('is executable and plain sh', () => {
  expect(statSync(launcher).mode & 0o111).toBe(0o111);
  expect(readFileSync(launcher, 'utf8')).toMatch(/^#!\/bin\/sh\n/);
});

test('passes arguments, folder and exit code through, also by way of links', () => {
  using coffer = makeCoffer();
  using other = makeFixture({ 'a folder/b/keep': '' });
  const home = join(other.root, 'home');
  symlinkSync(join(coffer.root, 'bin/coffer'), join(other.root, 'a folder/absolute'));
  symlinkSync('../absolute', join(other.root, 'a folder/b/relative'));
  for (const command of [join(coffer.root, 'bin/coffer'), join(other.root, 'a folder/b/relative')]) {
    expect(start(command, other.root, home)).toEqual({
      status: 3,
      said: { args: ['ls', 'two words', ''], cwd: other.root, node: process.version },
      stderr: '',
    });
  }
});

test('keeps compiled code beside the code, where that is this user’s own', () => {
  using coffer = makeCoffer();
  using other = makeFixture({});
  start(join(coffer.root, 'bin/coffer'), other.root, join(other.root, 'home'));
  expect(existsSync(join(coffer.root, 'node_modules/.coffer/cache/compiled'))).toBe(true);
  expect(statSync(join(coffer.root, 'node_modules/.coffer')).mode & 0o777).toBe(0o700);
  expect(existsSync(join(other.root, 'home'))).toBe(false);
});

// The administrator owns and writes everything, so this needs a folder that is somebody else's.
test.runIf(process.getuid?.() === 0)('else keeps compiled code under COFFER_HOME, for this user alone', () => {
  using coffer = makeCoffer();
  using other = makeFixture({});
  chownSync(join(coffer.root, 'node_modules'), 1, 1);
  const home = join(other.root, 'deep/home');
  start(join(coffer.root, 'bin/coffer'), other.root, home);
  expect(existsSync(join(home, 'cache/compiled'))).toBe(true);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

test('works with a home that cannot be written', () => {
  using coffer = makeCoffer();
  using other = makeFixture({ file: '' });
  expect(start(join(coffer.root, 'bin/coffer'), other.root, join(other.root, 'file/home'))).toMatchObject({
    status: 3,
  });
});
