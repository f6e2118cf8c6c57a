import { assert, type DeviceId, type SnapshotId } from '../../base/index.ts';
import { believedSeqs, type Timed } from './believed.ts';
import { type OffsetMinutesAt, type PeriodRule, periodOf, periodRules } from './periods.ts';
import { isEmptyPolicy, type RetentionPolicy } from './policy.ts';

/** A snapshot that is there, and all that a plan looks at. */
export type Candidate = Timed & {
  readonly id: SnapshotId;
  readonly device: DeviceId;
  /** The same text for the same set of sources. */
  readonly sources: string;
  readonly tags: readonly string[];
  readonly isPinned: boolean;
  /** How long it has surely been there. */
  readonly ageMs: number;
};

export type KeepReason =
  | 'newest'
  | 'pinned'
  | 'tag'
  | 'last'
  | PeriodRule
  | 'within'
  /** The device's clock was wrong when it was made, so no rule about time says when it may go. */
  | 'time'
  /** A device's log does not hold together: whoever broke it may have taken away a pin, of a snapshot of any device. */
  | 'log';

/** Without a reason to be kept it goes. */
export type Judged<Of extends Candidate = Candidate> = {
  readonly snapshot: Of;
  readonly reasons: readonly KeepReason[];
};

/** Of one device and one set of sources, newest first. */
export type JudgedGroup<Of extends Candidate = Candidate> = {
  readonly device: DeviceId;
  readonly sources: string;
  readonly judged: readonly Judged<Of>[];
};

export type RetentionPlan<Of extends Candidate = Candidate> = {
  readonly groups: readonly JudgedGroup<Of>[];
  readonly keep: readonly Judged<Of>[];
  readonly go: readonly Of[];
};

export type RetentionQuestion<Of extends Candidate> = {
  readonly candidates: readonly Of[];
  /** The whole logs of the devices, by their numbers: also what is forgotten, and what is no snapshot. */
  readonly logs: ReadonlyMap<DeviceId, readonly Timed[]>;
  /** The log of some device does not hold together: then nothing goes by rule. */
  readonly isBroken: boolean;
  readonly policy: RetentionPolicy;
  readonly offsetAt: OffsetMinutesAt;
};

/**
 * Decides what is kept, and why. Within a group the order is that of the device's log, never that of its clock. Each device
 * and each set of sources is judged for itself, because nothing orders the logs of two devices; so none ever loses its newest snapshot
 * to another.
 */
export function planRetention<Of extends Candidate>(question: RetentionQuestion<Of>): RetentionPlan<Of> {
  assert(!isEmptyPolicy(question.policy), 'a policy that keeps something');
  const groups = [...Map.groupBy(question.candidates, ({ device, sources }) => `${device} ${sources}`).values()];
  const believed = new Map<DeviceId, ReadonlySet<number>>();
  for (const [device, log] of question.logs) believed.set(device, believedSeqs(log));
  const judged = groups.map((group) => judgeGroup(group, question, believed));
  const all = judged.flatMap((group) => group.judged);
  return {
    groups: judged,
    keep: all.filter(({ reasons }) => reasons.length > 0),
    go: all.filter(({ reasons }) => reasons.length === 0).map(({ snapshot }) => snapshot),
  };
}

function judgeGroup<Of extends Candidate>(
  group: readonly Of[],
  { policy, offsetAt, isBroken }: RetentionQuestion<Of>,
  believed: ReadonlyMap<DeviceId, ReadonlySet<number>>,
): JudgedGroup<Of> {
  const newestFirst = group.toSorted((left, right) => right.seq - left.seq);
  const [newest] = newestFirst;
  assert(newest !== undefined, 'a group has a snapshot');
  const hasTime = (snapshot: Of): boolean => believed.get(snapshot.device)?.has(snapshot.seq) ?? false;
  const timed = newestFirst.filter(hasTime);
  const byPeriod = new Map(periodRules.map((rule) => [rule, keptByPeriod(timed, rule, policy[rule], offsetAt)]));
  const judged = newestFirst.map((snapshot, at) => {
    const reasons: KeepReason[] = [];
    if (at === 0) reasons.push('newest');
    if (snapshot.isPinned) reasons.push('pinned');
    if (snapshot.tags.some((tag) => policy.tags.includes(tag))) reasons.push('tag');
    if (at < policy.last) reasons.push('last');
    for (const rule of periodRules) if (byPeriod.get(rule)?.has(snapshot)) reasons.push(rule);
    if (snapshot.ageMs < policy.withinMs) reasons.push('within');
    if (!hasTime(snapshot)) reasons.push('time');
    if (isBroken) reasons.push('log');
    return { snapshot, reasons };
  });
  return { device: newest.device, sources: newest.sources, judged };
}

/** The newest of each of the last `count` periods that have one; and the oldest of all, until there are so many. */
function keptByPeriod<Of extends Candidate>(
  newestFirst: readonly Of[],
  rule: PeriodRule,
  count: number,
  offsetAt: OffsetMinutesAt,
): Set<Of> {
  const kept = new Set<Of>();
  let last: number | null = null;
  for (const [at, snapshot] of newestFirst.entries()) {
    if (kept.size >= count) break;
    const period = periodOf(rule, snapshot.timeMs, offsetAt);
    if (period !== last || at === newestFirst.length - 1) kept.add(snapshot);
    last = period;
  }
  return kept;
}
