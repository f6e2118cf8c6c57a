import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Tries, takeDue, triesAfter } from '../../../engine/agent/tries.ts';
import { makeComputer, protecting, until } from './computer.ts';

const minuteMs = 60_000;
const none: Tries = new Map();
const failed = (code: string) => [{ path: '/a', code }];

test.each(['EBUSY', 'EAGAIN', 'EIO', 'changed-while-read', 'unreadable:ETIMEDOUT'])('%s passes by itself', (code) => {
  expect([...triesAfter(none, failed(code), 0).keys()]).toEqual(['/a']);
});

test.each(['EACCES', 'EPERM', 'ENOENT', 'ENAMETOOLONG', 'too-deep'])('%s stays until something changes', (code) => {
  expect(triesAfter(none, failed(code), 0).size).toBe(0);
});

test('it is tried again after minutes, and then after hours', () => {
  let tries = triesAfter(none, failed('EIO'), 0);
  const waits: number[] = [];
  for (let nowMs = 0; waits.length < 12; nowMs += minuteMs) {
    const due = takeDue(tries, nowMs);
    if (due.paths.length > 0) waits.push(nowMs / minuteMs);
    tries = triesAfter(due.tries, failed('EIO'), nowMs);
  }
  const between = waits.map((at, number) => at - (waits[number - 1] ?? 0));
  expect(between).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360]);
});

test('what runs meanwhile find does not put it off, nor bring it nearer', () => {
  let tries = triesAfter(none, failed('EIO'), 0);
  for (let nowMs = 0; nowMs < 2 * minuteMs; nowMs += 1000) tries = triesAfter(tries, failed('EIO'), nowMs);
  expect(takeDue(tries, 2 * minuteMs - 1).paths).toEqual([]);
  expect(takeDue(tries, 2 * minuteMs).paths).toEqual(['/a']);
});

test('while it is being tried it is not due once more', () => {
  const { tries } = takeDue(triesAfter(none, failed('EIO'), 0), 2 * minuteMs);
  expect(takeDue(tries, 2 * minuteMs).paths).toEqual([]);
});

test('what could be read is forgotten, and begins anew when it fails again', () => {
  const { tries } = takeDue(triesAfter(none, failed('EIO'), 0), 2 * minuteMs);
  const well = triesAfter(tries, [], 3 * minuteMs);
  expect(well.size).toBe(0);
  expect(triesAfter(well, failed('EIO'), 4 * minuteMs).get('/a')).toEqual({ count: 1, againMs: 6 * minuteMs });
});

test('a file that was in use is saved once it is free, although nothing changes', async () => {
  const computer = makeComputer();
  const path = join(computer.files, 'mail.pst');
  const { open } = computer.ports.fileSystem;
  Object.assign(computer.ports.fileSystem, {
    open: (...[at, ...rest]: Parameters<typeof open>) => {
      if (at === path) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      return open(at, ...rest);
    },
  });
  const agent = await protecting(computer);
  writeFileSync(path, 'in use');
  appendFileSync(path, '!');
  await until(agent, ({ reason, run }) => reason?.code === 'attention.filesFailed' && run === null);
  Object.assign(computer.ports.fileSystem, { open });
  const runs = async () =>
    (await agent.api.activity({ most: 100, problemsOnly: false })).filter(({ kind }) => kind === 'runDone');
  const before = (await runs()).length;
  await computer.pass(3 * minuteMs);
  await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
  expect((await runs()).length).toBe(before + 1);
});
