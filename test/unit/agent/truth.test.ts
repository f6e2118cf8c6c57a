import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../engine/base/index.ts';
import type { AgentState } from '../../../engine/contract/index.ts';
import { continuous, makeComputer, passphrase, protecting, rules, until } from './computer.ts';

describe('what an agent says is true', () => {
  test('a source that was removed while a run had it leaves nothing unsaved behind', async () => {
    const computer = makeComputer();
    const other = join(computer.folder, 'other');
    mkdirSync(other);
    const agent = computer.agent();
    await agent.api.changeSettings({ schedule: continuous });
    await agent.api.addPlace({ url: computer.store, passphrase });
    await agent.api.addSource({ path: computer.files, rules });
    await agent.api.addSource({ path: other, rules });
    await agent.start();
    await until(agent, ({ run }) => run !== null);
    await agent.api.removeSource({ path: other });
    await agent.api.pause({ until: 'resumed', untilMs: null });
    await agent.api.resume();
    await until(agent, ({ standing, exposure }) => standing === 'safe' && exposure.files === 0);
  });

  test('a source that is missing from the start is told, and no run follows the other because of it', async () => {
    const computer = makeComputer();
    const drive = join(computer.folder, 'drive');
    mkdirSync(drive);
    const first = await protecting(computer);
    await first.api.addSource({ path: drive, rules });
    await until(first, ({ standing }) => standing === 'safe');
    await first.close();
    rmSync(drive, { recursive: true });
    const agent = computer.agent();
    await agent.start();
    await until(agent, ({ run, places }) => run === null && places[0]?.standing === 'safe');
    const runs = async () =>
      (await agent.api.activity({ most: 100, problemsOnly: false })).filter(({ kind }) => kind === 'runDone').length;
    const before = await runs();
    await systemClock.sleep(2_500);
    expect(await runs()).toBe(before);
    expect(await agent.api.state()).toMatchObject({
      reason: { code: 'attention.sourceMissing' },
      exposure: { files: 0, seconds: 0 },
    });
  });

  test('a source that the disk cannot show is no fault of the agent', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    const { lstatIfThere } = computer.ports.fileSystem;
    Object.assign(computer.ports.fileSystem, {
      lstatIfThere: (path: string) => {
        if (path === computer.files) throw Object.assign(new Error('input/output'), { code: 'EIO' });
        return lstatIfThere(path);
      },
    });
    await expect(agent.api.backUpNow({ anyway: true })).resolves.toMatchObject({ waits: null });
    await until(agent, ({ run }) => run === null);
    Object.assign(computer.ports.fileSystem, { lstatIfThere });
    writeFileSync(join(computer.files, 'a'), 'new');
    await agent.api.backUpNow({ anyway: true });
    await until(agent, ({ run, coverage }) => run === null && coverage.files === 1);
  });

  test('a new place does not make unsaved changes look saved', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    writeFileSync(join(computer.files, 'a'), 'unsaved');
    await until(agent, ({ exposure }) => exposure.files === 1);
    await agent.api.addPlace({ url: join(computer.folder, 'second'), passphrase });
    expect((await agent.api.state()).exposure.files).toBeGreaterThan(0);
  });

  test('whoever waits until all is safe is not told so while a file could not be read', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    const path = join(computer.files, 'secret');
    const { open } = computer.ports.fileSystem;
    Object.assign(computer.ports.fileSystem, {
      open: (...[at, ...rest]: Parameters<typeof open>) => {
        if (at === path) throw Object.assign(new Error('denied'), { code: 'EACCES' });
        return open(at, ...rest);
      },
    });
    writeFileSync(path, 'unreadable');
    expect(await agent.api.waitUntilSafe({ timeoutMs: 3_000 })).toBe(false);
    Object.assign(computer.ports.fileSystem, { open });
    appendFileSync(path, '!');
    expect(await agent.api.waitUntilSafe({ timeoutMs: 10_000 })).toBe(true);
  });

  test('a change that the rules leave out is not told as unsaved, nor hides one that is', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    mkdirSync(join(computer.files, 'sub'));
    await until(agent, ({ exposure }) => exposure.files === 1);
    await agent.api.resume();
    await until(agent, ({ standing }) => standing === 'safe');
    await agent.api.pause({ until: 'resumed', untilMs: null });
    // It goes on being written: what is heard of late, on a busy computer, explains nothing by itself.
    await until(agent, ({ exposure }) => {
      writeFileSync(join(computer.files, 'sub', 'download.tmp'), 'left out');
      return exposure.seconds > 0 && exposure.files === 0 && exposure.bytes === 0;
    });
    writeFileSync(join(computer.files, 'sub', 'diary'), 'unsaved');
    await until(agent, ({ exposure }) => exposure.files === 1 && exposure.bytes === 7);
  });

  test('a run that is told as done is not told as still beginning', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    const standings: Promise<string>[] = [];
    agent.on('activity', ({ kind }) => {
      if (kind === 'runDone') standings.push(agent.api.state().then(({ standing }) => standing));
    });
    writeFileSync(join(computer.files, 'a'), 'new');
    await until(agent, ({ coverage }) => coverage.files === 1);
    expect(await Promise.all(standings)).toEqual(['safe']);
  });

  test('until the first run has ended, nothing that it has found is told as safe', async () => {
    const computer = makeComputer();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(computer.files, name), 'new');
    const agent = computer.agent();
    await agent.api.changeSettings({ schedule: continuous });
    await agent.api.addPlace({ url: computer.store, passphrase });
    await agent.api.addSource({ path: computer.files, rules });
    const told: AgentState[] = [];
    agent.on('state', () => void agent.api.state().then((state) => told.push(state)));
    await agent.start();
    await until(agent, ({ standing }) => standing === 'safe');
    const before = told.filter(({ places }) => places[0]?.snapshot === null);
    expect(before.length).toBeGreaterThan(0);
    expect(before.filter(({ sources }) => sources[0]?.standing === 'safe')).toEqual([]);
    expect(before.filter(({ run, exposure }) => exposure.files < (run?.foundFiles ?? 0))).toEqual([]);
  });

  test('a place that was locked opens by itself once its secret can be found', async () => {
    const computer = makeComputer();
    await (await protecting(computer)).close();
    const kept = [...computer.secrets];
    computer.secrets.clear();
    const agent = computer.agent();
    await agent.start();
    await until(agent, ({ reason }) => reason?.code === 'attention.locked');
    for (const [vault, secret] of kept) computer.secrets.set(vault, secret);
    computer.sleep(60_000);
    await until(agent, ({ standing }) => standing === 'safe');
  });

  test('a link to a folder, a vault and a path that is not in full are no sources', async () => {
    const computer = makeComputer();
    const { api } = await protecting(computer);
    const link = join(computer.folder, 'link');
    mkdirSync(join(computer.folder, 'target'));
    symlinkSync(join(computer.folder, 'target'), link);
    const refuse = (path: string, code: string) =>
      expect(api.addSource({ path, rules })).rejects.toMatchObject({ code });
    await refuse(link, 'source.link');
    await refuse(computer.store, 'source.own');
    await refuse(computer.ports.home, 'source.own');
    await refuse('files', 'agent.badCall');
    await refuse(`${computer.files}/`, 'source.known');
  });

  test('an agent that is closed while it starts ends, and begins nothing', async () => {
    const computer = makeComputer();
    await (await protecting(computer)).close();
    const agent = computer.agent();
    const starting = agent.start();
    await agent.close();
    await starting;
    await systemClock.sleep(200);
  });

  test('whoever waits until all is safe is answered when the agent ends', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.pause({ until: 'resumed', untilMs: null });
    writeFileSync(join(computer.files, 'a'), 'unsaved');
    const waiting = agent.api.waitUntilSafe({ timeoutMs: 60_000 });
    await agent.close();
    expect(await waiting).toBe(false);
  });

  test('a place that is removed while a run is under way has gone, and the agent goes on', async () => {
    const computer = makeComputer();
    const agent = await protecting(computer);
    await agent.api.backUpNow({ anyway: true });
    await agent.api.removePlace({ url: computer.store });
    expect((await agent.api.state()).places).toEqual([]);
    renameSync(computer.store, `${computer.store} away`);
    await agent.api.addPlace({ url: computer.store, passphrase });
    await until(agent, ({ standing }) => standing === 'safe');
  });
});
