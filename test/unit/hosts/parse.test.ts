import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { type Call, parseCommandLine } from '../../../engine/hosts/cli/parse.ts';

function callOf(...args: string[]): Call {
  const parsed = parseCommandLine(args);
  if (parsed.kind !== 'call') throw new Error(`${parsed.kind} instead of a call`);
  return parsed.call;
}

function complaintAbout(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof CofferError && error.code.startsWith('usage')) return String(error.context.detail);
    throw error;
  }
  throw new Error('it was understood');
}

describe('options', () => {
  test('of every command may stand before the command, between and behind', () => {
    for (const args of [
      ['--store', '/v', 'keys', 'list', '--json'],
      ['keys', '--store=/v', 'list', '--json'],
      ['--json', 'keys', 'list', '--store', '/v'],
    ]) {
      expect(callOf(...args)).toMatchObject({ name: 'keys list', globals: { store: '/v', json: true, quiet: false } });
    }
  });

  test('that may be given again are gathered in order', () => {
    const { options } = callOf('backup', '--exclude', '*.iso', '/a', '--exclude=-old', '--tag', 'x', '--tag', 'y');
    expect(options).toMatchObject({ exclude: ['*.iso', '-old'], tag: ['x', 'y'], 'exclude-file': [] });
  });

  test('with a value that may be left out never take the next word', () => {
    expect(callOf('check', '--read-data').options['read-data']).toBe(true);
    expect(callOf('check', '--read-data=5').options['read-data']).toBe('5');
    expect(callOf('check').options['read-data']).toBeUndefined();
    expect(complaintAbout('check', '--read-data', '5')).toContain('"5" is one word too many');
  });

  test('have short names', () => {
    expect(callOf('ls', '-rl', '-q')).toMatchObject({
      options: { recursive: true, long: true },
      globals: { quiet: true },
    });
  });

  test('that need a value do not take the next option for it', () => {
    expect(complaintAbout('restore', 'latest', '--target', '--dry-run')).toContain('--target needs DIR');
    expect(complaintAbout('restore', 'latest', '--target')).toContain('--target needs DIR');
  });

  test('that take no value refuse one', () => {
    expect(complaintAbout('backup', '--quiet=yes', '/a')).toBe('--quiet takes no value.');
  });

  test('with choices name them, and the nearest', () => {
    const complaint = complaintAbout('backup', '--preset', 'cache', '/a');
    expect(complaint).toContain('Did you mean "caches"?');
    expect(complaint).toContain('virtual-machines');
  });

  test('end at --', () => {
    expect(callOf('backup', '--', '--exclude').arguments).toEqual(['--exclude']);
  });
});

describe('what is not known', () => {
  test('is named with what was probably meant', () => {
    expect(complaintAbout('bakcup', '/a')).toContain('Did you mean "backup"?');
    expect(complaintAbout('keys', 'lst')).toContain('Did you mean "keys list"?');
    expect(complaintAbout('backup', '--exlude', 'x', '/a')).toContain('Did you mean --exclude?');
    expect(complaintAbout('--stor', '/v', 'backup')).toContain('Did you mean --store?');
    expect(complaintAbout('snap')).toContain('Did you mean "snapshots"?');
    expect(complaintAbout('key')).toContain('Did you mean "keys"?');
    expect(complaintAbout('check', '--read-data', '5')).toContain('If it belongs to --read-data: --read-data=5');
    expect(complaintAbout('check', '5')).not.toContain('--read-data');
  });

  test('is named alone when nothing is near', () => {
    expect(complaintAbout('frobnicate')).toBe('There is no command "frobnicate".');
    expect(complaintAbout('backup', '-z', '/a')).toBe('There is no option -z.');
  });

  test('of another command is told from what nobody knows', () => {
    expect(complaintAbout('--exclude', 'x', 'backup', '/a')).toContain('belongs behind its command');
  });
});

test.each([['--passphrase'], ['--password'], ['--phrase'], ['--new-passphrase'], ['--secret']])(
  'a secret as %s is refused with the reason, and not repeated',
  (option) => {
    for (const args of [
      ['backup', option, 'hunter2', '/a'],
      ['backup', `${option}=hunter2`, '/a'],
      [option, 'hunter2', 'backup', '/a'],
    ]) {
      const complaint = complaintAbout(...args);
      expect(complaint).toContain('never taken from the command line');
      expect(complaint).toContain('--passphrase-file');
      expect(complaint).not.toContain('hunter2');
    }
  },
);

describe('arguments', () => {
  test('that are missing are named', () => {
    expect(complaintAbout('backup')).toContain('needs PATH');
    expect(complaintAbout('diff', 'latest')).toContain('needs TO');
    expect(complaintAbout('keys')).toContain('list, add, remove');
  });

  test('that are too many are named', () => {
    expect(complaintAbout('cat', 'latest', '/a', '/b')).toContain('"/b" is one word too many');
    expect(complaintAbout('stats', 'x')).toContain('"x" is one word too many');
  });

  test('that are empty are refused, since a script forgot to set them', () => {
    expect(complaintAbout('backup', '')).toContain('is empty');
  });
});

describe('help and version', () => {
  test.each([
    [['--help'], null],
    [['help'], null],
    [['backup', '--help'], 'backup'],
    [['backup', '-h', '--json'], 'backup'],
    [['help', 'keys', 'add'], 'keys add'],
    [['keys', '--help'], 'keys'],
  ])('%j asks for help', (args, topic) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'help', topic, asked: true });
  });

  test('nothing at all is not a question', () => {
    expect(parseCommandLine([])).toEqual({ kind: 'help', topic: null, asked: false });
    expect(parseCommandLine(['--quiet'])).toEqual({ kind: 'help', topic: null, asked: false });
  });

  test('the version is told before anything is missing', () => {
    expect(parseCommandLine(['--version'])).toEqual({ kind: 'version', json: false });
    expect(parseCommandLine(['backup', '--version', '--json'])).toEqual({ kind: 'version', json: true });
  });
});
