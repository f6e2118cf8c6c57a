import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeComputer } from '../support/coffer.ts';
import { blocksInUse, outsideDifferences } from '../support/outside.ts';
import { figuresOf, highest, measurePeaks, writeManyFiles, writeSparseFile } from './large.ts';

/** The long forms are in test/long. */
const memoryMost = 400_000_000;
const manyFiles = 50_000;

test('a file of 2 GB, mostly holes, takes at most 400 MB of memory on every way', async () => {
  const computer = await makeComputer('coffer-huge');
  onTestFinished(() => computer.remove(), 120_000);
  const source = computer.at('source');
  mkdirSync(source);
  writeSparseFile(join(source, 'huge'), { bytes: 2_000_000_000, islands: 40, islandBytes: 1_000_000 });
  const peaks = await measurePeaks(computer, source, computer.at('target'));
  console.info(`2 GB: ${figuresOf(peaks)}`);
  expect(highest(peaks)).toBeLessThan(memoryMost);
  execFileSync('cmp', [join(source, 'huge'), join(computer.at('target'), source, 'huge')]);
  expect(blocksInUse(join(computer.at('target'), source), 'huge')).toBeLessThan(blocksInUse(source, 'huge') * 1.5);
}, 180_000);

test(`${manyFiles} files take at most 400 MB of memory on every way`, async () => {
  const computer = await makeComputer('coffer-many');
  onTestFinished(() => computer.remove(), 120_000);
  const source = computer.at('source');
  writeManyFiles(source, manyFiles);
  const peaks = await measurePeaks(computer, source, computer.at('target'));
  console.info(`${manyFiles} files: ${figuresOf(peaks)}`);
  expect(highest(peaks)).toBeLessThan(memoryMost);
  expect(outsideDifferences(source, join(computer.at('target'), source), ['diff'])).toEqual([]);
}, 180_000);
