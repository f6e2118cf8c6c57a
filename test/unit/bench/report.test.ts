import { describe, expect, it } from 'vitest';
import type { Sample } from '../../bench/figures.ts';
import type { Machine } from '../../bench/machine.ts';
import type { ProgramName } from '../../bench/programs.ts';
import { formatBytes, formatReport, formatResults, type Report, verdictOf } from '../../bench/report.ts';
import type { WorkloadId } from '../../bench/targets.ts';

const sample = (workload: WorkloadId, program: ProgramName, seconds: number, storedBytes: number): Sample => ({
  workload,
  program,
  round: 0,
  seconds,
  cpuSeconds: 2 * seconds,
  peakBytes: program === 'coffer' ? 210_000_000 : 90_000_000,
  storedBytes,
});

const restore = (program: ProgramName, seconds: number, durableSeconds: number): Sample => {
  const { storedBytes: _, ...measured } = sample('big-restore', program, seconds, 0);
  return { ...measured, durableSeconds };
};

const report: Report = {
  programs: [
    { name: 'coffer', version: 'coffer 0.1.0' },
    { name: 'restic', version: 'restic 0.18.1' },
  ],
  missing: ['borg'],
  rounds: 3,
  isJudged: true,
  samples: [
    sample('big-first', 'coffer', 4, 1.02e9),
    sample('big-first', 'coffer', 5, 1.02e9),
    sample('big-first', 'coffer', 3, 1.02e9),
    sample('big-first', 'restic', 13, 1e9),
    sample('edit', 'coffer', 2, 1.1e8),
    sample('edit', 'restic', 4, 1e8),
    restore('coffer', 1.25, 1.5),
    restore('restic', 2.5, 3.75),
  ],
};

const machine: Machine = {
  date: '2026-01-02',
  cores: 2,
  processor: 'a processor',
  memoryBytes: 16e9,
  system: 'Linux 6',
  fileSystem: 'ext4',
  writeRate: 8e8,
};

const rowOf = (text: string, title: string, section: string): string =>
  text
    .slice(text.indexOf(section))
    .split('\n')
    .find((line) => line.replace(/^\| /, '').startsWith(title)) ?? '';

describe('the report of the bench', () => {
  it('shows medians, the ratio and what is reached', () => {
    expect(rowOf(formatReport(report), 'big file, first', 'Time')).toMatch(
      /4\.00 s +13\.0 s +3\.25× +reached ≥ 3, wanted 3\.5 not yet/,
    );
  });

  it('shows what is missed', () => {
    const text = formatReport(report);
    expect(rowOf(text, 'big file, edited', 'Time')).toContain('missed ≥ 2.5');
    expect(rowOf(text, 'big file, first', 'Peak')).toContain('missed ≤ 200.0 MB');
    expect(rowOf(text, 'big file, edited', 'Bytes')).toContain('+10.0 % against restic: missed ≤ restic');
    expect(rowOf(text, 'big file, first', 'Bytes')).toContain('+2.0 % against the best: reached ≤ +3 %');
  });

  it('shows and judges a restore until on disk and until exit', () => {
    const text = formatReport(report);
    expect(rowOf(text, 'big file, restore, until on disk', 'Time')).toMatch(
      /1\.50 s +3\.75 s +2\.50× +reached ≥ 2\.3, wanted 3 not yet/,
    );
    expect(rowOf(text, 'big file, restore, until exit', 'Time')).toMatch(/1\.25 s +2\.50 s +2\.00× +missed ≥ 2\.3/);
  });

  it('says why a restore has two rows, and only when there is one', () => {
    const backups = report.samples.filter(({ workload }) => workload !== 'big-restore');
    expect(formatReport(report)).toContain('Restores have two rows');
    expect(formatReport({ ...report, samples: backups })).not.toContain('Restores');
  });

  it('says which peer is missing', () => {
    expect(formatReport(report)).toContain('Left out because it is not installed here: borg.');
  });

  it('judges nothing on small data', () => {
    expect(formatReport({ ...report, isJudged: false })).not.toMatch(/reached|missed/);
  });

  it('writes results with the spread of the rounds and the machine', () => {
    const text = formatResults(report, machine, 'some data');
    expect(rowOf(text, 'big file, first', '## Time')).toContain('| 4.00 s (3.00 s – 5.00 s) | 13.0 s | 3.25× |');
    expect(text).toContain('2 cores of a processor, 16.000 GB of memory, Linux 6');
    expect(text).toContain('800.0 MB a second');
  });

  it('writes two rows for the time of a restore with the reason, and one for its memory and CPU time', () => {
    const text = formatResults(report, machine, 'some data');
    const [intro = '', time = '', peak = '', stored = '', cpu = ''] = text.split('\n## ');
    const restoresIn = (section: string): readonly (string | undefined)[] =>
      [...section.matchAll(/^\| (big file, restore[^|]*) \|/gm)].map(([, title]) => title);
    expect(restoresIn(time)).toEqual(['big file, restore, until on disk', 'big file, restore, until exit']);
    expect([peak, stored, cpu].map(restoresIn)).toEqual([['big file, restore'], [], ['big file, restore']]);
    expect(intro).toContain('Restores have two rows');
  });

  it('gives every row of a written table as many cells as its head', () => {
    for (const table of formatResults(report, machine, 'some data').split('## ').slice(1)) {
      const lines = table.split('\n').filter((line) => line.startsWith('|'));
      expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
    }
  });
});

describe('a verdict', () => {
  it.each([
    [undefined, undefined, undefined, ''],
    [undefined, 3, undefined, 'not measured (≥ 3)'],
    [2.999, 3, undefined, 'missed ≥ 3'],
    [3, 3, undefined, 'reached ≥ 3'],
    [3.2, 3, 3.5, 'reached ≥ 3, wanted 3.5 not yet'],
    [3.5, 3, 3.5, 'reached ≥ 3 and the wanted 3.5'],
  ])('on %s with the target %s and the wish %s is "%s"', (ratio, target, wanted, verdict) => {
    expect(verdictOf(ratio, target, wanted)).toBe(verdict);
  });
});

it.each([
  [950, '0.9 kB'],
  [2_147_483_648, '2.147 GB'],
  [174_300_000, '174.3 MB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
