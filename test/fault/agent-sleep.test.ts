import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../../engine/base/index.ts';
import { guard, pause } from '../support/guarded.ts';

/**
 * A computer that sleeps, as a process sees it: everything stands still and then goes on. Row 15 of the fault list, with
 * three nights; the twenty are simulated (test/simulation). Each here has to be longer than the longest deadline that may be under way, the pulse of the
 * agent and what is taken for a standstill (ten seconds together).
 */
const nights = 3;
const nightMs = limits.agentTickMs + 6_000;

describe('a daemon that was asleep', () => {
  test('catches up within ten seconds, once, and nothing hangs', { timeout: 180_000 }, async () => {
    const guarded = await guard('coffer-asleep', {
      fill(files) {
        for (let file = 0; file < 50; file++) writeFileSync(join(files, `file-${file}`), `${file}`.repeat(1000));
      },
    });
    const { daemon, files } = guarded;
    await guarded.untilSafe();
    for (let night = 1; night <= nights; night++) {
      const before = await guarded.told('runDone');
      // The second night begins while a run is under way.
      if (night === 2) {
        writeFileSync(join(files, 'big'), Buffer.alloc(60_000_000, 'what takes a moment '));
        await guarded.until('began', ({ run }) => run !== null);
      }
      daemon.freeze();
      writeFileSync(join(files, `made in night ${night}`), 'by somebody else');
      appendFileSync(join(files, 'file-0'), `night ${night}`);
      rmSync(join(files, `file-${night}`));
      await pause(nightMs);
      daemon.thaw();
      const awake = performance.now();
      await guarded.until('woke', () => performance.now() - awake > 100);
      await guarded.untilSafe(10_000);
      expect(performance.now() - awake).toBeLessThan(10_000);
      const woke = await guarded.told('woke');
      expect(woke).toHaveLength(night);
      // Whatever was heard and whatever is due is dealt with together. What was under way may have been done in that moment.
      await pause(1_500);
      const runs = (await guarded.told('runDone')).slice(before.length);
      expect(runs.length).toBeGreaterThan(0);
      expect(runs.length).toBeLessThanOrEqual(night === 2 ? 2 : 1);
      expect((await daemon.api.state()).run).toBeNull();
    }
    expect(await guarded.told('runFailed')).toEqual([]);
    expect(await guarded.faults()).toEqual([]);
  });
});
