import { expect, test } from 'vitest';
import { liveTenYears } from './ten-years.ts';

/** Row 14: whatever the clock does, nothing goes early. */
const seeds = Array.from({ length: 10 }, (_, seed) => seed + 1);

test('in ten years of clocks that jump, no snapshot goes before the time it was promised', () => {
  for (const seed of seeds) {
    const { early, made, gone, jumps, strictly } = liveTenYears(seed, 'observed', true);
    expect({ seed, early }).toEqual({ seed, early: [] });
    // A life in which nothing happens, or nothing ever goes, would prove nothing.
    expect(made).toBeGreaterThan(1_000);
    expect(gone).toBeGreaterThan(made / 4);
    expect(jumps).toBeGreaterThan(50);
    expect(strictly).toBe(gone);
  }
});

test('a clock that is set while the computer is off makes it at most seven days early each time', () => {
  for (const seed of seeds) {
    const { early, gone, strictly } = liveTenYears(seed, 'observed', false);
    expect({ seed, early }).toEqual({ seed, early: [] });
    expect(gone).toBeGreaterThan(strictly);
  }
});

test('an age by the wall clock is found out by the same lives', () => {
  const found = seeds.filter((seed) => liveTenYears(seed, 'wall', true).early.length > 0);
  expect(found).toEqual(seeds);
});
