import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError, catalogue, type ErrorCode, exitCodes } from '../../../engine/base/index.ts';
import { type CommandName, specOf } from '../../../engine/hosts/cli/table/index.ts';
import type { Engine } from '../../../engine/hosts/engine.ts';
import {
  backupResult,
  coffer,
  entry,
  fakeEngine,
  key,
  makeHost,
  recordStream,
  restoreResult,
  runHost,
  snapshot,
  temporaryFolder,
  vault,
} from './support.ts';

const withEngine = (parts: Partial<Engine>) => ({ engine: async () => fakeEngine(parts) });

const failing = (error: unknown) =>
  withEngine({
    openVault: async () => {
      throw error;
    },
  });

describe('exit codes', () => {
  test.each(Object.keys(catalogue) as ErrorCode[])('%s ends with the code of the catalogue', async (code) => {
    const { exit, err } = await coffer(['stats', '--store', '/v'], failing(new CofferError(code)));
    expect(exit).toBe(exitCodes[catalogue[code].exit]);
    expect(err).not.toBe('');
  });

  test('a backup without some files is 3, and names them with remedies', async () => {
    const failures = [{ path: '/home/anna/notes/locked.db', code: 'EACCES' }];
    const { exit, out, err } = await coffer(
      ['backup', '--store', '/v', 'notes'],
      withEngine({ backup: async () => ({ ...backupResult, failed: 1, failures }) }),
    );
    expect(exit).toBe(3);
    expect(out).toContain('Protected, except 1 that could not be read.');
    expect(err).toContain('/home/anna/notes/locked.db   permission denied → run as its owner');
  });

  test('what rules leave out is no failure', async () => {
    const { exit, out } = await coffer(['backup', '--store', '/v', 'notes']);
    expect(exit).toBe(0);
    expect(out).toBe(
      'Protected. 48,210 files, 12.4 GB, in 4.2 s\n' +
        '  new 312 files, 84.1 MB · stored 31.7 MB\n' +
        '  left out 2,118: by your patterns\n' +
        '  snapshot 7f3a91c2\n',
    );
  });

  test.each([
    ['object.damaged', 4],
    ['EACCES', 3],
  ])('a restore that fails with %s is %d', async (code, exit) => {
    const failed = { ...restoreResult, failed: 1, failures: [{ path: '/a', code }] };
    const ran = await coffer(
      ['restore', '--store', '/v', 'latest', '--target', 'x'],
      withEngine({ executeRestore: async () => failed }),
    );
    expect(ran.exit).toBe(exit);
  });

  test('a check that finds damage is 4; leftovers are none', async () => {
    const check = async (kind: 'damaged' | 'unused') =>
      await coffer(
        ['check', '--store', '/v'],
        withEngine({
          checkVault: async () => ({
            findings: [
              {
                kind,
                key: 'packs/ab/abc',
                detail: 'its bytes do not match its name',
                files: [{ path: '/a', snapshot: snapshot.id }],
                fileCount: 1,
              },
            ],
            ...{ snapshots: 1, packs: 3, bytesRead: 0, affectedFiles: 1, seconds: 1, notices: [] },
          }),
        }),
      );
    const damaged = await check('damaged');
    expect(damaged.exit).toBe(4);
    expect(damaged.out).toContain('The vault is damaged. 1 finding');
    expect(damaged.out).toContain('/a   in snapshot 7f3a91c2');
    expect((await check('unused')).exit).toBe(0);
  });

  test('no command at all is 2 with the help on standard error, so that a script notices', async () => {
    const { exit, out, err } = await coffer([]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('Usage: coffer COMMAND');
  });

  test('help and version are 0 and need no engine', async () => {
    const engine = () => Promise.reject(new Error('the engine was loaded'));
    for (const args of [['--version'], ['--help'], ['snapshots', '--help'], ['help', 'backup']]) {
      expect((await coffer(args, { engine })).exit).toBe(0);
    }
    expect((await coffer(['--version'])).out).toBe('coffer 1.2.3\n');
  });
});

describe('the command line as a whole', () => {
  test.each([
    [['backup', 'x'], 'No place was given'],
    [['restore', '--store', '/v', 'latest'], 'Say where to restore'],
    [['restore', '--store', '/v', 'latest', '--target', 'x', '--original'], 'exclude each other'],
    [['backup', '--store', '/v', '--max-size', 'big', 'x'], '--max-size needs a size'],
    [['backup', '--store', '/v', '--max-age', 'old', 'x'], '--max-age needs a number of days'],
    [['check', '--store', '/v', '--read-data=0'], 'from 1 to 100'],
    [['snapshots', '--store', '/v', '--last', 'x'], '--last needs a whole number'],
  ])('%j is a usage error: %s', async (args, words) => {
    const { exit, out, err } = await coffer(args);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err).toMatch(/ {2}See: coffer [a-z]+ --help\n$/);
  });

  test('paths and places are given to the engine in full', async () => {
    const seen: unknown[] = [];
    const engine = withEngine({
      openVault: async (_, opening) => {
        seen.push(opening.store, opening.mode, opening.holder, opening.waitForLock);
        return await fakeEngine().openVault(_, opening);
      },
      backup: async (_, opening, options) => {
        await opening;
        if ('sources' in options) throw new Error('not by paths');
        seen.push(options.paths, options.rules, options.oneFileSystem);
        return backupResult;
      },
    });
    const args = [
      'backup',
      '--store=~/vault',
      '--wait',
      '--max-size',
      '1.5GiB',
      '--max-age',
      '2y',
      '--exclude',
      '*.iso',
      '.',
      '/b/../c',
    ];
    await coffer(args, engine);
    expect(seen).toEqual([
      ...['/home/anna/vault', 'write', expect.stringMatching(/^coffer backup, process 4711, since \d\d:\d\d$/), true],
      ['/home/anna', '/c'],
      { patterns: ['*.iso'], presets: [], cacheDirTag: true, sizeMax: 1_610_612_736, ageMaxDays: 730 },
      true,
    ]);
  });

  test('a path that is not there is said before a secret is asked for', async () => {
    const engine = withEngine({ backup: async () => Promise.reject(new Error('it ran')) });
    const { exit, err } = await coffer(['backup', '--store', '/v', 'typo'], { ...engine, isThere: () => false });
    expect(exit).toBe(1);
    expect(err).toContain('There is no /home/anna/typo.');
    expect(err).toContain('nothing was backed up, not the other folders given either');
  });

  test('COFFER_STORE stands in for --store', async () => {
    const environment = { COFFER_STORE: '/mnt/disk/vault', COFFER_PASSPHRASE: 'right' };
    expect((await coffer(['config'], { environment })).out).toContain('/mnt/disk/vault');
  });

  test('the vault is closed, also when the command fails', async () => {
    let closed = 0;
    const openVault: Engine['openVault'] = async (_, opening) => ({
      ...(await fakeEngine().openVault(_, opening)),
      close: async () => void closed++,
    });
    await coffer(['stats', '--store', '/v'], withEngine({ openVault }));
    await coffer(
      ['stats', '--store', '/v'],
      withEngine({ openVault, vaultStats: async () => Promise.reject(new CofferError('vault.busy')) }),
    );
    expect(closed).toBe(2);
  });

  test('the plan of a restore is shown before it runs, and a dry run ends there', async () => {
    const host = makeHost({
      args: ['restore', '--store', '/v', 'latest', '--original'],
      ...withEngine({
        executeRestore: async () => {
          expect(host.out.text()).toContain('/home/ben → /home/anna');
          expect(host.out.text()).toContain('2 names are taken: where files differ both are kept');
          return restoreResult;
        },
      }),
    });
    expect((await runHost(host)).exit).toBe(0);
    const executeRestore = async () => Promise.reject(new Error('it ran'));
    const dry = await coffer(
      ['restore', '--store', '/v', 'latest', '--target', 'x', '--dry-run'],
      withEngine({ executeRestore }),
    );
    expect(dry.exit).toBe(0);
    expect(dry.out).toContain('Nothing was written.');
  });

  test('a restore is offered to be taken back when it made something', async () => {
    const args = ['restore', '--store', '/v', 'latest', '--target', 'x'];
    expect((await coffer(args)).out).toContain('coffer undo');
    const executeRestore = async () => ({ ...restoreResult, files: 0, undoable: false });
    expect((await coffer(args, withEngine({ executeRestore }))).out).not.toContain('coffer undo');
    const { out } = await coffer([...args, '--json'], withEngine({ executeRestore }));
    expect(JSON.parse(out)).toMatchObject({ files: 0, id: null });
  });

  test('the list of restores says which one went to the original places', async () => {
    const listRestores = async () => [{ id: 'ef'.repeat(8), at: entry.mtime, target: null, files: 3 }];
    const { out } = await coffer(['undo', '--list'], withEngine({ listRestores }));
    expect(out).toMatch(/3 files {2}where the files were\n$/);
  });

  test('keys are listed from the oldest to the newest', async () => {
    const made = (seconds: number, label: string) => ({ ...key, label, created: { seconds, nanoseconds: 0 } });
    const listKeys = async () => [made(30, 'c'), made(10, 'a'), made(20, 'b')];
    const { out } = await coffer(['keys', 'list', '--json', '--store', '/v'], withEngine({ listKeys }));
    expect((JSON.parse(out) as { label: string }[]).map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [1, '1 left as it is'],
    [2, '2 left as they are'],
  ])('%d files that a restore skipped are counted in words', async (skipped, words) => {
    const executeRestore = async () => ({ ...restoreResult, skipped });
    const args = ['restore', '--store', '/v', 'latest', '--target', 'x'];
    expect((await coffer(args, withEngine({ executeRestore }))).out).toContain(words);
  });

  test('--quiet leaves what was asked for, and failures', async () => {
    expect((await coffer(['backup', '-q', '--store', '/v', 'x'])).out).toBe('');
    expect((await coffer(['ls', '-q', '--store', '/v'])).out).toBe(`${entry.path}\n`);
    const failures = [{ path: '/a', code: 'EIO' }];
    const bad = withEngine({ backup: async () => ({ ...backupResult, failed: 1, failures }) });
    expect((await coffer(['backup', '-q', '--store', '/v', 'x'], bad)).err).toContain('/a');
    expect((await coffer(['init', '-q', '--store', '/v'])).out).toContain('abandon');
  });
});

describe('errors', () => {
  const error = new CofferError('vault.notFound', { store: '/mnt/other' });

  test('are three sentences and their code on standard error', async () => {
    const { out, err } = await coffer(['stats', '--store', '/mnt/other'], failing(error));
    expect(out).toBe('');
    expect(err.split('\n')).toEqual([
      'There is no vault at /mnt/other. (vault.notFound)',
      '  Nothing was backed up or restored.',
      expect.stringContaining('  Check the path'),
      '',
    ]);
  });

  test('are one JSON object on standard error with --json, also for what cannot be parsed', async () => {
    const { out, err } = await coffer(['stats', '--json', '--store', '/mnt/other'], failing(error));
    expect(out).toBe('');
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'vault.notFound',
        what: 'There is no vault at /mnt/other.',
        meaning: expect.any(String),
        remedy: expect.any(String),
        context: { store: '/mnt/other' },
      },
    });
    expect(JSON.parse((await coffer(['stast', '--json'])).err)).toMatchObject({ error: { code: 'usage.program' } });
  });

  test.each([
    ['ENOTDIR', 'a file is in the place of a folder'],
    ['EROFS', 'it can be read but not written'],
    ['ENOENT', 'it is not there'],
    ['EIO', 'the disk reports an error'],
    ['EWHATEVER', 'the system said EWHATEVER'],
    ['every name is taken', 'every name is taken'],
  ])('say %s in words, and keep it for programs', async (detail, words) => {
    const unusable = failing(new CofferError('home.unusable', { path: '/home/anna/.coffer', detail }));
    expect((await coffer(['stats', '--store', '/v'], unusable)).err).toContain(`cannot be used: ${words}.`);
    const { error: told } = JSON.parse((await coffer(['stats', '--json', '--store', '/v'], unusable)).err);
    expect(told).toMatchObject({ what: expect.stringContaining(words), context: { detail } });
  });

  test('cannot command the terminal through a name', async () => {
    const hostile = new CofferError('path.notFound', { path: '/a\x1b[2J' });
    const { err } = await coffer(['stats', '--store', '/v'], {
      ...failing(hostile),
      err: recordStream({ isTerminal: true }),
    });
    expect(err).toContain('/a\\x1b[2J');
  });

  test('that nobody foresaw show no stack, but say where it was written', async () => {
    using folder = temporaryFolder();
    const environment = { COFFER_HOME: folder.path, COFFER_PASSPHRASE: 'right' };
    const createPorts: Engine['createPorts'] = ({ home, log }) => {
      log?.debug('opened', { store: '/v' });
      return { home } as ReturnType<Engine['createPorts']>;
    };
    const vaultStats = async () => Promise.reject(new TypeError('x is not a function'));
    const { exit, err } = await coffer(['stats', '--store', '/v'], {
      environment,
      ...withEngine({ createPorts, vaultStats }),
    });
    expect(exit).toBe(1);
    expect(err).not.toContain('TypeError');
    expect(err).not.toMatch(/^\s*at /m);
    const [name = ''] = readdirSync(join(folder.path, 'logs'));
    expect(err).toContain(join(folder.path, 'logs', name));
    const log = readFileSync(join(folder.path, 'logs', name), 'utf8');
    expect(log).toContain('TypeError: x is not a function');
    expect(log).toContain("debug opened { store: '/v' }");
  });

  test('that come from nowhere end the command too', async () => {
    using folder = temporaryFolder();
    const uncaught = Promise.reject(new Error('a listener threw'));
    uncaught.catch(() => {});
    const { exit, err } = await coffer(['stats', '--store', '/v'], {
      environment: { COFFER_HOME: folder.path },
      uncaught,
      ...withEngine({ openVault: () => new Promise(() => {}) }),
    });
    expect(exit).toBe(1);
    expect(err).toContain('program.fault');
  });

  test('an engine that cannot be loaded is one of them, and faults of one second have a file each', async () => {
    using folder = temporaryFolder();
    const parts = {
      environment: { COFFER_HOME: folder.path },
      engine: async () => Promise.reject(new Error('no such module')),
    };
    const logs: string[] = [];
    for (let time = 1; time <= 3; time++) {
      const { exit, err } = await coffer(['stats', '--store', '/v'], parts);
      expect(exit).toBe(1);
      const [, log = ''] = /The details are in (\S+)/.exec(err) ?? [];
      expect(readFileSync(log, 'utf8')).toContain('no such module');
      logs.push(log);
    }
    expect(
      readdirSync(join(folder.path, 'logs'))
        .map((name) => join(folder.path, 'logs', name))
        .sort(),
    ).toEqual(logs.sort());
    expect(new Set(logs).size).toBe(3);
  });
});

describe('stopping', () => {
  test.each([
    ['backup', ['backup', '--store', '/v', 'x'], 'no snapshot was made'],
    ['restore', ['restore', '--store', '/v', 'latest', '--target', 'x'], 'coffer undo'],
    ['ls', ['ls', '--store', '/v'], 'Nothing is half done'],
  ])('%s says what that means', async (_, args, words) => {
    const controller = new AbortController();
    const stop = async (): Promise<never> => {
      controller.abort(new CofferError('cancelled'));
      throw controller.signal.reason;
    };
    const listEntries: Engine['listEntries'] = async function* () {
      controller.abort(new CofferError('cancelled'));
      yield entry;
    };
    const engine = withEngine({ backup: stop, executeRestore: stop, listEntries });
    const { exit, err } = await coffer(args, { signal: controller.signal, ...engine });
    expect(exit).toBe(130);
    expect(err).toContain('Stopped.');
    expect(err).toContain(words);
  });

  test('does not wait for an answer that takes no signal', async () => {
    const controller = new AbortController();
    const planRestore: Engine['planRestore'] = () => {
      queueMicrotask(() => controller.abort(new CofferError('cancelled')));
      return new Promise(() => {});
    };
    const ran = await coffer(['restore', '--store', '/v', 'latest', '--target', 'x'], {
      signal: controller.signal,
      ...withEngine({ planRestore }),
    });
    expect(ran.exit).toBe(130);
  });

  test('a reader that went away ends a listing quietly', async () => {
    const out = recordStream();
    let listed = 0;
    const listEntries: Engine['listEntries'] = async function* () {
      for (; listed < 1_000_000; listed++) {
        if (listed === 10) out.leave();
        yield entry;
      }
    };
    const { exit, err } = await coffer(['ls', '--store', '/v'], { out, ...withEngine({ listEntries }) });
    expect([exit, err]).toEqual([0, '']);
    expect(listed).toBeLessThan(20);
  });

  test('a reader that went away does not stop a backup', async () => {
    const out = recordStream();
    out.leave();
    expect((await coffer(['backup', '--store', '/v', 'x'], { out })).exit).toBe(0);
  });
});

describe('a snapshot of a run that left something for the next', () => {
  const environment = { COFFER_STORE: '/v', COFFER_PASSPHRASE: 'right' };
  const partly = { ...snapshot, deferred: 7 };
  const parts = withEngine({
    openVault: async () => ({ ...vault, snapshots: [snapshot, partly] }),
    findSnapshot: () => partly,
  });

  test('says in a list how many files were still to come', async () => {
    const [titles = '', whole = '', part = ''] = (await coffer(['snapshots'], { environment, ...parts })).out.split(
      '\n',
    );
    expect([titles.includes('to come'), / 7 /.test(whole), / 7 /.test(part)]).toEqual([true, false, true]);
    expect((await coffer(['snapshots'], { environment })).out).not.toContain('to come');
  });

  test('says so before a restore', async () => {
    const { out } = await coffer(['restore', 'latest', '--target', 'x'], { environment, ...parts });
    expect(out).toContain('  still to come when this snapshot was made: 7 files; a later one may have more\n');
  });
});

describe('--json', () => {
  /** Those of the daemon speak with other processes: see ../daemon. */
  type Tried = Exclude<CommandName, `daemon ${string}`>;
  const calls: Readonly<Record<Tried, readonly string[]>> = {
    init: [],
    backup: ['x'],
    snapshots: [],
    ls: [],
    find: ['notes'],
    diff: ['a', 'b'],
    restore: ['latest', '--target', 'x'],
    undo: [],
    cat: ['latest', 'x'],
    forget: ['--keep-last', '1', '--yes'],
    unforget: [],
    pin: ['latest'],
    unpin: ['latest'],
    check: [],
    verify: [],
    drill: [],
    repair: [],
    sweep: [],
    'keys list': [],
    'keys add': [],
    'keys remove': ['4c'],
    'keys passphrase': [],
    'keys remember': [],
    'keys forget': [],
    stats: [],
    space: [],
    config: [],
    'sources add': ['x'],
    'sources remove': ['x'],
    'sources list': [],
    'places add': ['/v'],
    'places remove': ['/v'],
    'places list': [],
    'places unlock': ['/v'],
    status: [],
    now: ['--no-wait'],
    pause: [],
    resume: [],
    why: ['x'],
    watch: [],
    wait: [],
    activity: [],
    settings: [],
  };
  const environment = { COFFER_STORE: '/v', COFFER_PASSPHRASE: 'right', COFFER_NEW_PASSPHRASE: 'new' };
  const keychain = async () => ({ read: () => null, write: () => {}, remove: () => true });

  // What never ends has a test of its own.
  const ending = (Object.keys(calls) as Tried[]).filter((name) => specOf(name).json.kind !== 'lines');

  test.each(ending)('%s gives exactly the documented fields', async (name) => {
    const { exit, out, err } = await coffer([...name.split(' '), ...calls[name], '--json'], { environment, keychain });
    // The file that is asked about is left out.
    expect([exit, err]).toEqual([name === 'why' ? 3 : 0, '']);
    const { kind, fields } = specOf(name).json;
    if (kind === 'none') return;
    const answer: unknown = JSON.parse(out);
    expect(Array.isArray(answer)).toBe(kind === 'array');
    const [first] = Array.isArray(answer) ? answer : [answer];
    expect(Object.keys(first as object).sort()).toEqual(fields.map((field) => field.name).sort());
    if (kind === 'object') expect(out.split('\n')).toHaveLength(2);
  });

  test('an empty list is an empty array, and a long one has an element a line', async () => {
    const none = await coffer(['snapshots', '--json', '--tag', 'nobody has'], { environment });
    expect(none.out).toBe('[]\n');
    const listEntries: Engine['listEntries'] = async function* () {
      for (let at = 0; at < 5000; at++) yield { ...entry, path: `/${at}` };
    };
    const { out } = await coffer(['ls', '--json'], { environment, ...withEngine({ listEntries }) });
    expect(JSON.parse(out)).toHaveLength(5000);
    expect(out.split('\n')).toHaveLength(5003);
  });

  test('a list that broke off is no JSON', async () => {
    const listEntries: Engine['listEntries'] = async function* () {
      yield entry;
      throw new CofferError('object.damaged', { key: 'packs/ab/abc', reason: 'cut off' });
    };
    const { exit, out } = await coffer(['ls', '--json'], { environment, ...withEngine({ listEntries }) });
    expect(exit).toBe(4);
    expect(() => JSON.parse(out)).toThrow();
  });

  test('remarks are lines on standard error', async () => {
    const openVault: Engine['openVault'] = async (_, opening) => ({
      ...(await fakeEngine().openVault(_, opening)),
      notices: ['This computer goes on under a new device name.'],
    });
    const { err } = await coffer(['stats', '--json'], { environment, ...withEngine({ openVault }) });
    expect(JSON.parse(err)).toEqual({ notice: 'This computer goes on under a new device name.' });
  });
});

describe('names in listings', () => {
  const hostile = { ...entry, path: '/a\x1b[2J/caf\udce9' };
  const listEntries: Engine['listEntries'] = async function* () {
    yield hostile;
  };

  test('are escaped on a terminal', async () => {
    const { out } = await coffer(['ls', '--store', '/v'], {
      out: recordStream({ isTerminal: true }),
      ...withEngine({ listEntries }),
    });
    expect(out).toBe('/a\\x1b[2J/caf\\xe9\n');
  });

  test('are byte by byte as they were in a pipe', async () => {
    const written: Buffer[] = [];
    const out = {
      ...recordStream(),
      write: async (data: string | Uint8Array) => void written.push(Buffer.from(data as string)),
    };
    await coffer(['ls', '--store', '/v'], { out, ...withEngine({ listEntries }) });
    expect(Buffer.concat(written).toString('latin1')).toBe('/a\x1b[2J/caf\xe9\n');
  });

  test('keep their bytes in JSON', async () => {
    const { out } = await coffer(['ls', '--json', '--store', '/v'], withEngine({ listEntries }));
    expect(out).toContain('\\udce9');
    expect((JSON.parse(out) as { path: string }[])[0]?.path).toBe(hostile.path);
  });
});

describe('colours', () => {
  const coloured = async (args: readonly string[], environment: Record<string, string> = {}): Promise<boolean> => {
    const out = recordStream({ isTerminal: true });
    await coffer(['backup', '--store', '/v', 'x', ...args], {
      out,
      environment: { COFFER_PASSPHRASE: 'right', ...environment },
    });
    return out.text().includes('\x1b[');
  };

  test('are only on a terminal, and not against the person’s wish', async () => {
    expect(await coloured([])).toBe(true);
    expect(await coloured(['--no-color'])).toBe(false);
    expect(await coloured([], { NO_COLOR: '1' })).toBe(false);
    expect(await coloured([], { TERM: 'dumb' })).toBe(false);
    expect((await coffer(['backup', '--store', '/v', 'x'])).out).not.toContain('\x1b');
  });
});
