import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beginObserving,
  gapMostMs,
  gapPerProven,
  type Moment,
  type ObservedTime,
  type OwnLook,
  observe,
  observeAlone,
} from '../../../engine/upkeep/observed-time.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** What happens to a computer. `look`: somebody looks at the clocks. */
type Event =
  | { readonly kind: 'on' | 'asleep' | 'off'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'look' };

const span = fc.oneof(fc.integer({ min: 1, max: dayMs }), fc.integer({ min: 1, max: 60 * dayMs }));
const event = (kinds: readonly Event['kind'][]): fc.Arbitrary<Event> =>
  fc.constantFrom(...kinds).chain((kind): fc.Arbitrary<Event> => {
    if (kind === 'look') return fc.constant({ kind });
    const ms = kind === 'jump' ? fc.integer({ min: -10 * yearMs, max: 10 * yearMs }) : span;
    return ms.map((length) => ({ kind, ms: length }));
  });
const events = (...kinds: Event['kind'][]): fc.Arbitrary<readonly Event[]> =>
  fc.array(event(kinds), { maxLength: 60 }).map((all) => all.flatMap((one) => [one, { kind: 'look' as const }]));

type Life = {
  readonly observed: ObservedTime;
  readonly trueMs: number;
  /** How long the computer was on or slept. */
  readonly countedMs: number;
  /** Of looks after the computer was off, by how much the wall clock had gone ahead since the look before: seven days each at most. */
  readonly liedMs: number;
};

function live(story: readonly Event[], hasNames = true): Life {
  let trueMs = 0;
  let countedMs = 0;
  let liedMs = 0;
  let wallMs = 50 * yearMs;
  let bootedMs = 0;
  let boot = 0;
  let last = { boot, trueMs, wallMs };
  const moment = (): Moment => ({ wallMs, sinceBootMs: trueMs - bootedMs, boot: hasNames ? `boot ${boot}` : null });
  let observed = beginObserving(moment(), 'epoch');
  for (const step of story) {
    if (step.kind === 'jump') wallMs += step.ms;
    else if (step.kind === 'look') {
      observed = observe(observed, moment());
      const aheadMs = wallMs - last.wallMs - (trueMs - last.trueMs);
      if (last.boot !== boot) liedMs += Math.max(0, Math.min(gapMostMs, aheadMs));
      last = { boot, trueMs, wallMs };
    } else {
      trueMs += step.ms;
      wallMs += step.ms;
      if (step.kind === 'off') {
        boot++;
        bootedMs = trueMs;
      } else countedMs += step.ms;
    }
  }
  return { observed, trueMs, countedMs, liedMs };
}

test('a clock that jumps while the computer is on or sleeps makes no time go by', () => {
  fc.assert(
    fc.property(events('on', 'asleep', 'jump', 'look'), (story) => {
      const { observed, trueMs } = live(story);
      expect(observed.ms).toBeLessThanOrEqual(trueMs);
    }),
  );
});

test('a computer that is switched off and on, with a clock that is never set, counts no more than went by', () => {
  fc.assert(
    fc.property(events('on', 'asleep', 'off', 'look'), fc.boolean(), (story, hasNames) => {
      const { observed, trueMs } = live(story, hasNames);
      expect(observed.ms).toBeLessThanOrEqual(trueMs);
    }),
  );
});

test('a clock that was set while nobody counted gains seven days each time, and no more than three times what was counted', () => {
  fc.assert(
    fc.property(events('on', 'asleep', 'off', 'jump', 'look'), (story) => {
      const { observed, trueMs, countedMs, liedMs } = live(story);
      expect(observed.ms).toBeLessThanOrEqual(trueMs + liedMs);
      expect(observed.ms).toBeLessThanOrEqual(countedMs * (1 + gapPerProven));
    }),
  );
});

test('a clock that is set ahead and back at every start is believed once', () => {
  const look = { kind: 'look' } as const;
  const start = (jumpMs: number): Event[] => [
    { kind: 'on', ms: 3 * dayMs },
    look,
    { kind: 'jump', ms: jumpMs },
    { kind: 'off', ms: 1 },
    look,
  ];
  const story = Array.from({ length: 20 }, () => [...start(yearMs), ...start(-yearMs)]).flat();
  const { observed, trueMs } = live(story);
  expect(observed.ms).toBeGreaterThan(trueMs);
  expect(observed.ms).toBeLessThanOrEqual(trueMs + gapMostMs);
});

test('a computer that is on for eight hours of each day counts all days', () => {
  const day: Event[] = [
    { kind: 'on', ms: 8 * hourMs },
    { kind: 'look' },
    { kind: 'off', ms: 16 * hourMs },
    { kind: 'on', ms: 1_000 },
    { kind: 'look' },
  ];
  const { observed, trueMs } = live(Array.from({ length: 100 }, () => day).flat());
  expect(observed.ms).toBe(trueMs);
});

test('time asleep counts in full, and a long time off counts for seven days', () => {
  const on = { kind: 'on', ms: 40 * dayMs } as const;
  const look = { kind: 'look' } as const;
  const asleep = live([on, look, { kind: 'asleep', ms: 90 * dayMs }, look]);
  expect(asleep.observed.ms).toBe(130 * dayMs);
  const off = live([on, look, { kind: 'off', ms: 90 * dayMs }, look]);
  expect(off.observed.ms).toBe(47 * dayMs);
});

test('two computers that count apart in one folder count no more than the wall clock says', () => {
  const start = 50 * yearMs;
  let observed = beginObserving({ wallMs: start, sinceBootMs: 0, boot: 'one' }, 'epoch');
  for (let hour = 1; hour <= 48; hour++) {
    const boot = hour % 2 === 0 ? 'one' : 'two';
    observed = observe(observed, { wallMs: start + hour * hourMs, sinceBootMs: 100 * dayMs + hour * hourMs, boot });
  }
  expect(observed.ms).toBe(48 * hourMs);
});

/** Processes without a counter of the computer: each looks now and then, and the clock is set as anybody likes. */
function liveInProcesses(
  story: readonly { readonly process: number; readonly onMs: number; readonly jumpMs: number }[],
) {
  const own = new Map<number, OwnLook>();
  let trueMs = 40 * dayMs;
  let wallMs = 50 * yearMs;
  let observed = beginObserving({ wallMs, sinceBootMs: 0, boot: null }, 'epoch');
  for (const { process, onMs, jumpMs } of story) {
    trueMs += onMs;
    wallMs += onMs + jumpMs;
    observed = observeAlone(observed, { livedMs: trueMs, wallMs }, own.get(process) ?? null);
    own.set(process, { observed, livedMs: trueMs, wallMs });
  }
  return { ms: observed.ms, trueMs: trueMs - 40 * dayMs };
}

test('where only processes count, several of them and a clock that is set make no more time than went by', () => {
  const step = fc.record({
    process: fc.integer({ min: 0, max: 3 }),
    onMs: fc.integer({ min: 0, max: 10 * dayMs }),
    jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -yearMs, max: yearMs })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (story) => {
      const { ms, trueMs } = liveInProcesses(story);
      expect(ms).toBeLessThanOrEqual(trueMs);
    }),
  );
});

test('an agent that looks counts on, although other processes look in between', () => {
  const agent = { process: 0, onMs: hourMs, jumpMs: 0 };
  const others = [1, 2, 3].map((process) => ({ ...agent, process }));
  expect(liveInProcesses([agent, ...others, agent]).ms).toBe(4 * hourMs);
});
