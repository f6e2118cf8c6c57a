import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { paceNow } from '../../../engine/agent/pace.ts';
import type { Pace } from '../../../engine/contract/index.ts';
import { makeComputer, protecting, until } from './computer.ts';

test('on battery a run is a step gentler than was chosen', () => {
  const at = (onBattery: boolean) =>
    (['gentle', 'normal', 'full'] as const).map((chosen) => paceNow(chosen, { onBattery, percent: 50 }));
  expect(at(false)).toEqual(['gentle', 'normal', 'full']);
  expect(at(true)).toEqual(['gentle', 'gentle', 'normal']);
});

test('each run takes the pace of the moment in which it begins', async () => {
  const computer = makeComputer();
  const taken: Pace[] = [];
  const shown = new Set<Pace>();
  Object.assign(computer.ports, { takePace: (pace: Pace) => taken.push(pace) });
  const agent = await protecting(computer);
  agent.on('state', ({ run }) => void (run && shown.add(run.pace)));
  const save = async (files: number): Promise<void> => {
    writeFileSync(join(computer.files, String(files)), 'new');
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === files);
  };
  await agent.api.changeSettings({ pace: 'full' });
  await save(1);
  computer.setBattery({ onBattery: true, percent: 90 });
  await save(2);
  await agent.api.changeSettings({ pace: 'gentle' });
  await save(3);
  // A change may take more than one run.
  expect(taken.filter((pace, at) => pace !== taken[at - 1])).toEqual(['normal', 'full', 'normal', 'gentle']);
  expect([...shown]).toEqual(expect.arrayContaining(['full', 'normal', 'gentle']));
});
