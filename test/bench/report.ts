// Tables for people: aligned for the terminal, and as Markdown. Pure.
import {
  type Clock,
  type Ratios,
  ratiosOf,
  type Sample,
  type Spread,
  type Summaries,
  type Summary,
  summarise,
} from './figures.ts';
import type { Machine } from './machine.ts';
import type { ProgramName } from './programs.ts';
import { storedExcessMax, type Workload, workloads } from './targets.ts';

export type Table = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export type Report = {
  /** In the order of the columns. */
  readonly programs: readonly { readonly name: ProgramName; readonly version: string }[];
  readonly missing: readonly ProgramName[];
  readonly samples: readonly Sample[];
  readonly rounds: number;
  /** Targets hold for the full data only; without it, ratios stand unjudged. */
  readonly isJudged: boolean;
};

const none = '–';

export const formatSeconds = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;

/** Decimal units, as disks and the targets count. */
export const formatBytes = (bytes: number): string => {
  if (Math.abs(bytes) < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(3)} GB`;
};

const formatRatio = (ratio: number | undefined): string => (ratio === undefined ? none : `${ratio.toFixed(2)}×`);

const formatExcess = (ratio: number): string => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;

type Format = (value: number) => string;

/** How a table shows the rounds' values: one of them on the terminal, with the range in the written results. */
type Cell = (spread: Spread | undefined, format: Format) => string;

const medianCell: Cell = (spread, format) => (spread === undefined ? none : format(spread.median));
const highestCell: Cell = (spread, format) => (spread === undefined ? none : format(spread.max));

const spreadCell: Cell = (spread, format) => {
  if (spread === undefined) return none;
  const [median, min, max] = [format(spread.median), format(spread.min), format(spread.max)];
  return min === max ? median : `${median} (${min} – ${max})`;
};

/** "reached ≥ 3", or what is missing. Judged on the figure itself, not on its rounding. */
export const verdictOf = (ratio: number | undefined, target: number | undefined, wanted?: number): string => {
  if (target === undefined) return '';
  if (ratio === undefined) return `not measured (≥ ${target})`;
  if (ratio < target) return `missed ≥ ${target}`;
  if (wanted === undefined) return `reached ≥ ${target}`;
  return ratio >= wanted
    ? `reached ≥ ${target} and the wanted ${wanted}`
    : `reached ≥ ${target}, wanted ${wanted} not yet`;
};

const storedVerdictOf = (workload: Workload, ratios: Ratios): string => {
  const { storedAgainstBest: best, storedAgainstRestic: restic } = ratios;
  if (workload.stored === undefined) return '';
  if (workload.stored === 'at-most-restic') {
    if (restic === undefined) return none;
    return `${formatExcess(restic)} against restic: ${restic <= 1 ? 'reached' : 'missed'} ≤ restic`;
  }
  if (best === undefined) return none;
  const limit = `≤ +${storedExcessMax * 100} %`;
  return `${formatExcess(best)} against the best: ${best <= 1 + storedExcessMax ? 'reached' : 'missed'} ${limit}`;
};

type Row = { readonly workload: Workload; readonly summaries: Summaries };

const rowsOf = (report: Report): readonly Row[] =>
  workloads
    .map((workload) => ({ workload, summaries: summarise(report.samples, workload.id) }))
    .filter(({ summaries }) => summaries.size > 0);

const namesOf = (report: Report): readonly string[] => report.programs.map(({ version }) => version);

const columnsOf = (
  report: Report,
  summaries: Summaries,
  show: (summary: Summary | undefined) => string,
): readonly string[] => report.programs.map(({ name }) => show(summaries.get(name)));

type Timing = { readonly clock: Clock; readonly suffix: string };

const isRestore = ({ summaries }: Row): boolean =>
  [...summaries.values()].some(({ durableSeconds }) => durableSeconds !== undefined);

/** The time that is the same work for all comes first. */
const timingsOf = (row: Row): readonly Timing[] =>
  isRestore(row)
    ? [
        { clock: 'durableSeconds', suffix: ', until on disk' },
        { clock: 'seconds', suffix: ', until exit' },
      ]
    : [{ clock: 'seconds', suffix: '' }];

const timesTable = (report: Report, cell: Cell): Table => {
  const judged = (verdict: string): readonly string[] => (report.isJudged ? [verdict] : []);
  const timeCells = ({ workload, summaries }: Row, { clock, suffix }: Timing): readonly string[] => {
    const ratios = ratiosOf(summaries, clock);
    return [
      `${workload.title}${suffix}`,
      ...columnsOf(report, summaries, (summary) => cell(summary?.[clock], formatSeconds)),
      formatRatio(ratios.againstRestic),
      ...judged(verdictOf(ratios.againstRestic, workload.target, workload.wanted)),
      formatRatio(ratios.againstBorg),
      ...judged(verdictOf(ratios.againstBorg, workload.targetAgainstBorg)),
    ];
  };
  return {
    title: 'Time (median; × restic/rustic: how many times faster Coffer is than the faster of the two)',
    head: ['', ...namesOf(report), '× restic/rustic', ...judged('target'), '× borg', ...judged('target')],
    rows: rowsOf(report).flatMap((row) => timingsOf(row).map((timing) => timeCells(row, timing))),
  };
};

const peakVerdictOf = (workload: Workload, peak: Spread | undefined): string => {
  if (peak === undefined) return none;
  return `${peak.max <= workload.peakBytesMax ? 'reached' : 'missed'} ≤ ${formatBytes(workload.peakBytesMax)}`;
};

const peakTable = (report: Report, cell: Cell): Table => ({
  title: `Peak memory${report.isJudged ? ' (the target holds for the highest of all rounds)' : ''}`,
  head: ['', ...namesOf(report), ...(report.isJudged ? ['target'] : [])],
  rows: rowsOf(report).map(({ workload, summaries }) => [
    workload.title,
    ...columnsOf(report, summaries, (summary) => cell(summary?.peakBytes, formatBytes)),
    ...(report.isJudged ? [peakVerdictOf(workload, summaries.get('coffer')?.peakBytes)] : []),
  ]),
});

const storedTable = (report: Report, cell: Cell): Table => ({
  title: 'Bytes stored by the backup (median)',
  head: ['', ...namesOf(report), ...(report.isJudged ? ['target'] : [])],
  rows: rowsOf(report)
    .filter(({ summaries }) => [...summaries.values()].some(({ storedBytes }) => storedBytes !== undefined))
    .map(({ workload, summaries }) => [
      workload.title,
      ...columnsOf(report, summaries, (summary) => cell(summary?.storedBytes, formatBytes)),
      ...(report.isJudged ? [storedVerdictOf(workload, ratiosOf(summaries))] : []),
    ]),
});

const cpuTable = (report: Report, cell: Cell): Table => ({
  title: 'CPU time, user and system (median)',
  head: ['', ...namesOf(report)],
  rows: rowsOf(report).map(({ workload, summaries }) => [
    workload.title,
    ...columnsOf(report, summaries, (summary) => cell(summary?.cpuSeconds, formatSeconds)),
  ]),
});

export const alignedTable = ({ title, head, rows }: Table): string => {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  // Figures end at the same place; words (the first column, and the verdicts) begin at the same place.
  const isWords = head.map((cell, column) => column === 0 || cell === 'target');
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isWords[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd();
  return [title, line(head), ...rows.map(line)].join('\n');
};

export const markdownTable = ({ title, head, rows }: Table): string => {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [`## ${title}`, '', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
};

const missingLine = (report: Report): string | undefined =>
  report.missing.length === 0 ? undefined : `Left out because it is not installed here: ${report.missing.join(', ')}.`;

const restoreLine = (report: Report): string | undefined =>
  rowsOf(report).some(isRestore)
    ? 'Restores have two rows: Coffer ends only when the files are on the disk, the others while much is still in memory, so the same work for all is the time until on disk (the program, then a sync of the file system).'
    : undefined;

/** For the terminal. */
export const formatReport = (report: Report): string => {
  const tables = [timesTable(report, medianCell), peakTable(report, highestCell), storedTable(report, medianCell)];
  return [...tables.map(alignedTable), restoreLine(report), missingLine(report)]
    .filter((part) => part !== undefined)
    .join('\n\n');
};

/** For RESULTS.md: everything the terminal shows, the spread between the rounds, and where it was measured. */
export const formatResults = (report: Report, machine: Machine, data: string): string => {
  const facts = [
    `- Measured on ${machine.date}, ${report.rounds} rounds, whole processes by wall clock, unlocking included.`,
    `- Programs: ${namesOf(report).join(', ')}, each with its default settings. ${missingLine(report) ?? ''}`.trimEnd(),
    `- Machine: ${machine.cores} cores of ${machine.processor}, ${formatBytes(machine.memoryBytes)} of memory, ${machine.system}.`,
    `- Disk: ${machine.fileSystem}, ${formatBytes(machine.writeRate)} a second written and synced.`,
    `- Data: ${data}.`,
    '- Every restore was compared with its source: bytes, modes, times to the nanosecond; in the first round by `diff -r` too.',
  ];
  const notes = ['Written by `npm run bench`. In brackets: the lowest and highest of the rounds.', restoreLine(report)]
    .filter((part) => part !== undefined)
    .join(' ');
  const tables = [timesTable, peakTable, storedTable, cpuTable].map((table) => table(report, spreadCell));
  return `${['# Results of the bench', facts.join('\n'), notes, ...tables.map(markdownTable)].join('\n\n')}\n`;
};
