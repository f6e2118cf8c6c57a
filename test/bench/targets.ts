// What is measured, and what is to be reached on two cores. The limits are those the project has set itself.

export type WorkloadId =
  | 'big-first'
  | 'big-restore'
  | 'edit'
  | 'small-first'
  | 'small-rescan'
  | 'small-restore'
  | 'text-first';

export const groupNames = ['big', 'small', 'text', 'edit'] as const;
export type GroupName = (typeof groupNames)[number];

export type Workload = {
  readonly id: WorkloadId;
  readonly title: string;
  /** Times faster than the faster of restic and rustic; `wanted` is the hope beyond it. */
  readonly target?: number;
  readonly wanted?: number;
  readonly targetAgainstBorg?: number;
  readonly peakBytesMax: number;
  /** How the bytes stored are judged: within 3 % of the best peer, or no more than restic. */
  readonly stored?: 'near-best' | 'at-most-restic';
};

const megabyte = 1_000_000;
const peakBytesMax = 300 * megabyte;
const peakBytesMaxBig = 200 * megabyte;

export const storedExcessMax = 0.03;

export const workloads: readonly Workload[] = [
  {
    id: 'big-first',
    title: 'big file, first backup',
    target: 3,
    wanted: 3.5,
    targetAgainstBorg: 2,
    peakBytesMax: peakBytesMaxBig,
    stored: 'near-best',
  },
  { id: 'edit', title: 'big file, edited', target: 2.5, peakBytesMax: peakBytesMaxBig, stored: 'at-most-restic' },
  { id: 'big-restore', title: 'big file, restore', target: 2.3, wanted: 3, peakBytesMax: peakBytesMaxBig },
  { id: 'small-first', title: 'small files, first backup', target: 2.5, peakBytesMax, stored: 'near-best' },
  { id: 'small-rescan', title: 'small files, unchanged', target: 4, peakBytesMax },
  { id: 'small-restore', title: 'small files, restore', target: 1.5, peakBytesMax },
  { id: 'text-first', title: 'text, first backup', peakBytesMax, stored: 'near-best' },
];

/** Only to notice that something broke: small data on a shared machine says nothing finer about speed. */
export const floors = { timesPeer: 5, extraSeconds: 3, peakBytes: 600 * megabyte, timesStored: 1.5 } as const;
