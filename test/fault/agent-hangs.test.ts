import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import type { AgentState } from '../../engine/contract/index.ts';
import { makeComputer, passphrase } from '../support/coffer.ts';
import { type Daemon, daemonOf } from '../support/daemon.ts';
import { pause } from '../support/guarded.ts';
import { mountStuckDisk, type StuckDisk } from '../support/stuck-disk.ts';

/** Row 19 of the fault list: a drive that hangs, as network drives do when their server is gone, takes nothing along. */
const rules = { patterns: [], presets: [], cacheDirTag: false, oneFileSystem: true };
const answerMostMs = 2_000;

type Scene = { readonly daemon: Daemon; readonly disk: StuckDisk; readonly folder: string };

async function setScene({ skip }: TestContext, name: string): Promise<Scene> {
  const computer = await makeComputer(name);
  const disk = await mountStuckDisk(join(computer.folder, 'drive'), join(computer.folder, 'behind'));
  if (disk === null) return skip('bindfs or the right to mount is missing');
  const daemon = daemonOf(computer);
  onTestFinished(async () => {
    disk.unmount();
    await daemon.kill();
  });
  await daemon.start();
  await daemon.api.changeSettings({ schedule: { kind: 'continuous', quietSeconds: 0.5, exposureMinutes: 15 } });
  return { daemon, disk, folder: computer.folder };
}

/** Asks again and again, and demands that the agent answers each time. */
async function until(daemon: Daemon, what: string, isSo: (state: AgentState) => boolean): Promise<AgentState> {
  for (const began = performance.now(); ; ) {
    const askedMs = performance.now();
    const state = await daemon.api.state();
    expect(performance.now() - askedMs).toBeLessThan(answerMostMs);
    if (isSo(state)) return state;
    if (performance.now() - began > 60_000) throw new Error(`never ${what}: ${JSON.stringify(state, null, 1)}`);
    await pause(100);
  }
}

const isSafe = ({ standing, run, exposure }: AgentState): boolean =>
  standing === 'safe' && run === null && exposure.files === 0;

describe('a drive that hangs', () => {
  test('with a place on it: the agent answers, saves to the other, says so, and goes on', {
    timeout: 180_000,
  }, async (context) => {
    const { daemon, disk, folder } = await setScene(context, 'place-hangs');
    const files = join(folder, 'documents');
    mkdirSync(files);
    const [stuck, other] = [join(disk.path, 'vault'), join(folder, 'other')];
    await daemon.api.addPlace({ url: stuck, passphrase });
    await daemon.api.addPlace({ url: other, passphrase });
    await daemon.api.addSource({ path: files, rules });
    writeFileSync(join(files, 'a'), 'one');
    await until(daemon, 'safe', (state) => isSafe(state) && state.coverage.files === 1);
    disk.hang();
    writeFileSync(join(files, 'b'), 'two');
    const of = (state: AgentState, url: string) => state.places.find((place) => place.url === url);
    const hung = await until(
      daemon,
      'saved to the other place',
      (state) => of(state, other)?.files === 2 && of(state, stuck)?.reason?.code === 'wait.placeHangs',
    );
    expect(of(hung, stuck)).toMatchObject({ standing: 'waiting', files: 1 });
    await expect(daemon.api.unlock({ url: stuck, passphrase })).rejects.toMatchObject({ code: 'store.hangs' });
    await expect(daemon.api.why({ path: join(files, 'b') })).resolves.toMatchObject({
      places: [{ verdict: 'unknown', detail: 'store.hangs' }, { verdict: 'protected' }],
    });
    disk.goOn();
    await until(daemon, 'safe again', (state) => isSafe(state) && of(state, stuck)?.files === 2);
  });

  test('with a source on it: the others are saved, what is kept of it stays, and nothing is lost', {
    timeout: 180_000,
  }, async (context) => {
    const { daemon, disk, folder } = await setScene(context, 'source-hangs');
    const [files, photos] = [join(folder, 'documents'), join(disk.path, 'photos')];
    mkdirSync(files);
    mkdirSync(photos);
    writeFileSync(join(photos, 'one.jpg'), 'jpeg');
    await daemon.api.addPlace({ url: join(folder, 'vault'), passphrase });
    for (const path of [files, photos]) await daemon.api.addSource({ path, rules });
    await until(daemon, 'safe', (state) => isSafe(state) && state.coverage.files === 1);
    disk.hang();
    const sourceOf = (state: AgentState, path: string) => state.sources.find((source) => source.path === path);
    await until(daemon, 'told', (state) => sourceOf(state, photos)?.reason?.code === 'attention.sourceHangs');
    writeFileSync(join(files, 'b'), 'two');
    await until(
      daemon,
      'saved',
      ({ run, exposure, coverage }) => run === null && exposure.files === 0 && coverage.files === 2,
    );
    await expect(daemon.api.addSource({ path: join(photos, 'more'), rules })).rejects.toMatchObject({
      code: 'source.hangs',
    });
    disk.goOn();
    await until(daemon, 'safe again', (state) => isSafe(state) && state.coverage.files === 2);
    writeFileSync(join(photos, 'two.jpg'), 'jpeg');
    await until(daemon, 'heard again', (state) => isSafe(state) && state.coverage.files === 3);
  });

  test('inside a source: it is left out without being touched, and the rest is saved', {
    timeout: 120_000,
  }, async (context) => {
    const { daemon, disk, folder } = await setScene(context, 'inside-hangs');
    const files = join(folder, 'home');
    const inside = await mountStuckDisk(join(files, 'nas'), join(folder, 'behind-nas'));
    expect(inside).not.toBeNull();
    onTestFinished(() => inside?.unmount());
    writeFileSync(join(files, 'a'), 'one');
    writeFileSync(join(files, 'nas', 'far'), 'elsewhere');
    inside?.hang();
    await daemon.api.addPlace({ url: join(folder, 'vault'), passphrase });
    await daemon.api.addSource({ path: files, rules });
    await until(daemon, 'safe', (state) => isSafe(state) && state.coverage.files === 1);
    writeFileSync(join(files, 'b'), 'two');
    await until(daemon, 'safe again', (state) => isSafe(state) && state.coverage.files === 2);
    await expect(daemon.api.why({ path: join(files, 'nas', 'far') })).resolves.toMatchObject({
      places: [{ verdict: 'leftOut', detail: 'other-filesystem' }],
    });
    disk.goOn();
  });

  test('does not keep an agent from starting, nor from ending', { timeout: 120_000 }, async (context) => {
    const { daemon, disk, folder } = await setScene(context, 'end-hangs');
    const photos = join(disk.path, 'photos');
    mkdirSync(photos);
    await daemon.api.addPlace({ url: join(folder, 'vault'), passphrase });
    await daemon.api.addSource({ path: photos, rules });
    await until(daemon, 'safe', isSafe);
    disk.hang();
    await until(daemon, 'told', ({ sources }) => sources[0]?.reason?.code === 'attention.sourceHangs');
    const ended = await Promise.race([daemon.stop(), pause(10_000).then(() => 'late')]);
    expect(ended).toBe(0);
    await daemon.start();
    await until(daemon, 'told anew', ({ sources }) => sources[0]?.reason?.code === 'attention.sourceHangs');
    disk.goOn();
    await until(daemon, 'safe again', isSafe);
  });
});
