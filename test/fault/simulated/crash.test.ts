import { test } from 'vitest';
import { crashAt } from './scenarios.ts';
import { countCalls, replayable } from './scene.ts';

const seed = 31;

test('a program that ends at any call leaves a sound vault, and stores nothing twice afterwards', {
  timeout: 120_000,
}, async () => {
  const calls = await countCalls(seed);
  // Every fourth call; all of them in the long run.
  for (let nth = 1; nth <= calls; nth += 4) await replayable(`seed ${seed}, call ${nth}`, () => crashAt({ seed, nth }));
});
