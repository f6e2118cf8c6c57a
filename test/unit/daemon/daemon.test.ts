import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../engine/base/index.ts';
import {
  daemonInstall,
  daemonRun,
  daemonStart,
  daemonStatus,
  daemonStop,
} from '../../../engine/hosts/cli/table/daemon.ts';
import { connectAgent } from '../../../engine/hosts/rpc/connect-agent.ts';
import { endOf, isAlive, linesOf, makeDaemon, until } from './daemon-support.ts';

/** Real processes with an agent that does nothing; see fake-coffer.ts. */

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const namesOf = (spec: { json: { fields: readonly { name: string }[] } }): string[] =>
  spec.json.fields.map(({ name }) => name).sort();

describe('daemon run', () => {
  test('says one line when it is ready, and a signal ends it well', async () => {
    const daemon = makeDaemon();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const child = daemon.launch(['daemon', 'run', '--json']);
      let out = '';
      child.stdout?.on('data', (text) => {
        out += text;
      });
      await until(() => out.endsWith('\n'));
      expect(json(out)).toEqual({ ready: true, processId: child.pid, socket: join(daemon.home, 'agent.sock') });
      expect(Object.keys(json(out)).sort()).toEqual(namesOf(daemonRun));
      const began = performance.now();
      child.kill(signal);
      expect(await endOf(child)).toBe(0);
      expect(performance.now() - began).toBeLessThan(2000);
      expect(out.split('\n')).toHaveLength(2);
    }
    // In a session of others its threads give way, and not the process.
    const own = getPriority();
    expect(daemon.starts().map(({ priority }) => priority)).toEqual([own, own, own]);
  });

  test('ends within two seconds also when the agent does not, and at once at the second signal', async () => {
    const daemon = makeDaemon();
    for (const isImpatient of [false, true]) {
      const child = daemon.launch(['daemon', 'run'], { FAKE: 'hang' });
      await until(async () => (await daemon.status()).running);
      const began = performance.now();
      child.kill('SIGTERM');
      if (isImpatient) setTimeout(() => child.kill('SIGTERM'), 100);
      expect(await endOf(child)).toBe(isImpatient ? 130 : 0);
      expect(performance.now() - began).toBeLessThan(isImpatient ? 1400 : 3000);
    }
  });

  test('is one for each COFFER_HOME, and the second says who the first is', async () => {
    const daemon = makeDaemon();
    const first = daemon.launch(['daemon', 'run']);
    await until(async () => (await daemon.status()).running);
    const { exit, err } = await daemon.coffer(['daemon', 'run']);
    expect(exit).toBe(7);
    expect(err).toContain(`The background agent runs already (process ${first.pid}, since `);
    first.kill('SIGKILL');
    await endOf(first);
    const third = daemon.launch(['daemon', 'run']);
    await until(async () => (await daemon.status()).processId === third.pid);
  });

  test('leaves a file about what nobody foresaw, and ends with 1', async () => {
    const daemon = makeDaemon();
    const { exit, err } = await daemon.coffer(['daemon', 'run'], { FAKE: 'assertLater' });
    expect(exit).toBe(1);
    expect(err).toContain('(program.fault)');
    const [file = ''] = readdirSync(join(daemon.home, 'logs'));
    const text = readFileSync(join(daemon.home, 'logs', file), 'utf8');
    expect(text).toContain('coffer daemon run');
    expect(text).toContain('AssertionError: a test says so');
    expect(text).toContain('the fake agent starts');
  });

  test('leaves compiled code for the next start, although it is killed', async () => {
    const daemon = makeDaemon();
    const cache = join(daemon.folder, 'compiled');
    const child = daemon.launch(['daemon', 'run'], { NODE_COMPILE_CACHE: cache });
    const isKept = (): boolean =>
      readdirSync(cache, { recursive: true, withFileTypes: true }).some((at) => at.isFile());
    await until(() => existsSync(cache) && isKept());
    expect(isAlive(child.pid ?? null)).toBe(true);
    child.kill('SIGKILL');
    await endOf(child);
  });

  test('logs into COFFER_HOME, and no secret', async () => {
    const daemon = makeDaemon();
    const child = daemon.launch(['daemon', 'run'], { COFFER_PASSPHRASE: 'a very secret sentence' });
    await until(async () => (await daemon.status()).running);
    child.kill('SIGTERM');
    await endOf(child);
    const log = readFileSync(join(daemon.home, 'agent.log'), 'utf8');
    expect(log).toContain('the fake agent starts');
    expect(log).not.toContain('secret sentence');
  });
});

describe('daemon start', () => {
  test('makes a session of its own that gives way to others', async ({ skip }) => {
    if (!existsSync('/proc/self/autogroup')) return skip('this system does not share the processor by sessions');
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const [{ processId } = { processId: 0 }] = daemon.starts();
    expect(readFileSync(`/proc/${processId}/autogroup`, 'utf8')).toMatch(/ nice 5\n$/);
  });

  test('returns when the agent answers; a second one says that it runs already', async () => {
    const daemon = makeDaemon();
    const first = await daemon.coffer(['daemon', 'start', '--json']);
    expect([first.exit, first.err]).toEqual([0, '']);
    expect(Object.keys(json(first.out)).sort()).toEqual(namesOf(daemonStart));
    expect(json(first.out)).toMatchObject({ started: true, processId: daemon.starts()[0]?.processId });
    const again = await daemon.coffer(['daemon', 'start']);
    expect([again.exit, again.err]).toEqual([0, '']);
    expect(again.out).toBe(`The agent runs already (process ${daemon.starts()[0]?.processId}).\n`);
    expect(daemon.starts()).toHaveLength(1);
    const shown = json((await daemon.coffer(['daemon', 'status', '--json'])).out);
    expect(Object.keys(shown).sort()).toEqual(namesOf(daemonStatus));
    expect(shown).toMatchObject({ running: true, answers: true, restarts: 0, gaveUp: null });
    expect(shown['sinceMs']).toBeGreaterThan(Date.now() - 60_000);
  });

  test('two at the same time leave one agent', async () => {
    const daemon = makeDaemon();
    const both = await Promise.all([daemon.coffer(['daemon', 'start']), daemon.coffer(['daemon', 'start'])]);
    expect(both.map(({ exit, err }) => [exit, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    await until(() => daemon.starts().filter(({ processId }) => isAlive(processId)).length === 1);
    expect((await daemon.status()).supervisor).not.toBeNull();
  });

  test('brings an agent back within two seconds of kill -9', async () => {
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const [first] = daemon.starts();
    const began = performance.now();
    process.kill(first?.processId ?? 0, 'SIGKILL');
    const socket = join(daemon.home, 'agent.sock');
    await until(async () => {
      if (daemon.starts().length === 1) return false;
      const connection = await connectAgent(socket, { version: '1', clock: systemClock });
      await connection?.close();
      return connection !== null;
    });
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await daemon.status()).toMatchObject({
      running: true,
      restarts: 1,
      processId: daemon.starts()[1]?.processId,
    });
  });

  test('says at once why an agent cannot start at all', async () => {
    const daemon = makeDaemon();
    const refused = await daemon.coffer(['daemon', 'start'], { FAKE: 'refuse' });
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('cannot be used: a test says so. (home.unusable)');
    const assertion = await daemon.coffer(['daemon', 'start'], { FAKE: 'assert' });
    expect(assertion.err).toContain('(program.fault)');
    expect(assertion.err).toMatch(/The details are in .*logs\/fault-/);
    expect(Math.max(refused.ms, assertion.ms)).toBeLessThan(8000);
    expect(await daemon.status()).toMatchObject({ running: false, supervisor: null });
  });

  test('starts beside the remains of a computer that lost power', async () => {
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const { supervisor, processId } = await daemon.status();
    for (const process_ of [supervisor, processId]) process.kill(process_ ?? 0, 'SIGKILL');
    await until(() => !isAlive(supervisor) && !isAlive(processId));
    expect(existsSync(join(daemon.home, 'agent.sock'))).toBe(true);
    expect(await daemon.status()).toMatchObject({ running: false, processId: null, supervisor: null });
    expect((await daemon.coffer(['daemon', 'start'])).exit).toBe(0);
  });

  test('leaves a supervisor that is small', async (context) => {
    if (process.platform !== 'linux') context.skip('needs /proc');
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const { supervisor } = await daemon.status();
    // What it shares with the agent counts in part.
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${supervisor}/smaps_rollup`, 'utf8')) ?? [];
    expect(Number(kilobytes) * 1024).toBeLessThan(60e6);
  });
});

describe('daemon stop', () => {
  test('stops agent and supervisor, and is content when none runs', async () => {
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const { supervisor, processId } = await daemon.status();
    const stopped = await daemon.coffer(['daemon', 'stop', '--json']);
    expect(stopped).toMatchObject({ exit: 0, err: '', out: '{"stopped":true}\n' });
    expect(Object.keys(json(stopped.out))).toEqual(namesOf(daemonStop));
    expect([isAlive(supervisor), isAlive(processId)]).toEqual([false, false]);
    expect(await daemon.coffer(['daemon', 'stop'])).toMatchObject({ exit: 0, err: '', out: 'No agent runs.\n' });
    expect(daemon.starts()).toHaveLength(1);
  });

  test('stops an agent that is just starting', async () => {
    const daemon = makeDaemon();
    const starting = daemon.coffer(['daemon', 'start'], { FAKE: 'slow' });
    await until(() => daemon.starts().length === 1);
    expect((await daemon.coffer(['daemon', 'stop'])).exit).toBe(0);
    expect((await starting).exit).toBe(1);
    expect(isAlive(daemon.starts()[0]?.processId ?? null)).toBe(false);
    expect(await daemon.status()).toMatchObject({ running: false, supervisor: null });
  });

  test('ends an agent that does not end, also one that is stopped', async () => {
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const { processId } = await daemon.status();
    process.kill(processId ?? 0, 'SIGSTOP');
    expect((await daemon.coffer(['daemon', 'stop'])).exit).toBe(0);
    expect(isAlive(processId)).toBe(false);
  });

  test('stops an agent without supervisor', async () => {
    const daemon = makeDaemon();
    const child = daemon.launch(['daemon', 'run']);
    await until(async () => (await daemon.status()).running);
    const [exit, { out }] = await Promise.all([endOf(child), daemon.coffer(['daemon', 'stop', '--json'])]);
    expect([exit, out]).toEqual([0, '{"stopped":true}\n']);
  });

  test('an agent that a face ends is not started again', async () => {
    const daemon = makeDaemon();
    await daemon.coffer(['daemon', 'start']);
    const { supervisor, processId } = await daemon.status();
    process.kill(processId ?? 0, 'SIGTERM');
    await until(() => !isAlive(processId) && !isAlive(supervisor));
    expect(daemon.starts()).toHaveLength(1);
  });
});

test('an agent that crashes again and again is left alone for an hour, status says so, and who starts it need not wait', async () => {
  const daemon = makeDaemon();
  await daemon.coffer(['daemon', 'start'], { FAKE: 'crash', FAKE_HASTE: '100' });
  await until(async () => (await daemon.status()).gaveUp !== null, 25_000);
  expect(daemon.starts()).toHaveLength(10);
  expect(await daemon.status()).toMatchObject({
    running: false,
    supervisor: expect.any(Number),
    gaveUp: { crashes: 10 },
  });
  const { out } = await daemon.coffer(['daemon', 'status']);
  expect(out).toContain('It ended 10 times within ten minutes');
  expect(out).toContain('tried once more an hour later');
  expect(out).toContain(join(daemon.home, 'agent.log'));
  await daemon.coffer(['daemon', 'start']);
  expect(await daemon.status()).toMatchObject({ running: true, restarts: 0, gaveUp: null });
});

test('a home that cannot be used is said in words', async () => {
  const daemon = makeDaemon();
  writeFileSync(daemon.home, '');
  for (const command of ['run', 'start']) {
    const { exit, err } = await daemon.coffer(['daemon', command]);
    expect(exit).toBe(1);
    expect(err).toContain('(home.unusable)');
  }
});

test('install writes a unit and runs nothing', async (context) => {
  if (process.platform !== 'linux') context.skip('writes the unit of systemd');
  const daemon = makeDaemon();
  const bin = join(daemon.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${daemon.folder}/called'\n`);
  chmodSync(join(bin, 'systemctl'), 0o755);
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const path = join(daemon.folder, '.config/systemd/user/coffer.service');

  const { out } = await daemon.coffer(['daemon', 'install', '--json'], environment);
  expect(json(out)).toEqual({ path, command: 'systemctl --user enable --now coffer', enabled: false });
  expect(Object.keys(json(out)).sort()).toEqual(namesOf(daemonInstall));
  expect(readFileSync(path, 'utf8')).toContain(`COFFER_HOME=${daemon.home}`);
  expect(existsSync(join(daemon.folder, 'called'))).toBe(false);

  await daemon.coffer(['daemon', 'install', '--enable'], environment);
  expect(linesOf(join(daemon.folder, 'called'))).toEqual(['--user enable --now coffer']);
  const removed = await daemon.coffer(['daemon', 'uninstall', '--json'], environment);
  expect(json(removed.out)).toMatchObject({ path, removed: true });
  expect(existsSync(path)).toBe(false);
  expect(json((await daemon.coffer(['daemon', 'uninstall', '--json'], environment)).out)).toMatchObject({
    removed: false,
  });
});

test('what the system could not do is told, and not what it did before', async (context) => {
  if (process.platform !== 'linux') context.skip('asks systemd');
  const daemon = makeDaemon();
  const bin = join(daemon.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'systemctl'),
    '#!/bin/sh\necho Created a link >&2\necho Failed to connect to bus. >&2\nexit 1\n',
  );
  chmodSync(join(bin, 'systemctl'), 0o755);
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const { exit, err } = await daemon.coffer(['daemon', 'install', '--enable'], environment);
  expect(exit).toBe(1);
  expect(err).toContain('coffer failed: Failed to connect to bus.');
});
