import { expect, test } from 'vitest';
import { fuzzParsers } from './fuzz-rounds.ts';

/** The long form is in test/long. */
const seed = 13;

test('parsers refuse or accept twisted objects, and never crash, hang or take much memory', () => {
  const { tries, accepted, slowestMs, peakBytes } = fuzzParsers({ seconds: 20, seed });
  console.info(
    `seed ${seed}: ${tries} objects, ${accepted} accepted, slowest ${slowestMs.toFixed(0)} ms, ${Math.round(peakBytes / 1e6)} MB`,
  );
  expect(tries).toBeGreaterThan(2_000);
  expect(slowestMs).toBeLessThan(5_000);
  expect(peakBytes).toBeLessThan(512_000_000);
}, 60_000);
