import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentState } from '../../engine/contract/index.ts';
import { type Computer, makeComputer, passphrase } from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { mountStuckDisk } from '../support/stuck-disk.ts';
import { type Supervised, startSupervised } from '../support/supervised.ts';

/** Row 19 of the fault list, with a supervisor: an agent that waits for what never answers is ended, and the next works on. */
const rules = { patterns: [], presets: [], cacheDirTag: false, oneFileSystem: true };

const isSafe = ({ standing, run, exposure }: AgentState): boolean =>
  standing === 'safe' && run === null && exposure.files === 0;

async function computerFor(name: string): Promise<Computer> {
  const computer = await makeComputer(name);
  onTestFinished(computer.remove);
  return computer;
}

async function guard(computer: Computer, hangLimit: string): Promise<Supervised> {
  const agent = await startSupervised(computer, hangLimit);
  await agent.ask((api) =>
    api.changeSettings({ schedule: { kind: 'continuous', quietSeconds: 0.5, exposureMinutes: 15 } }),
  );
  return agent;
}

describe('a supervisor', () => {
  test('ends an agent that says nothing, and the next works on', { timeout: 120_000 }, async () => {
    const computer = await computerFor('silent');
    const agent = await guard(computer, '6s');
    const files = computer.at('documents');
    mkdirSync(files);
    writeFileSync(join(files, 'a'), 'one');
    await agent.ask((api) => api.addPlace({ url: computer.at('vault'), passphrase }));
    await agent.ask((api) => api.addSource({ path: files, rules }));
    await agent.until('safe', (state) => isSafe(state) && state.coverage.files === 1);
    const { processId } = await agent.status();
    process.kill(processId ?? 0, 'SIGSTOP');
    writeFileSync(join(files, 'b'), 'two');
    await agent.until('safe again', (state) => isSafe(state) && state.coverage.files === 2);
    const after = await agent.status();
    expect(after.restarts).toBe(1);
    expect(after.processId).not.toBe(processId);
    expect(agent.log()).toContain('the agent has said nothing for long, and is ended');
  });
});

test('a run whose source hangs while it is read ends its agent, and the next saves the others', {
  timeout: 180_000,
}, async ({ skip }) => {
  const computer = await computerFor('read-hangs');
  const disk = await mountStuckDisk(computer.at('drive'), computer.at('behind'), ['--read-rate=6M']);
  if (disk === null) return skip('bindfs or the right to mount is missing');
  onTestFinished(disk.unmount);
  const [files, photos] = [computer.at('documents'), join(disk.path, 'photos')];
  mkdirSync(files);
  mkdirSync(computer.at('behind', 'photos'));
  writeFileSync(join(files, 'a'), 'one');
  for (let index = 0; index < 12; index++)
    writeFileSync(computer.at('behind', 'photos', `${index}.raw`), fastNoise(4_000_000, index));
  const agent = await guard(computer, '15s');
  await agent.ask((api) => api.addPlace({ url: computer.at('vault'), passphrase }));
  for (const path of [files, photos]) await agent.ask((api) => api.addSource({ path, rules }));
  await agent.until('reading', ({ run }) => run !== null && run.readBytes > 8_000_000);
  const { processId } = await agent.status();
  disk.hang();
  const letter = join(files, 'b');
  writeFileSync(letter, 'two');
  const reasonOf = (state: AgentState) => state.sources.find(({ path }) => path === photos)?.reason?.code;
  await agent.until(
    'saved the other',
    (state) =>
      state.processId !== processId &&
      reasonOf(state) === 'attention.sourceHangs' &&
      state.run === null &&
      state.exposure.files === 0,
  );
  expect(await agent.ask((api) => api.why({ path: letter }))).toMatchObject({ places: [{ verdict: 'protected' }] });
  expect(agent.log()).toContain('a run waits for a drive that does not answer');
  disk.goOn();
  await agent.until('safe', (state) => isSafe(state) && state.coverage.files === 14);
});

describe('a place that answers, and takes nothing that is written', () => {
  test('ends the run that waits for it; the next agent sees it before it begins, and saves to the other', {
    timeout: 240_000,
  }, async ({ skip }) => {
    const computer = await computerFor('write-hangs');
    const [path, behind] = [computer.at('drive'), computer.at('behind')];
    const working = await mountStuckDisk(path, behind);
    if (working === null) return skip('bindfs or the right to mount is missing');
    onTestFinished(working.unmount);
    const files = computer.at('documents');
    mkdirSync(files);
    writeFileSync(join(files, 'a'), 'one');
    const [stuck, other] = [join(path, 'vault'), computer.at('other')];
    const agent = await guard(computer, '6s');
    for (const url of [stuck, other]) await agent.ask((api) => api.addPlace({ url, passphrase }));
    await agent.ask((api) => api.addSource({ path: files, rules }));
    await agent.until('safe', (state) => isSafe(state) && state.coverage.files === 1);
    working.unmount();
    // A byte a second: what asks how much room there is has its answer at once.
    const full = await mountStuckDisk(path, behind, ['--multithreaded', '--write-rate=1']);
    onTestFinished(() => full?.unmount());
    const more = computer.at('photos');
    mkdirSync(more);
    for (let index = 0; index < 12; index++) writeFileSync(join(more, `${index}.raw`), fastNoise(4_000_000, index));
    await agent.ask((api) => api.addSource({ path: more, rules }));
    const of = (state: AgentState, url: string) => state.places.find((place) => place.url === url);
    await agent.until(
      'saved to the other place',
      (state) =>
        state.run === null && of(state, other)?.files === 13 && of(state, stuck)?.reason?.code === 'wait.placeHangs',
    );
    expect(agent.log()).toContain(`a run waits for a drive that does not answer { path: '${stuck}/tmp/`);
    full?.unmount();
    const again = await mountStuckDisk(path, behind);
    onTestFinished(() => again?.unmount());
    await agent.until('safe', (state) => isSafe(state) && of(state, stuck)?.files === 13);
  });
});
