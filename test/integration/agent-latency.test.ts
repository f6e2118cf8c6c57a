import { mkdirSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type FirstRun,
  measureBigPause,
  measureFirstRun,
  measureRestart,
  measureSave,
} from '../bench/agent/measurements.ts';
import { memoryOf } from '../bench/agent/process-usage.ts';
import { makeTree } from '../bench/agent/tree.ts';
import { bareComputer, type Computer } from '../support/coffer.ts';
import { startAgent, type WatchedAgent } from '../support/watched-agent.ts';

/**
 * The agent's promises of time, as the bench of the agent measures them, in small. The bounds are several times what is
 * promised, since other tests run meanwhile: what breaks them is broken.
 */
const files = 3_000;
const bigBytes = 200 * 2 ** 20;

/** In this order, each on what the one before has left. */
describe.skipIf(process.platform !== 'linux')('an agent in a process of its own', () => {
  let computer: Computer;
  let agent: WatchedAgent;
  let folder: string;
  let firstRun: FirstRun;

  beforeAll(async () => {
    computer = bareComputer('coffer-latency');
    folder = computer.at('documents');
    mkdirSync(folder);
    await makeTree(folder, files);
    agent = await startAgent(computer);
    firstRun = await measureFirstRun(agent, computer, folder);
  });
  afterAll(async () => {
    await agent?.end();
    computer?.remove();
  });

  test('stops its first run soon when it is paused, and goes on later', () => {
    expect(firstRun.pauseSeconds).toBeLessThan(5);
  });

  test('confirms a saved file soon after the quiet period, by a few small objects', async () => {
    const save = await measureSave(agent, computer, folder, 1234);
    expect(save.seconds).toBeLessThan(15);
    expect(save.objects).toBeLessThanOrEqual(6);
    expect(save.bytes).toBeLessThan(2 ** 20);
  }, 60_000);

  test('holds little once it rests', () => {
    expect(memoryOf(agent.processId).residentBytes).toBeLessThan(200e6);
  });

  test('stops soon when it is paused while it reads a big file', async () => {
    expect(await measureBigPause(agent, folder, bigBytes)).toBeLessThan(5);
  });

  test('answers soon after kill -9 in the middle of work', async () => {
    expect(await measureRestart(agent)).toBeLessThan(8);
  });
});
