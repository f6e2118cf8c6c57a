import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileLog } from '../../../engine/hosts/daemon/file-log.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { linesOf } from './daemon-support.ts';

const clock = { now: () => 0 };

test('keeps two files of a size, whoever writes them', () => {
  const path = join(temporaryFolder(), 'agent.log');
  const writers = [1, 2].map(() => createFileLog(path, { clock, bytesMost: 1000 }));
  for (let nth = 0; nth < 200; nth++) writers[nth % 2]?.debug(`line ${nth}`);
  const lines = [...linesOf(`${path}.1`), ...linesOf(path)];
  expect(lines.at(-1)).toBe('1970-01-01T00:00:00.000Z debug line 199');
  const numbers = lines.map((line) => Number(line.split(' ').at(-1)));
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThanOrEqual(1000);
  expect(lines.length).toBeGreaterThan(25);
});

test('is for this user alone, and has one line for each entry', () => {
  const path = join(temporaryFolder(), 'agent.log');
  createFileLog(path, { clock }).warn('two\nlines', { path: '/x' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe("1970-01-01T00:00:00.000Z warn two\\nlines { path: '/x' }\n");
});

test('a log that cannot be written stops nothing', () => {
  expect(() => createFileLog(join(temporaryFolder(), 'missing', 'agent.log'), { clock }).warn('lost')).not.toThrow();
});
