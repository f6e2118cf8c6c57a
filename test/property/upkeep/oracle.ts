import { believedSeqs } from '../../../engine/upkeep/retention/believed.ts';
import type { Candidate } from '../../../engine/upkeep/retention/plan.ts';
import type { RetentionPolicy } from '../../../engine/upkeep/retention/policy.ts';

/**
 * What a policy keeps, said the obvious way: each rule by itself, in words about calendars. Returns numbers in rising order.
 * Whose times are believed is taken over; that has a test of its own.
 */
export function oracleKept(
  candidates: readonly Candidate[],
  policy: RetentionPolicy,
  offsetAt: (timeMs: number) => number,
): number[] {
  const believed = believedSeqs(candidates);
  const kept = new Set<number>();
  for (const sources of new Set(candidates.map((candidate) => candidate.sources))) {
    const group = candidates.filter((candidate) => candidate.sources === sources);
    for (const { seq } of group.slice(-Math.max(1, policy.last))) kept.add(seq);
    for (const { seq, tags, isPinned, ageMs } of group) {
      if (isPinned || !believed.has(seq) || ageMs < policy.withinMs) kept.add(seq);
      if (tags.some((tag) => policy.tags.includes(tag))) kept.add(seq);
    }
    const timed = group.filter(({ seq }) => believed.has(seq));
    for (const [rule, name] of Object.entries(names)) {
      const wanted = policy[rule as keyof typeof names];
      const periods = new Map<string, number>();
      for (const { seq, timeMs } of timed) periods.set(name(timeMs, offsetAt(timeMs)), seq);
      const newest = [...periods.values()].slice(-wanted);
      if (wanted === 0) continue;
      for (const seq of newest) kept.add(seq);
      if (newest.length < wanted && timed[0] !== undefined) kept.add(timed[0].seq);
    }
  }
  return [...kept].sort((left, right) => left - right);
}

const local = (timeMs: number, offset: number): string => new Date(timeMs + offset * 60_000).toISOString();

const names = {
  hourly: (timeMs: number) => new Date(timeMs).toISOString().slice(0, 13),
  daily: (timeMs: number, offset: number) => local(timeMs, offset).slice(0, 10),
  weekly: (timeMs: number, offset: number) => mondayOf(local(timeMs, offset)),
  monthly: (timeMs: number, offset: number) => local(timeMs, offset).slice(0, 7),
  yearly: (timeMs: number, offset: number) => local(timeMs, offset).slice(0, 4),
};

/** Walks back day by day. */
function mondayOf(iso: string): string {
  const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
