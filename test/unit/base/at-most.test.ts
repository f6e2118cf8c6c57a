import { expect, test } from 'vitest';
import { atMost } from '../../../engine/base/index.ts';

test('works come in their order, so many at a time, and one that fails makes room as well', async () => {
  const gate = atMost(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3, 4].map((index) =>
    gate(async () => {
      begun.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (index % 2 === 0) throw new Error(`${index}`);
      return index;
    }).catch(String),
  );
  for (let ended = 0; ended < 5; ended++) {
    await new Promise(setImmediate);
    expect(begun.length).toBe(Math.min(5, ended + 2));
    ends[ended]?.();
  }
  expect(await Promise.all(works)).toEqual(['Error: 0', 1, 'Error: 2', 3, 'Error: 4']);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
