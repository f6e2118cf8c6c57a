import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareFolders } from '../../../engine/hosts/demo/compare.ts';
import { temporaryFolder } from './support.ts';

/** The command line and the tour as a person starts them: real processes, the real engine. */
const hosts = join(import.meta.dirname, '../../../engine/hosts');

function start(folder: string, entry: string, args: readonly string[], environment: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: folder,
    COFFER_HOME: join(folder, '.coffer'),
    // As `npm start` and bin/coffer do: half of the time of a short command would go into stripping types.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(hosts, '../../node_modules/.cache/compiled'),
    ...environment,
  };
  const result = spawnSync(process.execPath, [join(hosts, entry), ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    input: '',
  });
  return { exit: result.status, out: result.stdout, err: result.stderr };
}

test('the tour ends well, is short, calm and leaves nothing behind', () => {
  using folder = temporaryFolder();
  const { exit, out, err } = start(folder.path, 'demo/main.ts', []);
  expect(err).toBe('');
  expect(exit).toBe(0);
  expect(out).toContain('identical');
  expect(out).toContain('whole');
  expect(out.match(/npm run -s coffer -- /g)).toHaveLength(3);
  expect(out.split('\n').length).toBeLessThanOrEqual(41);
  expect(out).not.toContain('!');
  expect(readdirSync(folder.path)).toEqual([]);
}, 240_000);

test('a vault is made, filled, listed, restored, undone and checked', () => {
  using folder = temporaryFolder();
  const environment = { COFFER_STORE: 'vault', COFFER_PASSPHRASE: 'a sentence of several words' };
  const coffer = (...args: string[]) => start(folder.path, 'cli/main.ts', args, environment);
  const json = (...args: string[]): unknown => {
    const { exit, out, err } = coffer(...args, '--json');
    expect([exit, err]).toEqual([0, '']);
    return JSON.parse(out);
  };
  const source = join(folder.path, 'Documents');
  mkdirSync(join(source, 'letters'), { recursive: true });
  writeFileSync(join(source, 'letters/first.txt'), 'Dear Ben\n');
  writeFileSync(join(source, 'empty'), '');

  const { recoveryPhrase } = json('init') as { recoveryPhrase: string };
  expect(recoveryPhrase.split(' ')).toHaveLength(24);
  expect(json('backup', 'Documents')).toMatchObject({ files: 2, failed: 0 });
  writeFileSync(join(source, 'letters/second.txt'), 'Dear Ben, once more\n');
  expect(json('backup', 'Documents')).toMatchObject({ files: 3, failed: 0 });

  const [older] = json('snapshots') as { id: string }[];
  const changes = json('diff', String(older?.id), 'latest') as { change: string; path: string }[];
  expect(changes).toContainEqual(
    expect.objectContaining({ change: 'added', path: join(source, 'letters/second.txt') }),
  );
  expect(coffer('cat', 'latest', 'Documents/letters/first.txt').out).toBe('Dear Ben\n');
  expect(json('find', 'FIRST')).toHaveLength(1);
  const withPhrase = start(folder.path, 'cli/main.ts', ['ls', '--recovery-phrase'], {
    COFFER_STORE: 'vault',
    COFFER_PHRASE: recoveryPhrase,
  });
  expect(withPhrase.out).toBe(`${source}/\n`);

  expect(json('restore', 'latest', '--target', 'restored')).toMatchObject({ files: 3, failed: 0 });
  const restored = readdirSync(join(folder.path, 'restored'), { recursive: true, encoding: 'utf8' });
  const place = restored.find((path) => path.endsWith('letters')) ?? '';
  expect(compareFolders(join(source, 'letters'), join(folder.path, 'restored', place))).toEqual([]);
  expect(json('undo')).toMatchObject({ removed: expect.any(Number), kept: [] });

  writeFileSync(join(source, 'letters/first.txt'), 'spoilt');
  const original = coffer(
    'restore',
    'latest',
    '--original',
    '--on-conflict',
    'overwrite',
    'Documents/letters/first.txt',
  );
  expect([original.exit, original.err]).toEqual([0, '']);
  expect(readFileSync(join(source, 'letters/first.txt'), 'utf8')).toBe('Dear Ben\n');
  expect(json('check', '--read-data')).toMatchObject({ whole: true, affectedFiles: 0 });
}, 240_000);
