import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Pace } from '../../../engine/contract/index.ts';
import { createOwnPace } from '../../../engine/hosts/daemon/own-pace.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** What is written for process 77 whose session is led by `session`. */
function written(session: number, pace: Pace, parentId: number | null): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'stat'), `77 (a) name (of it) S 50 77 ${session} 0 -1 4194560\n`);
  writeFileSync(join(folder, 'autogroup'), '0');
  createOwnPace({ platform: 'linux', processId: 77, parentId, folder })(pace);
  return readFileSync(join(folder, 'autogroup'), 'utf8');
}

test('an agent with a session of its own makes that nice', () => {
  expect(written(77, 'gentle', null)).toBe('13');
  expect(written(50, 'normal', 50)).toBe('5');
  expect(written(50, 'full', 50)).toBe('0');
});

test('a session with other programs in it is left alone', () => {
  expect(written(30, 'gentle', 50)).toBe('0');
  expect(written(50, 'gentle', null)).toBe('0');
});

test('a system that has no such thing is no fault', () => {
  const folder = temporaryFolder();
  createOwnPace({ platform: 'linux', processId: 1, parentId: null, folder })('gentle');
  rmSync(folder, { recursive: true });
  createOwnPace({ platform: 'linux', processId: 1, parentId: null, folder })('gentle');
  createOwnPace({ platform: 'darwin', processId: 1, parentId: null, folder })('gentle');
  expect(existsSync(folder)).toBe(false);
});
