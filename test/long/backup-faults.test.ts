import { describe, test } from 'vitest';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { crashAt, failNthCall, growingCalls, losePowerAt, syncCalls } from '../fault/simulated/scenarios.ts';
import { countCalls, replayable } from '../fault/simulated/scene.ts';
import { backUpChangingFile, changes } from '../unit/backup/changing-file.ts';

/** A smaller run of the same: `COFFER_LONG_SHARE=0.01 npm run long:faults`. */
const share = Number(process.env['COFFER_LONG_SHARE'] ?? '1');
const counted = (full: number): number => Math.max(1, Math.round(full * share));

function say(row: string, figures: Readonly<Record<string, number | string>>, startedAt: number): void {
  const words = Object.entries(figures).map(([what, figure]) => `${figure} ${what}`);
  process.stdout.write(`${row}: ${words.join(', ')}, ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
}

const isOneOf =
  (calls: readonly string[]) =>
  (name: string): boolean =>
    calls.includes(name);

describe('row 3: power loss on a simulated disk', () => {
  test('at random calls', async () => {
    const startedAt = performance.now();
    const points = counted(20_000);
    const random = seededRandom(3);
    const calls = await countCalls(300);
    for (let point = 0; point < points; point++) {
      const seed = 300 + random.integer(1_000_000);
      const nth = 1 + random.integer(calls);
      await replayable(`losePowerAt seed ${seed}, call ${nth}`, () => losePowerAt({ seed, nth }));
    }
    say('row 3, power loss', { 'points of a run': points, 'calls in a run': calls }, startedAt);
  });
});

describe('row 4: a call of the file system that fails', () => {
  const seed = 400;
  test('EIO, ENOSPC and EACCES at every call', async () => {
    const startedAt = performance.now();
    const calls = counted(await countCalls(seed));
    for (const code of ['EIO', 'ENOSPC', 'EACCES'] as const) {
      for (let nth = 1; nth <= calls; nth++) {
        await replayable(`failNthCall seed ${seed}, call ${nth}, ${code}`, () => failNthCall({ seed, nth }, code));
      }
    }
    say('row 4, single faults', { calls, codes: 3 }, startedAt);
  });

  test('a disk that is full from any call on', async () => {
    const startedAt = performance.now();
    const calls = counted(await countCalls(seed, isOneOf(growingCalls)));
    for (let nth = 1; nth <= calls; nth++) {
      await replayable(`full from call ${nth}, seed ${seed}`, () =>
        failNthCall({ seed, nth }, 'ENOSPC', { calls: growingCalls, lasting: true }),
      );
    }
    say('row 4, full disk', { calls }, startedAt);
  });

  test('every sync, for several runs', async () => {
    const startedAt = performance.now();
    const runs = counted(20);
    let faults = 0;
    for (let run = 0; run < runs; run++) {
      const calls = await countCalls(seed + run, isOneOf(syncCalls));
      for (let nth = 1; nth <= calls; nth++, faults++) {
        await replayable(`sync ${nth}, seed ${seed + run}`, () =>
          failNthCall({ seed: seed + run, nth }, 'EIO', { calls: syncCalls }),
        );
      }
    }
    say('row 4, failed syncs', { runs, faults }, startedAt);
  });
});

describe('row 8: a file that changes while it is read', () => {
  test('in every way', async () => {
    const startedAt = performance.now();
    const variants = counted(10_000);
    const outcomes = { whole: 0, flagged: 0, absent: 0 };
    for (let variant = 0; variant < variants; variant++) {
      const [change = 'grows', seed] = [changes[variant % changes.length], 1000 + variant];
      await replayable(`backUpChangingFile ${change}, seed ${seed}`, async () => {
        outcomes[await backUpChangingFile(seed, change)]++;
      });
    }
    say('row 8', { variants, ...outcomes }, startedAt);
  });
});

describe('a program that ends', () => {
  test('at every call of several runs', async () => {
    const startedAt = performance.now();
    const runs = counted(10);
    let ends = 0;
    for (let run = 0; run < runs; run++) {
      const seed = 500 + run;
      const calls = await countCalls(seed);
      for (let nth = 1; nth <= calls; nth++, ends++)
        await replayable(`crashAt seed ${seed}, call ${nth}`, () => crashAt({ seed, nth }));
    }
    say('crash', { runs, ends }, startedAt);
  });
});
