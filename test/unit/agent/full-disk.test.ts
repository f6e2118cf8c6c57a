import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { makeComputer, protecting, until } from './computer.ts';

test('a disk that is full under its own records does not end the agent', async (context) => {
  const computer = makeComputer();
  const disk = mountSmallDisk(computer.ports.home, 4);
  if (disk === null) return context.skip('nothing can be mounted here');
  onTestFinished(() => disk.unmount());
  const agent = await protecting(computer);
  const ballast = join(disk.path, 'ballast');
  fill(ballast);
  writeFileSync(join(computer.files, 'a'), 'new');
  await until(agent, ({ places }) => places[0]?.reason?.context['error'] === 'disk.full');
  rmSync(ballast);
  mkdirSync(join(computer.files, 'more'));
  await agent.api.backUpNow({ anyway: true });
  const state = await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
  expect(state.exposure.files).toBe(0);
});

function fill(path: string): void {
  for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch {
      // Smaller pieces may still fit.
    }
  }
}
