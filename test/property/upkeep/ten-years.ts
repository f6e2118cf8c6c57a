import { deviceId, snapshotId } from '../../../engine/base/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { beginObserving, gapMostMs, type ObservedTime, observe } from '../../../engine/upkeep/observed-time.ts';
import { type Candidate, planRetention } from '../../../engine/upkeep/retention/plan.ts';
import { emptyPolicy } from '../../../engine/upkeep/retention/policy.ts';
import { ageOfEntry, noteSeen, type SeenEntries } from '../../../engine/upkeep/seen-entries.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** Two hours ahead in summer, one in winter: the hour that comes twice, and the one that does not come, are in it. */
const offsetAt = (timeMs: number): number => {
  const month = new Date(timeMs).getUTCMonth();
  return month >= 3 && month < 10 ? 120 : 60;
};

type Made = Candidate & { readonly trueMs: number };

/** How a life ended: what went before its time. */
export type Early = { readonly seq: number; readonly trueAgeDays: number };
export type Lived = {
  /** How many went whose promise no clock could have shortened. */
  readonly strictly: number;

  readonly early: readonly Early[];
  readonly made: number;
  readonly gone: number;
  readonly jumps: number;
};

/** `wall` is the planted bug: an age that the wall clock alone gives. */
export type AgeBy = 'observed' | 'wall';

const withinDays = 30;
const policy = { ...emptyPolicy, withinMs: withinDays * dayMs, daily: 60, weekly: 26, monthly: 24, yearly: 20 };

/**
 * Ten years of one laptop that sleeps, is switched off at night and for weeks, whose clock is set to anything within ten years
 * ahead or back, and right again (`isWatched`: never while nobody counts), whose memory of time is lost now and then, and which plans and forgets every other day.
 */
export function liveTenYears(seed: number, ageBy: AgeBy, isWatched: boolean): Lived {
  const draw = drawer(seed);
  const device = deviceId('01'.repeat(16));
  const start = Date.UTC(2026, 0, 1);
  const log: Made[] = [];
  const records: { readonly hash: string; readonly entry: never }[] = [];
  let standing: Made[] = [];
  const early: Early[] = [];
  let trueMs = 0;
  let offMs = 0;
  let boot = 0;
  let bootedMs = 0;
  let jumps = 0;
  let strictly = 0;
  let observed: ObservedTime | null = null;
  let seen: SeenEntries | null = null;
  let last = { trueMs, wallMs: start, boot };
  /** When the wall clock lied about a time in which nobody counted, and for how long it could. */
  const lies: { readonly trueMs: number; readonly ms: number }[] = [];

  const wallMs = (): number => start + trueMs + offMs;
  const look = (): ObservedTime => {
    const moment = { wallMs: wallMs(), sinceBootMs: trueMs - bootedMs, boot: `boot ${boot}` };
    if (draw(2_000) === 0) observed = null;
    observed = observed === null ? beginObserving(moment, `epoch ${trueMs}`) : observe(observed, moment);
    const aheadMs = moment.wallMs - last.wallMs - (trueMs - last.trueMs);
    if (last.boot !== boot && aheadMs > 0) lies.push({ trueMs, ms: Math.min(gapMostMs, aheadMs) });
    last = { trueMs, wallMs: moment.wallMs, boot };
    seen = noteSeen(seen, new Map([[device, { device, records, broken: null }]]), observed);
    return observed;
  };
  const plan = (now: ObservedTime): void => {
    const aged = standing.map((made) => ({
      ...made,
      ageMs:
        ageBy === 'wall'
          ? Math.max(0, wallMs() - made.timeMs)
          : Math.max(0, Math.min(ageOfEntry(seen as SeenEntries, now, made), wallMs() - made.timeMs)),
    }));
    const logs = new Map([[device, log]]);
    const gone = new Set(
      planRetention({ candidates: aged, logs, isBroken: false, policy, offsetAt }).go.map(({ seq }) => seq),
    );
    for (const made of standing) {
      if (!gone.has(made.seq)) continue;
      const liedMs = lies.reduce((sum, lie) => sum + (lie.trueMs > made.trueMs ? lie.ms : 0), 0);
      if (liedMs === 0) strictly++;
      const ageMs = trueMs - made.trueMs;
      if (ageMs < withinDays * dayMs - liedMs) early.push({ seq: made.seq, trueAgeDays: ageMs / dayMs });
    }
    standing = standing.filter(({ seq }) => !gone.has(seq));
  };

  while (trueMs < 10 * yearMs) {
    const what = draw(100);
    if (what < 45) trueMs += draw(8) * hourMs + draw(hourMs);
    else if (what < 60) trueMs += draw(16) * hourMs;
    else if (what < 85) {
      trueMs += draw(20) === 0 ? draw(40) * dayMs : draw(16) * hourMs;
      boot++;
      bootedMs = trueMs;
    } else if (what < 88) {
      if (isWatched) look();
      offMs = draw(3) === 0 ? draw(20 * 365) * dayMs - 10 * yearMs : draw(2) * (draw(6) - 3) * hourMs;
      jumps++;
      if (isWatched) look();
    } else if (what < 92) {
      if (isWatched) look();
      offMs = 0;
      if (isWatched) look();
    }
    if (what % 2 === 0) {
      const seq = log.length + 1;
      log.push({
        ...{ id: snapshotId(String(seq).padStart(64, '0')), device, seq, timeMs: wallMs(), trueMs, ageMs: 0 },
        ...{ sources: '/home', tags: [], isPinned: false },
      });
      // Only its number is looked at.
      records.push({ hash: `${seq}`, entry: { device, seq } as never });
      standing.push(log.at(-1) as Made);
      look();
    }
    if (what % 23 === 0) plan(look());
  }
  return { strictly, early, made: log.length, gone: log.length - standing.length, jumps };
}

function drawer(seed: number): (below: number) => number {
  const random = seededRandom(seed);
  return (below) => {
    const bytes = random.bytes(4);
    return (
      ((((bytes[0] ?? 0) << 24) >>> 0) + ((bytes[1] ?? 0) << 16) + ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0)) % below
    );
  };
}
