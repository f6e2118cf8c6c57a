import { describe, test } from 'vitest';
import { losePowerAt, syncCalls } from './scenarios.ts';
import { countCalls, replayable } from './scene.ts';

const isSync = (name: string): boolean => syncCalls.some((call) => call === name);

describe('a backup in which the power goes', () => {
  test.each([21, 22])(
    'at any boundary of a sync loses nothing that was published (seed %i)',
    { timeout: 120_000 },
    async (seed) => {
      const boundaries = await countCalls(seed, isSync);
      for (let nth = 1; nth <= boundaries; nth++) {
        await replayable(`seed ${seed}, sync ${nth}`, () => losePowerAt({ seed, nth }, { calls: syncCalls }));
      }
    },
  );

  test('at any rename or removal loses nothing that was published', { timeout: 120_000 }, async () => {
    const calls = ['rename', 'renameNoReplace', 'removeFile', 'makeFolder'] as const;
    const seed = 24;
    const moments = await countCalls(seed, (name) => calls.some((call) => call === name));
    for (let nth = 1; nth <= moments; nth++) {
      await replayable(`seed ${seed}, change of a name ${nth}`, () => losePowerAt({ seed, nth }, { calls }));
    }
  });
});
