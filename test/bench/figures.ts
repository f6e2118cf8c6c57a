// From single measurements to medians, ratios and verdicts. Pure.
import type { ProgramName } from './programs.ts';
import { floors, type Workload, type WorkloadId } from './targets.ts';

export type Sample = {
  readonly workload: WorkloadId;
  readonly program: ProgramName;
  readonly round: number;
  /** Until the program ends. */
  readonly seconds: number;
  /** Until what it wrote is on the disk; only restores have it. */
  readonly durableSeconds?: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** What the repository grew by; only backups have it. */
  readonly storedBytes?: number;
};

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export type Summary = {
  readonly seconds: Spread;
  readonly durableSeconds?: Spread;
  readonly cpuSeconds: Spread;
  readonly peakBytes: Spread;
  readonly storedBytes?: Spread;
};

/** By program; a program without a measurement is absent. */
export type Summaries = ReadonlyMap<ProgramName, Summary>;

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (below === undefined || above === undefined || min === undefined || max === undefined)
    throw new RangeError('No values, no median.');
  return { median: (below + above) / 2, min, max };
};

/** Which of the two times is meant. */
export type Clock = 'seconds' | 'durableSeconds';

const summaryOf = (samples: readonly Sample[]): Summary => {
  const stored = samples.map((sample) => sample.storedBytes).filter((bytes) => bytes !== undefined);
  const durable = samples.map((sample) => sample.durableSeconds).filter((seconds) => seconds !== undefined);
  return {
    seconds: spreadOf(samples.map((sample) => sample.seconds)),
    cpuSeconds: spreadOf(samples.map((sample) => sample.cpuSeconds)),
    peakBytes: spreadOf(samples.map((sample) => sample.peakBytes)),
    ...(durable.length > 0 && { durableSeconds: spreadOf(durable) }),
    ...(stored.length > 0 && { storedBytes: spreadOf(stored) }),
  };
};

export const summarise = (samples: readonly Sample[], workload: WorkloadId): Summaries => {
  const own = samples.filter((sample) => sample.workload === workload);
  const byProgram = Map.groupBy(own, (sample) => sample.program);
  return new Map([...byProgram].map(([program, group]) => [program, summaryOf(group)] as const));
};

const minimumOf = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

const quotient = (value: number | undefined, by: number | undefined): number | undefined =>
  value === undefined || by === undefined || by === 0 ? undefined : value / by;

export type Ratios = {
  /** How many times faster Coffer is than the faster of restic and rustic, by medians. */
  readonly againstRestic: number | undefined;
  readonly againstBorg: number | undefined;
  /** Coffer's stored bytes as a multiple of the least that any peer stores, and of what restic stores. */
  readonly storedAgainstBest: number | undefined;
  readonly storedAgainstRestic: number | undefined;
};

export const ratiosOf = (summaries: Summaries, clock: Clock = 'seconds'): Ratios => {
  const seconds = (name: ProgramName): number | undefined => summaries.get(name)?.[clock]?.median;
  const stored = (name: ProgramName): number | undefined => summaries.get(name)?.storedBytes?.median;
  return {
    againstRestic: quotient(minimumOf([seconds('restic'), seconds('rustic')]), seconds('coffer')),
    againstBorg: quotient(seconds('borg'), seconds('coffer')),
    storedAgainstBest: quotient(stored('coffer'), minimumOf([stored('restic'), stored('rustic'), stored('borg')])),
    storedAgainstRestic: quotient(stored('coffer'), stored('restic')),
  };
};

/**
 * What breaks even the floors that a small run on a busy machine must hold. Empty when all is well. Restores count until
 * exit: a sync also waits for what others write to the same disk.
 */
export const floorsBroken = (workload: Workload, summaries: Summaries): readonly string[] => {
  const own = summaries.get('coffer');
  if (own === undefined) return [];
  const peer = minimumOf([summaries.get('restic')?.seconds.median, summaries.get('rustic')?.seconds.median]);
  const { storedAgainstBest } = ratiosOf(summaries);
  const broken: string[] = [];
  if (peer !== undefined && own.seconds.median > floors.timesPeer * peer + floors.extraSeconds)
    broken.push(
      `${workload.title}: Coffer takes ${own.seconds.median.toFixed(1)} s, restic or rustic ${peer.toFixed(1)} s.`,
    );
  if (own.peakBytes.max > floors.peakBytes)
    broken.push(`${workload.title}: Coffer takes ${Math.round(own.peakBytes.max / 1e6)} MB of memory.`);
  if (workload.stored === 'near-best' && storedAgainstBest !== undefined && storedAgainstBest > floors.timesStored)
    broken.push(`${workload.title}: Coffer stores ${storedAgainstBest.toFixed(2)} times as much as the best peer.`);
  return broken;
};
