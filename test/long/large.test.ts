import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  compareSparseFiles,
  figuresOf,
  highest,
  measurePeaks,
  type SparseOptions,
  writeManyFiles,
  writeSparseFile,
} from '../fault/large.ts';
import { makeComputer } from '../support/coffer.ts';
import { outsideDifferences } from '../support/outside.ts';
import { countOf, record } from './results.ts';

const memoryMost = 400_000_000;
const GB = 1_000_000_000;

async function hugeFile(name: string, options: SparseOptions): Promise<void> {
  const computer = await makeComputer('coffer-long');
  onTestFinished(() => computer.remove(), 600_000);
  const source = computer.at('source');
  mkdirSync(source);
  writeSparseFile(join(source, 'huge'), options);
  const began = performance.now();
  const peaks = await measurePeaks(computer, source, computer.at('target'));
  record(
    'a huge file',
    `${name}: ${figuresOf(peaks)}`,
    (performance.now() - began) / 1000,
    `at most ${Math.round(highest(peaks) / 1e6)} MB`,
  );
  expect(highest(peaks)).toBeLessThan(memoryMost);
  compareSparseFiles(join(source, 'huge'), join(computer.at('target'), source, 'huge'), options);
}

const fullGigabytes = countOf('HUGE_GB', 50);
test(`a file of ${fullGigabytes} GB that is full`, () =>
  hugeFile(`${fullGigabytes} GB`, {
    bytes: fullGigabytes * GB,
    islands: fullGigabytes * 20,
    islandBytes: GB / 20 - 1000,
  }));

const sparseGigabytes = countOf('SPARSE_GB', 1000);
test(`a file of ${sparseGigabytes} GB, mostly holes`, () =>
  hugeFile(`${sparseGigabytes} GB sparse`, { bytes: sparseGigabytes * GB, islands: 500, islandBytes: 1_000_000 }));

const files = countOf('MANY_FILES', 1_000_000);
test(`${files} files`, async () => {
  const computer = await makeComputer('coffer-long');
  onTestFinished(() => computer.remove(), 3_600_000);
  const source = computer.at('source');
  writeManyFiles(source, files);
  const began = performance.now();
  const peaks = await measurePeaks(computer, source, computer.at('target'));
  record(
    'many files',
    `${files} files: ${figuresOf(peaks)}`,
    (performance.now() - began) / 1000,
    `at most ${Math.round(highest(peaks) / 1e6)} MB`,
  );
  expect(highest(peaks)).toBeLessThan(memoryMost);
  expect(outsideDifferences(source, join(computer.at('target'), source), ['diff'])).toEqual([]);
});
