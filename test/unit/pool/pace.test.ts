import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createPool, type Pace, workerCount } from '../../../engine/pool/index.ts';
import { restAfter } from '../../../engine/pool/pace.ts';

type Stand = { readonly niceness: number; readonly diskClass: number | null };
type Jobs = { readonly stand: { readonly in: null; readonly out: Stand } };

async function standAt(pace: Pace): Promise<readonly Stand[]> {
  const pool = createPool<Jobs, null>(new URL('./nice-worker.ts', import.meta.url), {
    ...{ size: 2, data: null, pace, onEvent: () => {} },
  });
  try {
    return await Promise.all([0, 1].map((worker) => pool.run('stand', null, { worker })));
  } finally {
    await pool.end();
  }
}

describe.skipIf(process.platform !== 'linux')('the threads of a run', () => {
  test('give way at its pace, and those of the next run at that of the next', async () => {
    const own = getPriority();
    const atLeast = (niceness: number): number => Math.max(own, niceness);
    const nicenessAt = async (pace: Pace) => (await standAt(pace)).map(({ niceness }) => niceness);
    expect(await nicenessAt('gentle')).toEqual([19, 19]);
    expect(await nicenessAt('normal')).toEqual([atLeast(10), atLeast(10)]);
    expect(await nicenessAt('full')).toEqual([own, own]);
    expect(getPriority()).toBe(own);
  });

  test('come last at the disk at a gentle pace only', async () => {
    const [gentle] = await standAt('gentle');
    const [normal] = await standAt('normal');
    expect([3, null]).toContain(gentle?.diskClass);
    expect(normal?.diskClass).not.toBe(3);
  });
});

test('a gentle run has as few threads as can be, and none where there are none', () => {
  expect(workerCount(true, 'gentle')).toBe(2);
  expect(workerCount(true, 'normal')).toBe(workerCount(true));
  expect(workerCount(false, 'full')).toBe(2);
});

test('gentle threads rest as long as they worked, up to a bound; others never', () => {
  expect([50, 5000].map((tookMs) => restAfter('gentle', tookMs))).toEqual([50, 200]);
  expect([restAfter('normal', 50), restAfter('full', 50)]).toEqual([0, 0]);
});
