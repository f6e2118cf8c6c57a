import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PackId, packId } from '../../../engine/base/index.ts';
import { chooseToRead, coverageOf, readWithinDays, type UnreadPack } from '../../../engine/upkeep/verify/choose.ts';

const dayMs = 24 * 3600 * 1000;
const nameOf = (number: number): PackId => packId(number.toString(16).padStart(64, '0'));

/** A place through days: packs come and go, and on days on which the computer is on, what is due is read. */
type Day = { readonly isOn: boolean; readonly come: readonly number[]; readonly go: readonly number[] };

type Kept = UnreadPack & { readonly seenDay: number };

type Life = { readonly latest: number; readonly mostOfADay: number; readonly bytesOf: readonly number[] };

/** Days from when a pack was read, or first seen, until it is read: the longest of all. */
function live(days: readonly Day[], clockOf: (day: number) => number = (day) => day * dayMs): Life {
  const packs = new Map<PackId, Kept>();
  let made = 0;
  let turn = 0;
  let latest = 0;
  let mostOfADay = 0;
  const bytesOf: number[] = [];
  for (const [day, { isOn, come, go }] of days.entries()) {
    for (const bytes of come) {
      const pack = nameOf(++made * 7919);
      packs.set(pack, { pack, bytes, turn: turn + 1, sinceMs: clockOf(day), seenDay: day });
    }
    for (const at of go) packs.delete([...packs.keys()][at % Math.max(1, packs.size)] ?? nameOf(0));
    if (!isOn) continue;
    turn++;
    const all = [...packs.values()];
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const chosen = chooseToRead(all, { kind: 'due' }, clockOf(day));
    const bytes = chosen.reduce((sum, pack) => sum + pack.bytes, 0);
    bytesOf.push(bytes);
    if (total > 0) mostOfADay = Math.max(mostOfADay, bytes / total);
    for (const { pack } of chosen) {
      const before = packs.get(pack);
      if (before === undefined) throw new Error('a pack that is not there was chosen');
      latest = Math.max(latest, day - before.seenDay);
      packs.set(pack, { ...before, turn: turn + 1, sinceMs: clockOf(day), seenDay: day });
    }
    for (const { seenDay } of packs.values()) latest = Math.max(latest, day - seenDay);
  }
  return { latest, mostOfADay, bytesOf };
}

const size = fc.integer({ min: 1_000, max: 16_000_000 });
const dayWith = (isOn: fc.Arbitrary<boolean>): fc.Arbitrary<Day> =>
  fc.record({
    isOn,
    come: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(size, { maxLength: 20 }) },
    ),
    go: fc.oneof(
      { weight: 9, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(), { maxLength: 20 }) },
    ),
  });
const begun = (days: readonly Day[], sizes: readonly number[]): Day[] => [{ isOn: true, come: sizes, go: [] }, ...days];

describe('what is due', () => {
  test('read once a day, leaves no byte unread for longer than a hundred days, whatever comes and goes', () => {
    const given = fc.record({
      sizes: fc.array(size, { minLength: 1, maxLength: 400 }),
      days: fc.array(dayWith(fc.constant(true)), { minLength: 120, maxLength: 260 }),
    });
    const check = ({ sizes, days }: { sizes: readonly number[]; days: readonly Day[] }): void => {
      expect(live(begun(days, sizes)).latest).toBeLessThanOrEqual(readWithinDays);
    };
    fc.assert(fc.property(given, check), { numRuns: 60, interruptAfterTimeLimit: 20_000 });
    // A vault that loses all that was read already: what is left must not wait for a second hundred days.
    const shrinking = Array.from({ length: 200 }, (_, day) => ({
      ...{ isOn: true, come: [] },
      go: day === 50 ? Array.from({ length: 50 }, () => 0) : [],
    }));
    check({ sizes: Array.from({ length: 100 }, () => 1_000_000), days: shrinking });
  });

  test('is caught up after days off: a computer that is on every third day reads all of it too', () => {
    const given = fc.record({
      sizes: fc.array(size, { minLength: 1, maxLength: 200 }),
      days: fc.array(dayWith(fc.constant(true)), { minLength: 200, maxLength: 260 }),
    });
    fc.assert(
      fc.property(given, ({ sizes, days }) => {
        const sometimes = days.map((day, number) => ({ ...day, isOn: number % 3 === 0 }));
        // Nothing can be read on a day off: those are all that may be added.
        expect(live(begun(sometimes, sizes)).latest).toBeLessThanOrEqual(readWithinDays + 3);
      }),
      { numRuns: 30, interruptAfterTimeLimit: 20_000 },
    );
  });

  test('of a vault that does not change is a hundredth a day, and a pack at most', () => {
    const days = Array.from({ length: 300 }, (): Day => ({ isOn: true, come: [], go: [] }));
    const { bytesOf } = live(
      begun(
        days,
        Array.from({ length: 1000 }, () => 16_000_000),
      ),
    );
    expect(Math.min(...bytesOf)).toBeGreaterThan(0);
    expect(Math.max(...bytesOf)).toBeLessThanOrEqual((1000 / 100 + 1) * 16_000_000);
  });

  test('is never more than a tenth and a pack, also when a clock jumps by years', () => {
    const given = fc.record({
      sizes: fc.array(size, { minLength: 1, maxLength: 200 }),
      jumps: fc.array(fc.integer({ min: -3650, max: 3650 }), { minLength: 40, maxLength: 40 }),
    });
    fc.assert(
      fc.property(given, ({ sizes, jumps }) => {
        const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
        const days = jumps.map((): Day => ({ isOn: true, come: [], go: [] }));
        const { bytesOf, latest } = live(begun(days, sizes), (day) => (day + (jumps[day] ?? 0)) * dayMs);
        expect(Math.max(...bytesOf)).toBeLessThanOrEqual(total / 10 + Math.max(...sizes));
        expect(latest).toBeLessThanOrEqual(readWithinDays);
      }),
    );
  });
});

describe('what is chosen', () => {
  const packs = Array.from(
    { length: 50 },
    (_, at): UnreadPack => ({
      ...{ pack: nameOf(at), bytes: 1_000_000 },
      ...{ turn: (at * 7) % 50, sinceMs: 0 },
    }),
  );

  test('are always those that wait longest', () => {
    fc.assert(
      // Parts of 64, which binary fractions hold exactly.
      fc.property(fc.integer({ min: 1, max: 64 }), (parts) => {
        const chosen = chooseToRead(packs, { kind: 'share', share: parts / 64 }, 0);
        expect(chosen.map(({ turn }) => turn)).toEqual(
          Array.from({ length: Math.ceil((parts * 50) / 64) }, (_, at) => at),
        );
      }),
    );
  });

  test('are no more bytes than were allowed, yet one pack, and everything where that was asked for', () => {
    const count = (bytes: number): number => chooseToRead(packs, { kind: 'bytes', bytes }, 0).length;
    expect([count(1), count(2_500_000), count(3_000_000)]).toEqual([1, 2, 3]);
    expect(chooseToRead(packs, { kind: 'all' }, 0)).toHaveLength(50);
    expect(chooseToRead([], { kind: 'due' }, 0)).toEqual([]);
  });
});

test('how far everything was read counts what is whole and fresh, and names the oldest only when all was read', () => {
  const pack = (at: number, state: 'seen' | 'whole' | 'damaged', days: number) => ({
    ...{ pack: nameOf(at), bytes: 10, turn: 1, sinceMs: (200 - days) * dayMs, state },
  });
  const now = 200 * dayMs;
  const all = [pack(1, 'whole', 3), pack(2, 'whole', 120), pack(3, 'damaged', 1)];
  expect(coverageOf(all, now)).toEqual({ packs: 3, bytes: 30, readBytes: 10, oldestMs: 80 * dayMs });
  expect(coverageOf([...all, pack(4, 'seen', 1)], now)).toMatchObject({ bytes: 40, oldestMs: null });
  expect(coverageOf([], now)).toEqual({ packs: 0, bytes: 0, readBytes: 0, oldestMs: null });
});
