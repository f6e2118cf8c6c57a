import { expect, test } from 'vitest';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import {
  type Block,
  type Header,
  type Journal,
  openJournal,
  resultWidth,
} from '../../../engine/snapshot/restore/journal.ts';
import { type Resume, readResume } from '../../../engine/snapshot/restore/record.ts';

type Step = 'synced' | 'distrust' | { readonly begun: number } | { readonly made: number } | { readonly parts: number };

const header: Header = {
  version: 1,
  ...{ id: 'ab', at: 0, vault: 'v', snapshot: 's', paths: [], target: '/out', policy: null, userHome: '/home/me' },
  ownsAll: true,
};

function blockOf(step: Step, { length }: Journal): Block {
  if (step === 'synced') return { kind: 'synced', upTo: length, files: 0, bytes: 0 };
  if (step === 'distrust') return { kind: 'distrust' };
  if ('parts' in step) return { kind: 'parts', parts: [[step.parts, 5]] };
  if ('begun' in step)
    return { kind: 'intents', folders: ['/out'], names: `f${step.begun}`, rows: Float64Array.of(step.begun, 0, 0) };
  const rows = new Float64Array(resultWidth);
  rows[0] = step.made;
  return { kind: 'results', rows, names: [] };
}

/** What is known after a record with these steps. */
function after(...steps: readonly Step[]): Resume {
  const fileSystem = createSimulatedFileSystem();
  const journal = openJournal(fileSystem, '/record');
  journal.append({ kind: 'header', header });
  for (const step of steps) journal.append(blockOf(step, journal));
  journal.close();
  const resume = readResume(fileSystem, '/record');
  if (resume === null) throw new Error('no header');
  return resume;
}

test('what a sync covers is done', () => {
  const resume = after({ begun: 1 }, { made: 1 }, { begun: 2 }, 'synced');
  expect([resume.isDone(1), resume.isDone(2), resume.isDistrusted(2)]).toEqual([true, false, false]);
});

test('what was begun before a sync failed is not trusted, whatever syncs come later', () => {
  const resume = after({ begun: 1 }, { made: 1 }, { begun: 2 }, 'distrust', { made: 2 }, 'synced');
  for (const number of [1, 2]) expect([resume.isDone(number), resume.isDistrusted(number)]).toEqual([false, true]);
});

test('what was made anew after a sync failed is trusted, and what was only begun anew is not', () => {
  const resume = after({ begun: 1 }, { begun: 2 }, 'distrust', { begun: 1 }, { begun: 2 }, { made: 1 });
  expect([resume.isDistrusted(1), resume.isDistrusted(2)]).toEqual([false, true]);
});

test('what was durable before a sync failed stays done', () => {
  const resume = after({ begun: 1 }, { made: 1 }, 'synced', 'distrust');
  expect([resume.isDone(1), resume.isDistrusted(1)]).toEqual([true, false]);
});

test('parts of files count only until a sync fails', () => {
  expect(after({ begun: 1 }, { parts: 1 }, 'synced').chunksOf(1)).toBe(5);
  expect(after({ begun: 1 }, { parts: 1 }, 'synced', 'distrust').chunksOf(1)).toBe(0);
});

test('what is begun again because somebody took it away is not done until then', () => {
  expect(after({ begun: 1 }, { made: 1 }, 'synced', { begun: 1 }).isDone(1)).toBe(false);
});
