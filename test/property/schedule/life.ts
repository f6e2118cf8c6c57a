import { type Decision, decide, type Situation } from '../../../engine/agent/schedule/index.ts';
import { assert, type Random } from '../../../engine/base/index.ts';
import { berlin, calm } from '../../unit/agent/schedule/situation.ts';

export type Run = {
  readonly code: string;
  readonly whole: boolean;
  readonly wallMs: number;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly failed: boolean;
  /** The oldest change that it saved. */
  readonly oldestMs: number | null;
};

const ownWords = /^(wait\.(battery|onBattery|metered|network|quietHours|backoff)|paused\.person)$/;

/**
 * The life of an agent: two clocks, a computer that sleeps, changes, and a loop that looks when `decide` says so (or sooner) and
 * runs when it says so. It does what the loop has to do, and checks at each look what holds for every decision.
 */
export function startLife(settings: Pick<Situation, 'schedule' | 'policies'>, random: Random, startMs: number) {
  let situation: Situation = {
    ...calm(settings),
    ...{ nowMs: startMs, lastRun: null, slotDoneMs: null, wholeScan: null, hasRunBefore: false },
  };
  const runs: Run[] = [];
  let failuresToCome = 0;
  let runMostMs = 1000;
  /** The last moment at which a policy, a failure or a sleep kept runs from beginning. */
  let heldMs = situation.monotonicMs;
  const set = (change: Partial<Situation>): void => {
    situation = { ...situation, ...change };
  };
  const pass = (ms: number): void => set({ nowMs: situation.nowMs + ms, monotonicMs: situation.monotonicMs + ms });

  const change = (): void => {
    const now = situation.monotonicMs;
    set({ dirty: { oldestMs: situation.dirty?.oldestMs ?? now, newestMs: now, everything: false } });
  };
  const run = ({ reason, whole }: Extract<Decision, { kind: 'run' }>): void => {
    const { dirty, nowMs, monotonicMs, lastRun } = situation;
    const tookMs = 1 + random.integer(runMostMs);
    set({ dirty: null });
    const changesAfterMs = random.integer(2) === 0 ? random.integer(tookMs) : null;
    pass(changesAfterMs ?? tookMs);
    if (changesAfterMs !== null) {
      change();
      pass(tookMs - changesAfterMs);
    }
    const failed = failuresToCome > 0;
    if (failed) failuresToCome -= 1;
    const endedMs = situation.monotonicMs;
    runs.push({
      code: reason.code,
      whole,
      wallMs: nowMs,
      beganMs: monotonicMs,
      endedMs,
      failed,
      oldestMs: dirty?.oldestMs ?? null,
    });
    const failedInARow = failed ? (lastRun?.failedInARow ?? 0) + 1 : 0;
    set({ lastRun: { endedMs, tookMs, failedInARow, random: random.integer(1000) / 1000 } });
    if (!failed && whole) {
      set({ slotDoneMs: nowMs, wholeScan: { beganMs: monotonicMs, beganWallMs: nowMs }, hasRunBefore: true });
    }
    if (failed) {
      heldMs = endedMs;
      const newestMs = situation.dirty?.newestMs ?? dirty?.newestMs;
      const oldestMs = dirty?.oldestMs ?? situation.dirty?.oldestMs;
      if (newestMs !== undefined && oldestMs !== undefined) set({ dirty: { oldestMs, newestMs, everything: false } });
    }
  };
  const look = (lookMostMs: number): void => {
    const decision = decide(situation);
    if (decision.kind === 'run') return run(decision);
    const { untilMs } = decision;
    if (untilMs === null) throw new Error('an agent that lacks nothing looks again by itself');
    assert(untilMs > situation.monotonicMs, 'the next look lies ahead');
    const restMs = Math.min(lookMostMs, untilMs - situation.monotonicMs);
    if (decision.kind === 'wait' && ownWords.test(decision.reason.code)) heldMs = situation.monotonicMs + restMs;
    pass(restMs);
  };
  return {
    runs,
    now: () => situation,
    heldMs: () => heldMs,
    set,
    change,
    /** Awake for so long, with a change every so often. `check` is called before each look. */
    live(ms: number, { changeEveryMs = Number.POSITIVE_INFINITY, check = (): void => {} } = {}): void {
      const endMs = situation.monotonicMs + ms;
      let nextMs = situation.monotonicMs + changeEveryMs;
      while (situation.monotonicMs < endMs) {
        if (situation.monotonicMs >= nextMs) {
          change();
          nextMs = situation.monotonicMs + changeEveryMs;
        }
        check();
        look(Math.min(endMs, nextMs) - situation.monotonicMs);
      }
    },
    /** Looks only so often, as an agent that is busy; quicker to simulate. */
    liveSlowly(ms: number, lookEveryMs: number): void {
      for (const endMs = situation.monotonicMs + ms; situation.monotonicMs < endMs; ) {
        const beforeMs = situation.monotonicMs;
        look(Number.POSITIVE_INFINITY);
        pass(Math.max(0, beforeMs + random.integer(lookEveryMs) - situation.monotonicMs));
      }
    },
    sleep(ms: number, countsMonotonic: boolean): void {
      set({ nowMs: situation.nowMs + ms, monotonicMs: situation.monotonicMs + (countsMonotonic ? ms : 1) });
      set({ wokeMs: situation.monotonicMs });
      heldMs = situation.monotonicMs;
    },
    setClock: (ms: number): void => set({ nowMs: situation.nowMs + ms }),
    failNext: (count: number): void => {
      failuresToCome = count;
    },
    runsTakeAtMost: (ms: number): void => {
      runMostMs = ms;
    },
    /** The process starts anew: it knows what the journal knows. */
    restart(): void {
      const monotonicMs = random.integer(1_000_000);
      set({ monotonicMs, dirty: null, lastRun: null, wholeScan: null, wokeMs: null });
      heldMs = monotonicMs;
      runs.length = 0;
    },
  };
}

export type Life = ReturnType<typeof startLife>;

/** Each time of day in Berlin between two moments, found by trying every minute: the first that shows it counts. */
export function slotsBetween(minutes: readonly number[], fromMs: number, toMs: number): number[] {
  const minuteMs = 60_000;
  const dayMs = 24 * 60 * minuteMs;
  const chosen = new Set(minutes);
  const slots = new Set<number>();
  const seen = new Set<number>();
  // A day earlier, so that the hour that comes twice is recognised at the start too.
  for (let wallMs = fromMs - dayMs; wallMs < toMs; wallMs += minuteMs) {
    const offsetMs = berlin(wallMs) * minuteMs;
    const skippedMs = offsetMs - berlin(wallMs - 60 * minuteMs) * minuteMs;
    // Within the hour after clocks went forward, the skipped minutes are made up for.
    const shown = skippedMs > 0 ? [wallMs + offsetMs, wallMs + offsetMs - skippedMs] : [wallMs + offsetMs];
    for (const localMs of shown) {
      if (!chosen.has((localMs % dayMs) / minuteMs) || seen.has(localMs)) continue;
      seen.add(localMs);
      if (wallMs >= fromMs) slots.add(wallMs);
    }
  }
  return [...slots];
}
