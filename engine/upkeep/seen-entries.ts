import type { DeviceId } from '../base/index.ts';
import type { EntryName } from '../format/index.ts';
import type { DeviceLog, Logs } from '../repository/index.ts';
import type { ObservedTime } from './observed-time.ts';

/**
 * When this installation first saw the entries of each device's log, in observed time: what a snapshot's age and the grace of a
 * mark are counted from. Logs only grow, so a few steps say it for all entries.
 */
export type SeenEntries = {
  readonly epoch: string;
  readonly devices: Readonly<Record<string, SeenLog>>;
};

type SeenLog = {
  /** Entries up to `seq` were seen at `ms`, but for those of the steps before; both rise. */
  readonly steps: readonly (readonly [seq: number, ms: number])[];
  /** Of the newest entry seen: where another stands in its place, the log is another one. */
  readonly hash: string;
};

/** Times are kept in whole hours, rounded up, so that a log of years has few steps. */
const stepMs = 3_600_000;

export function noteSeen(known: SeenEntries | null, logs: Logs, now: ObservedTime): SeenEntries {
  const before = known?.epoch === now.epoch ? known.devices : {};
  const ms = Math.ceil(now.ms / stepMs) * stepMs;
  // A device whose log is away just now is remembered as it was.
  const devices: Record<string, SeenLog> = { ...before };
  for (const log of logs.values()) {
    const seen = seenLog(before[log.device], log, ms);
    if (seen !== null) devices[log.device] = seen;
  }
  return { epoch: now.epoch, devices };
}

function seenLog(before: SeenLog | undefined, { records }: DeviceLog, ms: number): SeenLog | null {
  const newest = records.at(-1);
  if (newest === undefined) return before ?? null;
  const [seenSeq = 0, seenMs = 0] = before?.steps.at(-1) ?? [];
  const isSameLog = before !== undefined && records[seenSeq - 1]?.hash === before.hash;
  if (!isSameLog) return { steps: [[newest.entry.seq, ms]], hash: newest.hash };
  if (newest.entry.seq === seenSeq) return before;
  const kept = seenMs >= ms ? before.steps.slice(0, -1) : before.steps;
  return { steps: [...kept, [newest.entry.seq, Math.max(ms, seenMs)]], hash: newest.hash };
}

/** How long ago, in observed time, this installation first saw an entry; 0 for one that it has not noted. */
export function ageOfEntry(seen: SeenEntries, now: ObservedTime, { device, seq }: EntryName): number {
  if (seen.epoch !== now.epoch) return 0;
  const seenMs = stepOf(seen.devices[device satisfies DeviceId], seq);
  return seenMs === null ? 0 : Math.max(0, now.ms - seenMs);
}

function stepOf(log: SeenLog | undefined, seq: number): number | null {
  const steps = log?.steps ?? [];
  let from = 0;
  let to = steps.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((steps[middle]?.[0] ?? 0) < seq) from = middle + 1;
    else to = middle;
  }
  return steps[from]?.[1] ?? null;
}
