import { describe, expect, test } from 'vitest';
import type { SweepPlan } from '../../../engine/hosts/engine.ts';
import { widthOf } from '../../../engine/hosts/text/width.ts';
import { coffer, fakeEngine, recordStream, sweepPlan } from './support.ts';

async function shown(args: readonly string[], plan: SweepPlan = sweepPlan) {
  const out = recordStream({ isTerminal: true });
  const graces: unknown[] = [];
  let executed = 0;
  const engine = fakeEngine({
    async planSweep(_ports, _vault, { graceDays, all }) {
      graces.push([graceDays, all]);
      return plan;
    },
    async executeSweep() {
      executed++;
      return { marked: plan.amounts.marking, deleted: plan.amounts.removing, snapshots: plan.snapshots };
    },
  });
  const environment = { COFFER_PASSPHRASE: 'right', NO_COLOR: '1' };
  const { exit, err } = await coffer(['sweep', '--store', '/v', ...args], {
    engine: async () => engine,
    environment,
    out,
  });
  return { exit, err, lines: out.lines(), executed, graces };
}

const none = { packs: 0, bytes: 0 };

describe('what a sweep says', () => {
  test('a plan says what comes free, now and later, and does nothing', async () => {
    const { lines, executed, exit } = await shown(['--plan']);
    expect(lines).toEqual([
      'The place holds 1,000 packs, 9 GB.',
      '                          size  packs',
      '  comes free now        450 MB     50  marked long ago, needed by no snapshot',
      '  comes free next time   81 MB      9  due too; --all takes it now',
      '  comes free later      153 MB     17  goes in 13 days at the earliest',
      '  would be marked       369 MB     41  needed by no snapshot; stays 30 days',
      '  looked at again        27 MB      3  in no snapshot yet; perhaps of a backup',
      '  stays                  18 MB      2  marked before, and needed after all',
    ]);
    expect(lines.every((line) => widthOf(line) <= 80)).toBe(true);
    expect([executed, exit]).toEqual([0, 0]);
  });

  test('a sweep says what it did', async () => {
    const { lines, executed } = await shown([], { ...sweepPlan, isFirst: true });
    expect(lines.slice(-2)).toEqual([
      '  This computer is new to the vault, and counts every grace from now on.',
      'Swept. 450 MB came free, 41 packs marked, 2 forgotten snapshots gone for good.',
    ]);
    expect(executed).toBe(1);
  });

  test('a plan says what speaks against it', async () => {
    const { lines } = await shown(['--plan'], { ...sweepPlan, doubts: ['no device’s log is there'] });
    expect(lines.slice(1)).toEqual(['Nothing may be swept now:', '  no device’s log is there']);
  });

  test('where every pack is needed it says so', async () => {
    const amounts = { marking: none, removing: none, waiting: none, later: none, spared: none, young: none };
    const { lines } = await shown([], { ...sweepPlan, amounts, snapshots: 0 });
    expect(lines.slice(1)).toEqual([
      'Every pack is needed by a snapshot: there is nothing to sweep.',
      'Nothing was due.',
    ]);
  });

  test('a grace may be longer than 30 days, and not shorter', async () => {
    expect((await shown(['--grace', '90d', '--all'])).graces).toEqual([[90, true]]);
    const { exit, err } = await shown(['--grace', '29']);
    expect(exit).toBe(2);
    expect(err).toContain('--grace needs a whole number from 30 to');
  });
});
