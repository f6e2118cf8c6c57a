import { expect, test } from 'vitest';
import { fuzzParsers } from '../fault/fuzz-rounds.ts';
import { countOf, record } from './results.ts';

const minutes = countOf('FUZZ_MINUTES', 240);
const seed = countOf('SEED', Date.now() % 1_000_000);

test(`parsers hold for ${minutes} minutes of twisted objects, seed ${seed}`, () => {
  const { tries, accepted, slowestMs, peakBytes } = fuzzParsers({ seconds: minutes * 60, seed });
  const found = `slowest ${slowestMs.toFixed(0)} ms, ${Math.round(peakBytes / 1e6)} MB`;
  record('fuzzed parsers', `${tries} objects, ${accepted} accepted, seed ${seed}`, minutes * 60, found);
  expect(slowestMs).toBeLessThan(5_000);
  expect(peakBytes).toBeLessThan(512_000_000);
});
