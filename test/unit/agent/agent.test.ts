import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Wifi } from '../../../engine/agent/index.ts';
import { systemClock } from '../../../engine/base/index.ts';
import type { Activity } from '../../../engine/contract/index.ts';
import { continuous, makeComputer, passphrase, protecting, rules, until } from './computer.ts';

describe('an agent', () => {
  test('says what is missing before anything is chosen', async () => {
    const agent = makeComputer().agent();
    expect((await agent.api.state()).reason?.code).toBe('attention.noSources');
    await agent.start();
    expect((await until(agent, ({ standing }) => standing === 'attention')).reason?.code).toMatch(/no(Sources|Places)/);
  });

  test('answers before its watches are made, says that they are not, and that nothing is safe yet', async () => {
    const computer = makeComputer();
    const first = await protecting(computer);
    await first.close();
    const { watcher } = computer.ports;
    const held = Promise.withResolvers<void>();
    const watch: typeof watcher.watch = async (options) => {
      await held.promise;
      return await watcher.watch(options);
    };
    Object.assign(computer.ports, { watcher: { watch } });
    const agent = computer.agent();
    await agent.start();
    const state = await agent.api.state();
    expect(state).toMatchObject({ processId: 1, run: null, sources: [{ watching: 'starting' }] });
    expect(state.standing).toBe('waiting');
    held.resolve();
    const safe = await until(agent, ({ standing }) => standing === 'safe');
    expect(safe.sources[0]?.watching).toBe('events');
  });

  test('can end before its watches are made', async () => {
    const computer = makeComputer();
    const first = await protecting(computer);
    await first.close();
    const { watcher } = computer.ports;
    const held = Promise.withResolvers<void>();
    let closed = 0;
    const watch: typeof watcher.watch = async (options) => {
      await held.promise;
      options.hear({ kind: 'gone' });
      const made = await watcher.watch(options);
      const close = async (): Promise<void> => {
        closed++;
        await made.close();
      };
      return { ...made, close };
    };
    Object.assign(computer.ports, { watcher: { watch } });
    const agent = computer.agent();
    await agent.start();
    await agent.close();
    held.resolve();
    await expect.poll(() => closed).toBe(1);
  });

  test('gives memory back once it rests after a run', async () => {
    const computer = makeComputer();
    let givenBack = 0;
    Object.assign(computer.ports, { giveBackMemory: () => void givenBack++ });
    const agent = await protecting(computer);
    await until(agent, () => givenBack > 0);
    expect((await agent.api.state()).run).toBeNull();
  });

  test('makes the vault, saves what is there, and then each change', async () => {
    const computer = makeComputer();
    writeFileSync(join(computer.files, 'a'), 'first');
    const agent = await protecting(computer);
    expect(await agent.api.state()).toMatchObject({
      coverage: { files: 1, failed: 0 },
      exposure: { files: 0, seconds: 0 },
    });

    writeFileSync(join(computer.files, 'b'), 'second');
    writeFileSync(join(computer.files, 'c.tmp'), 'left out');
    await until(agent, ({ exposure }) => exposure.files > 0);
    const state = await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 2);
    expect(state.coverage).toMatchObject({ files: 2, leftOut: 1 });
    const { saved, leftOut, failed, seen } = state.coverage;
    expect(saved + leftOut + failed).toBe(seen);
  });

  test('finds after a restart what changed while it was not running', async () => {
    const computer = makeComputer();
    writeFileSync(join(computer.files, 'a'), 'first');
    const first = await protecting(computer);
    await first.close();
    appendFileSync(join(computer.files, 'a'), ' and more');
    const agent = computer.agent();
    await agent.start();
    expect(await agent.api.waitUntilSafe({ timeoutMs: 10_000 })).toBe(true);
    const why = await agent.api.why({ path: join(computer.files, 'a') });
    expect(why.places[0]).toMatchObject({ verdict: 'protected', kept: { size: 'first and more'.length } });
  });

  test('looks for a secret once, however often it runs or is asked', async () => {
    const computer = makeComputer();
    const first = await protecting(computer);
    await first.close();
    const asked: string[] = [];
    const { find } = computer.ports.secrets;
    Object.assign(computer.ports.secrets, {
      find: (...[vault, url]: Parameters<typeof find>) => {
        asked.push(url);
        return find(vault, url);
      },
    });
    const agent = computer.agent();
    await agent.start();
    await until(agent, ({ standing }) => standing === 'safe');
    writeFileSync(join(computer.files, 'a'), 'new');
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
    await agent.api.why({ path: join(computer.files, 'a') });
    expect(asked).toEqual([computer.store]);
  });

  test('unlocks by itself after a restart, and says so when it cannot', async () => {
    const computer = makeComputer();
    const first = await protecting(computer);
    await first.close();
    const kept = [...computer.secrets];
    computer.secrets.clear();
    const agent = computer.agent();
    await agent.start();
    expect((await until(agent, ({ standing }) => standing === 'attention')).reason?.code).toBe('attention.locked');
    await expect(agent.api.unlock({ url: computer.store, passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'secret.wrong',
    });
    await agent.api.unlock({ url: computer.store, passphrase });
    await until(agent, ({ standing }) => standing === 'safe');
    expect(kept).toHaveLength(1);
  });

  test('opens a place by its recovery phrase, and keeps that nowhere', async () => {
    const computer = makeComputer();
    const first = computer.agent();
    const { phrase } = await first.api.addPlace({ url: computer.store, passphrase });
    await first.api.removePlace({ url: computer.store });
    await first.close();
    computer.secrets.clear();
    if (phrase === null) throw new Error('the vault was there already');

    const second = computer.agent();
    await second.api.changeSettings({ schedule: continuous });
    const added = await second.api.addPlace({ url: computer.store, phrase });
    expect(added).toMatchObject({ phrase: null, secretKept: false });
    await second.api.addSource({ path: computer.files, rules });
    await second.start();
    await until(second, ({ standing }) => standing === 'safe');
    await second.close();
    expect(computer.secrets.size).toBe(0);
    for (const name of readdirSync(computer.ports.home, { recursive: true, encoding: 'utf8' })) {
      const path = join(computer.ports.home, name);
      if (statSync(path).isFile()) expect(readFileSync(path, 'utf8')).not.toContain(phrase.split(' ', 3).join(' '));
    }

    const third = computer.agent();
    await third.start();
    await until(third, ({ reason }) => reason?.code === 'attention.locked');
    const url = computer.store;
    const another = [...Array.from({ length: 23 }, () => 'abandon'), 'art'].join(' ');
    await expect(third.api.unlock({ url, phrase: another })).rejects.toMatchObject({ code: 'secret.wrong' });
    await expect(third.api.unlock({ url, phrase: 'abandon' })).rejects.toMatchObject({ code: 'phrase.invalid' });
    await third.api.unlock({ url, phrase });
    await until(third, ({ standing }) => standing === 'safe');
  });

  test('makes no vault with a recovery phrase', async () => {
    const computer = makeComputer();
    const agent = computer.agent();
    const phrase = [...Array.from({ length: 23 }, () => 'abandon'), 'art'].join(' ');
    const added = agent.api.addPlace({ url: computer.store, phrase });
    await expect(added).rejects.toMatchObject({ code: 'store.missing' });
    expect([existsSync(computer.store), await agent.api.listPlaces()]).toEqual([false, []]);
  });

  test('names the passphrase file that does not open a place', async () => {
    const computer = makeComputer();
    const first = await protecting(computer);
    await first.close();
    const path = join(computer.folder, 'passphrase');
    Object.assign(computer.ports.secrets, { find: async () => ({ kind: 'passphrase', passphrase: 'another', path }) });
    const agent = computer.agent();
    await agent.start();
    const { reason } = await until(agent, ({ standing }) => standing === 'attention');
    expect(reason).toEqual({
      code: 'attention.locked',
      context: { place: computer.store, error: 'secret.wrong', path },
    });
  });

  test('waits on a Wi-Fi that was forbidden, for a place that needs a network', async () => {
    const computer = makeComputer();
    let wifi: Wifi = { kind: 'asking' };
    const { network } = computer.ports;
    const hearers: (() => void)[] = [];
    const hearBy = (hear: () => void) => {
      hearers.push(hear);
      return () => {};
    };
    Object.assign(computer.ports, {
      needsNetwork: (url: string) => url === computer.store,
      network: { ...network, wifi: () => wifi, onChange: hearBy },
    });
    const agent = computer.agent();
    const { policies } = await agent.api.settings();
    await agent.api.changeSettings({
      schedule: continuous,
      policies: { ...policies, wifi: { kind: 'never', names: ['Phone'] } },
    });
    await agent.api.addPlace({ url: computer.store, passphrase });
    await agent.api.addSource({ path: computer.files, rules });
    await agent.start();
    await until(agent, ({ places: [place] }) => place?.reason?.code === 'attention.firstRun');
    expect((await agent.api.backUpNow({ anyway: false })).waits?.code).toBe('wait.wifi');
    wifi = { kind: 'named', name: 'Phone' };
    expect((await agent.api.backUpNow({ anyway: false })).waits?.context).toEqual({ policy: 'never', wifi: 'Phone' });
    wifi = { kind: 'named', name: 'Home' };
    for (const hear of hearers) hear();
    await until(agent, ({ standing }) => standing === 'safe');
  });

  test('pauses, and goes on when it is told to', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    writeFileSync(join(computer.files, 'a'), 'while paused');
    await until(agent, ({ standing, exposure }) => standing === 'paused' && exposure.files === 1);
    expect((await agent.api.backUpNow({ anyway: false })).waits?.code).toBe('paused.person');
    await agent.api.resume();
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
  });

  test('backs up anyway when it is told to, although paused', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    writeFileSync(join(computer.files, 'a'), 'while paused');
    expect((await agent.api.backUpNow({ anyway: true })).run).not.toBeNull();
    await until(agent, ({ run, coverage }) => run === null && coverage.files === 1);
  });

  test('waits while the battery is low, and says what waits', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    computer.setBattery({ onBattery: true, percent: 10 });
    writeFileSync(join(computer.files, 'a'), 'unsaved');
    const state = await until(agent, ({ reason }) => reason?.code === 'wait.battery');
    expect(state).toMatchObject({ standing: 'waiting', reason: { context: { percent: 10 } } });
    computer.setBattery({ onBattery: false, percent: 11 });
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
  });

  test('waits for a place that is not there, and saves once it is back', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    renameSync(computer.store, `${computer.store} unplugged`);
    writeFileSync(join(computer.files, 'a'), 'unsaved');
    await until(agent, ({ places }) => places[0]?.reason?.code === 'wait.placeMissing');
    renameSync(`${computer.store} unplugged`, computer.store);
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
  });

  test('never writes to another vault at the same place', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    renameSync(computer.store, `${computer.store} away`);
    const other = makeComputer();
    await protecting(other);
    renameSync(other.store, computer.store);
    writeFileSync(join(computer.files, 'a'), 'unsaved');
    const state = await until(agent, ({ places }) => places[0]?.standing === 'attention');
    expect(state.places[0]?.reason?.context['error']).toBe('vault.another');
  });

  test('keeps what it has of a source that is unplugged', async () => {
    const computer = makeComputer();
    const drive = join(computer.folder, 'drive');
    mkdirSync(drive);
    writeFileSync(join(drive, 'photo'), 'once in a lifetime');
    const agent = await protecting(computer);
    await agent.api.addSource({ path: drive, rules });
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
    rmSync(drive, { recursive: true });
    await agent.api.backUpNow({ anyway: true });
    const state = await until(
      agent,
      ({ run, sources }) => run === null && sources.some(({ watching }) => watching === 'absent'),
    );
    expect(state.coverage.files).toBe(1);
    const why = await agent.api.why({ path: join(drive, 'photo') });
    expect(why.places[0]).toMatchObject({ verdict: 'gone', kept: { size: 18 } });
  });

  test('names a file that cannot be read, and drops it once it can', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    const path = join(computer.files, 'secret');
    writeFileSync(path, 'unreadable');
    const { open } = computer.ports.fileSystem;
    Object.assign(computer.ports.fileSystem, {
      open: (...[at, ...rest]: Parameters<typeof open>) => {
        if (at === path) throw Object.assign(new Error('denied'), { code: 'EACCES' });
        return open(at, ...rest);
      },
    });
    const state = await until(agent, ({ coverage, run }) => coverage.failed === 1 && run === null);
    expect(state).toMatchObject({ standing: 'attention', reason: { code: 'attention.filesFailed' } });
    expect(await agent.api.failures()).toMatchObject([{ path, code: 'EACCES' }]);
    // Its entry in the snapshot is no version that could be restored.
    expect((await agent.api.why({ path })).places).toMatchObject([{ verdict: 'failed', detail: 'EACCES', kept: null }]);
    Object.assign(computer.ports.fileSystem, { open });
    chmodSync(path, 0o600);
    appendFileSync(path, '!');
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.failed === 0);
    expect(await agent.api.failures()).toEqual([]);
  });

  test('tells faces what changes, and keeps a log of what happened', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    const heard: Activity[] = [];
    let files = 0;
    agent.on('activity', (activity) => heard.push(activity));
    agent.on('state', ({ coverage }) => {
      files = coverage?.files ?? files;
    });
    writeFileSync(join(computer.files, 'a'), 'new');
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
    await systemClock.sleep(150);
    expect(files).toBe(1);
    expect(heard.map(({ kind }) => kind)).toContain('runDone');
    const kinds = (await agent.api.activity({ most: 50, problemsOnly: false })).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['started', 'placeAdded', 'sourceAdded', 'runDone']));
  });

  test('refuses what would protect nothing, or something twice', async () => {
    const computer = makeComputer();
    const { api } = await protecting(computer);
    const refuse = (path: string, code: string) =>
      expect(api.addSource({ path, rules })).rejects.toMatchObject({ code });
    await refuse(join(computer.folder, 'nothing'), 'source.notFound');
    await refuse(computer.files, 'source.known');
    await refuse(computer.folder, 'source.overlaps');
    await expect(api.addPlace({ url: computer.store, passphrase })).rejects.toMatchObject({ code: 'place.known' });
    await expect(api.removePlace({ url: '/no/such' })).rejects.toMatchObject({ code: 'place.unknown' });
    expect(readFileSync(join(computer.store, 'config')).length).toBeGreaterThan(0);
  });
});
