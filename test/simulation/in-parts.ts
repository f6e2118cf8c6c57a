import { expect, test } from 'vitest';
import { simulatePart } from './many.ts';

/** As many as are lived through with every submission; each part is a file of its own, so that every core has one. */
export const seedsInAll = 2000;
const parts = 4;

export const timeoutMs = 20 * 60_000;

/** One of the parts, counted from 1. */
export function testPart(part: number): void {
  const count = seedsInAll / parts;
  const from = 1 + (part - 1) * count;
  test(`the simulated agent keeps its promises in worlds ${from} to ${from + count - 1}`, {
    timeout: timeoutMs,
  }, async () => {
    expect(await simulatePart(from, count)).toEqual([]);
  });
}
