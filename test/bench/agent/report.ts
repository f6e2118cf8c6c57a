// The figures as tables: for the terminal, and as Markdown. Pure.
import type { Machine } from '../machine.ts';
import { alignedTable, formatBytes, formatSeconds, markdownTable, type Table } from '../report.ts';
import type { FirstRun, Idle, Reconcile, Save } from './measurements.ts';
import type { Options } from './options.ts';
import type { Rescan } from './peers.ts';

export type Figures = {
  readonly firstRun: FirstRun;
  readonly idle: Idle;
  readonly saves: readonly Save[];
  readonly findSeconds: number | null;
  readonly reconcile: Reconcile;
  /** For each file. */
  readonly cacheBytes: number;
  readonly bigPauseSeconds: number;
  readonly restarts: readonly number[];
  readonly rescans: readonly Rescan[];
};

/** From so many files on, the targets for a million hold. */
const manyFiles = 1_000_000;

const medianOf = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const plain = (value: number): string => String(value);
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
const times = (value: number): string => `${value.toFixed(2)}×`;

type Limit = { readonly most: number; readonly format: (value: number) => string };

const row = (what: string, value: number, { most, format }: Limit): readonly string[] => [
  what,
  format(value),
  `${value <= most ? 'reached' : 'missed'} ≤ ${format(most)}`,
];

/** What has no target. */
const bare = (what: string, text: string): readonly string[] => [what, text, ''];

const seconds = (most: number): Limit => ({ most, format: formatSeconds });
const bytes = (most: number): Limit => ({ most, format: formatBytes });

export const figuresTable = (figures: Figures, { files, bigBytes }: Options): Table => {
  const { firstRun, idle, saves, findSeconds, reconcile, cacheBytes, bigPauseSeconds, restarts } = figures;
  const isMany = files >= manyFiles;
  const { walkSeconds } = reconcile;
  const memoryAtWork = (when: string, peak: number): readonly string[] =>
    isMany ? row(`memory ${when} (peak)`, peak, bytes(400e6)) : bare(`memory ${when} (peak)`, formatBytes(peak));
  return {
    title: `${files.toLocaleString('en')} files`,
    head: ['', 'measured', 'target'],
    rows: [
      row(
        'a saved file is confirmed, after the quiet period (median)',
        medianOf(saves.map((save) => save.seconds)),
        seconds(5),
      ),
      bare('the same, the slowest', formatSeconds(Math.max(...saves.map((save) => save.seconds)))),
      bare('CPU time of it (median)', formatSeconds(medianOf(saves.map((save) => save.cpuSeconds)))),
      row('objects it writes (most)', Math.max(...saves.map(({ objects }) => objects)), { most: 6, format: plain }),
      row('bytes it writes (most)', Math.max(...saves.map((save) => save.bytes)), bytes(2 ** 20)),
      bare(
        'bytes it writes to disks, the journal among them (median)',
        formatBytes(medianOf(saves.map((save) => save.writtenBytes))),
      ),
      row('CPU while idle', idle.cpuShare, { most: 0.005, format: percent }),
      row('memory while idle (resident)', idle.residentBytes, bytes(isMany ? 400e6 : 150e6)),
      bare('memory while idle (proportional)', formatBytes(idle.proportionalBytes)),
      memoryAtWork('during the first backup', firstRun.peakBytes),
      memoryAtWork('during a save', Math.max(...saves.map(({ peakBytes }) => peakBytes))),
      memoryAtWork('during a reconcile', reconcile.peakBytes),
      findSeconds === null
        ? bare('walk, against find -printf with stat', 'find is not installed')
        : walkRow(walkSeconds, findSeconds, isMany),
      row('reconcile: everything looked at, nothing changed', reconcile.seconds, seconds(60)),
      bare('CPU time of it', formatSeconds(reconcile.cpuSeconds)),
      ...(isMany ? [row('time for each 200,000 unchanged files', (walkSeconds / files) * 200_000, seconds(1))] : []),
      row('bytes of cache for each file', cacheBytes, { most: 400, format: (value) => value.toFixed(0) }),
      row('pause during the first backup', firstRun.pauseSeconds, seconds(1)),
      row(`pause while a file of ${formatBytes(bigBytes)} is read`, bigPauseSeconds, seconds(1)),
      row('start after kill -9 (median)', medianOf(restarts), seconds(2)),
      bare('the same, the slowest', formatSeconds(Math.max(...restarts))),
    ],
  };
};

/** With fewer files what a run costs in any case is most of it. */
const walkRow = (walkSeconds: number, findSeconds: number, isMany: boolean): readonly string[] => {
  const what = `walk of ${formatSeconds(walkSeconds)}, against find -printf (${formatSeconds(findSeconds)})`;
  const ratio = walkSeconds / findSeconds;
  return isMany ? row(what, ratio, { most: 2, format: times }) : bare(what, times(ratio));
};

/** One changed file, noticed by an agent that heard of it and by programs that look everywhere. */
export const rescanTable = ({ saves, rescans }: Figures, { files }: Options): Table => ({
  title: `One of ${files.toLocaleString('en')} files has changed: what it takes to save it (median)`,
  head: ['', 'time', 'CPU time', 'peak memory'],
  rows: [
    [
      'the agent (after the quiet period)',
      formatSeconds(medianOf(saves.map((save) => save.seconds))),
      formatSeconds(medianOf(saves.map((save) => save.cpuSeconds))),
      formatBytes(medianOf(saves.map((save) => save.peakBytes))),
    ],
    ...rescans.map((rescan) => [
      `another run of ${rescan.program}`,
      formatSeconds(rescan.seconds),
      formatSeconds(rescan.cpuSeconds),
      formatBytes(rescan.peakBytes),
    ]),
  ],
});

export const formatTables = (tables: readonly Table[]): string => tables.map(alignedTable).join('\n\n');

const sectionTitle = ({ files }: Options): string => `# The agent with ${files.toLocaleString('en')} files`;

export const formatSection = (tables: readonly Table[], options: Options, machine: Machine): string => {
  const facts = [
    `- Measured on ${machine.date} by \`npm run bench:agent -- --files ${options.files}\`: a daemon process, ${options.saves} saves.`,
    `- Machine: ${machine.cores} cores of ${machine.processor}, ${formatBytes(machine.memoryBytes)} of memory, ${machine.system}.`,
    `- Disk: ${machine.fileSystem}, ${formatBytes(machine.writeRate)} a second written and synced.`,
    ...(options.isBusy ? ['- The machine had other work meanwhile: times are longer than on a quiet one.'] : []),
  ];
  return `${[sectionTitle(options), facts.join('\n'), ...tables.map(markdownTable)].join('\n\n')}\n`;
};

/** Puts a section in place of the one about as many files, and leaves the others as they are. */
export const replaceSection = (text: string, section: string, options: Options): string => {
  const sections = text.split(/^(?=# )/m).filter((part) => part.trim() !== '');
  const others = sections.filter((part) => !part.startsWith(`${sectionTitle(options)}\n`));
  return [...others.map((part) => `${part.trimEnd()}\n`), section]
    .sort((one, other) => filesOf(one) - filesOf(other))
    .join('\n');
};

const filesOf = (section: string): number => Number(/with ([\d,]+) files/.exec(section)?.[1]?.replaceAll(',', '') ?? 0);
