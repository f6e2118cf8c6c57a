import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { temporaryFolder } from './support.ts';

const root = join(import.meta.dirname, '../../..');
const main = join(root, 'engine/hosts/cli/main.ts');

/** Files that are loaded before anything is decided: what static imports reach. */
function loadedAtStart(entry: string): Set<string> {
  const found = new Set<string>();
  const queue = [entry];
  for (const file of queue) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, clause = '', specifier = ''] of text.matchAll(
      /^(?:import|export)\b([^'"]*?)from '(\.[^']+\.ts)';/gm,
    )) {
      if (!/^\s*type\b/.test(clause)) queue.push(join(dirname(file), specifier));
    }
  }
  return found;
}

function coffer(args: readonly string[], environment: Record<string, string> = {}, shell = '') {
  using home = temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: home.path, COFFER_HOME: join(home.path, 'coffer'), ...environment };
  const command = [process.execPath, main, ...args];
  const result =
    shell === ''
      ? spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8', input: '' })
      : spawnSync('/bin/sh', ['-c', `"$@" ${shell}`, 'sh', ...command], { env, encoding: 'utf8', input: '' });
  return {
    status: result.status,
    out: result.stdout,
    err: result.stderr,
    madeHome: existsSync(join(home.path, 'coffer')),
  };
}

describe('starting', () => {
  test('loads nothing of the engine but its base, so that help is there at once', () => {
    const rooms = [...loadedAtStart(main)].map((file) => relative(join(root, 'engine'), file).split('/')[0] ?? '');
    expect([...new Set(rooms)].sort()).toEqual(['base', 'hosts']);
    expect(rooms.length).toBeLessThan(55);
  });

  test('answers the version and leaves nothing behind', () => {
    expect(coffer(['--version'])).toEqual({
      status: 0,
      out: `coffer ${packageJson.version}\n`,
      err: '',
      madeHome: false,
    });
  });

  test('says in words what it does not know', () => {
    const { status, out, err } = coffer(['bakcup']);
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe('There is no command "bakcup". Did you mean "backup"?\n  See: coffer --help\n');
  });

  test('with the real engine a place without a vault is 6, and asks for nothing', () => {
    const { status, out, err } = coffer(['snapshots', '--store', '/nowhere/at/all']);
    expect([status, out]).toEqual([6, '']);
    expect(err).toContain('The place /nowhere/at/all cannot be found. (store.missing)');
  });
});

describe.skipIf(process.platform === 'win32')('the other end of standard output', () => {
  test('may go away without a word', () => {
    const { out, err } = coffer(['help'], {}, '| head -n 1');
    expect(out.split('\n')).toHaveLength(2);
    expect(err).toBe('');
  });

  test('may be a full disk, which is said', (context) => {
    if (!existsSync('/dev/full')) context.skip('this system has no /dev/full');
    const { status, err } = coffer(['--version'], {}, '> /dev/full');
    expect(status).toBe(1);
    expect(err).toContain('The output could not be written: the disk is full. (output.failed)');
  });
});
