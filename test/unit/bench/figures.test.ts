import { describe, expect, it } from 'vitest';
import { floorsBroken, ratiosOf, type Sample, spreadOf, summarise } from '../../bench/figures.ts';
import type { ProgramName } from '../../bench/programs.ts';
import { workloads } from '../../bench/targets.ts';

const sample = (program: ProgramName, seconds: number, storedBytes = 100): Sample => ({
  workload: 'big-first',
  program,
  round: 0,
  seconds,
  cpuSeconds: seconds,
  peakBytes: 1e8,
  storedBytes,
});

const bigFirst = workloads.find(({ id }) => id === 'big-first');

describe('the figures of the bench', () => {
  it('take the middle value of an odd number of rounds', () => {
    expect(spreadOf([9, 1, 2])).toEqual({ median: 2, min: 1, max: 9 });
  });

  it('take the mean of the two middle values of an even number of rounds', () => {
    expect(spreadOf([10, 2, 1, 4])).toEqual({ median: 3, min: 1, max: 10 });
  });

  it('sort by value, not by spelling', () => {
    expect(spreadOf([100, 20, 3]).median).toBe(20);
  });

  it('have no median without values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('compare Coffer with the faster of restic and rustic, by medians', () => {
    const samples = [2, 2, 50].map((seconds) => sample('coffer', seconds));
    const summaries = summarise([...samples, sample('restic', 9), sample('rustic', 7), sample('borg', 5)], 'big-first');
    expect(ratiosOf(summaries)).toMatchObject({ againstRestic: 3.5, againstBorg: 2.5 });
  });

  it('compare stored bytes with the least of all peers and with restic', () => {
    const samples = [sample('coffer', 1, 105), sample('restic', 1, 110), sample('borg', 1, 100)];
    const ratios = ratiosOf(summarise(samples, 'big-first'));
    expect(ratios.storedAgainstBest).toBeCloseTo(1.05);
    expect(ratios.storedAgainstRestic).toBeCloseTo(105 / 110);
  });

  it('leave out a ratio whose peer is missing', () => {
    const ratios = ratiosOf(summarise([sample('coffer', 1), sample('restic', 2)], 'big-first'));
    expect(ratios).toMatchObject({ againstRestic: 2, againstBorg: undefined });
  });

  it('compare the times until on disk apart from those until exit', () => {
    const restore = (program: ProgramName, seconds: number, durableSeconds: number): Sample => ({
      ...sample(program, seconds),
      durableSeconds,
    });
    const summaries = summarise(
      [restore('coffer', 2, 2), restore('restic', 3, 5), restore('rustic', 2, 6)],
      'big-first',
    );
    expect(ratiosOf(summaries).againstRestic).toBe(1);
    expect(ratiosOf(summaries, 'durableSeconds').againstRestic).toBe(2.5);
  });

  it('have no time until on disk where none was measured', () => {
    const summaries = summarise([sample('coffer', 1), sample('restic', 2)], 'big-first');
    expect(ratiosOf(summaries, 'durableSeconds').againstRestic).toBeUndefined();
  });

  it('ignore the other workloads', () => {
    expect(summarise([sample('coffer', 1)], 'text-first').size).toBe(0);
  });

  it('accept a small run that is a little slower than its peer', () => {
    const samples = [sample('coffer', 3), sample('restic', 1)];
    expect(bigFirst && floorsBroken(bigFirst, summarise(samples, 'big-first'))).toEqual([]);
  });

  it('object to a small run that is hopelessly slow or stores far too much', () => {
    const samples = [sample('coffer', 30, 1000), sample('restic', 1, 100)];
    expect(bigFirst && floorsBroken(bigFirst, summarise(samples, 'big-first'))).toHaveLength(2);
  });
});
