import { describe, test } from 'vitest';
import { failNthCall, growingCalls, syncCalls } from './scenarios.ts';
import { countCalls, replayable } from './scene.ts';

const seed = 11;
/** Rows of the fault list say 200; an undisturbed run tells how many there are. */
const most = 200;

async function each(counted: (name: string) => boolean, scenario: (nth: number) => Promise<void>): Promise<void> {
  const calls = Math.min(most, await countCalls(seed, counted));
  for (let nth = 1; nth <= calls; nth++) await replayable(`seed ${seed}, call ${nth}`, () => scenario(nth));
}

describe('a backup in which one call of the file system fails ends well or says why, and the next one saves all', () => {
  test('EIO at each of the first 200 calls', { timeout: 120_000 }, () =>
    each(
      () => true,
      (nth) => failNthCall({ seed, nth }, 'EIO'),
    ),
  );

  test('a disk that is full from a call on', { timeout: 120_000 }, () =>
    each(
      (name) => growingCalls.some((call) => call === name),
      (nth) => failNthCall({ seed, nth }, 'ENOSPC', { calls: growingCalls, lasting: true }),
    ),
  );

  test('each sync that fails, with what it should have kept gone', { timeout: 120_000 }, () =>
    each(
      (name) => syncCalls.some((call) => call === name),
      (nth) => failNthCall({ seed, nth }, 'EIO', { calls: syncCalls }),
    ),
  );
});
