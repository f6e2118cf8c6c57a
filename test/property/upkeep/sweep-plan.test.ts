import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPackBits } from '../../../engine/upkeep/sweep/pack-bits.ts';
import { packListOf } from '../../../engine/upkeep/sweep/pack-list.ts';
import { planSweep } from '../../../engine/upkeep/sweep/plan.ts';

const graceMs = 30;

const pack = fc.record({
  size: fc.integer({ min: 1, max: 100 }),
  isNeeded: fc.boolean(),
  mayComeBack: fc.boolean(),
  isNamed: fc.boolean(),
  /** Ages of its marks. */
  marks: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 2 }),
  knownMs: fc.integer({ min: 0, max: 60 }),
});

type Pack = typeof pack extends fc.Arbitrary<infer Value> ? Value : never;

const nameOf = (number: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? number : 7));

/** The rules once more, a pack at a time, as a person would say them. */
function fateOf(one: Pack): 'stays' | 'mark' | 'delete' {
  if (one.isNeeded) return 'stays';
  if (one.marks.length === 0) return one.isNamed || one.mayComeBack || one.knownMs >= graceMs ? 'mark' : 'stays';
  return one.mayComeBack || Math.max(...one.marks) < graceMs ? 'stays' : 'delete';
}

function planOf(packs: readonly Pack[], mostBytes: number) {
  const hashes = new Uint8Array(Buffer.concat(packs.map((_, number) => nameOf(number))));
  const bytes = packs.reduce((sum, { size }) => sum + size, 0);
  const list = packListOf(hashes, Uint32Array.from(packs.map(({ size }) => size)), bytes);
  const bitsOf = (fits: (one: Pack) => boolean) => {
    const bits = createPackBits(list.count);
    for (const [number, one] of packs.entries()) if (fits(one)) bits.add(number);
    return bits;
  };
  const facts = {
    list,
    needed: bitsOf(({ isNeeded }) => isNeeded),
    kept: bitsOf(({ isNeeded, mayComeBack }) => isNeeded || mayComeBack),
    named: bitsOf(({ isNeeded, mayComeBack, isNamed }) => isNeeded || mayComeBack || isNamed),
    marks: packs.flatMap(({ marks }, number) => marks.map((ageMs) => ({ packs: nameOf(number), ageMs }))),
    unnamedAgeMs: (number: number) => packs[number]?.knownMs ?? 0,
  };
  return planSweep(facts, { graceMs, mostBytes });
}

describe('the plan of a sweep', () => {
  test('does with each pack what the rules say', () => {
    fc.assert(
      fc.property(fc.array(pack, { maxLength: 40 }), (packs) => {
        const { mark, remove } = planOf(packs, Number.POSITIVE_INFINITY);
        const fates = packs.map(fateOf);
        expect([...mark]).toEqual(fates.flatMap((fate, number) => (fate === 'mark' ? [number] : [])));
        expect([...remove]).toEqual(fates.flatMap((fate, number) => (fate === 'delete' ? [number] : [])));
      }),
    );
  });

  test('deletes no more than it may, but one pack at least, and says what waits for the next time', () => {
    fc.assert(
      fc.property(fc.array(pack, { maxLength: 40 }), fc.integer({ min: 0, max: 500 }), (packs, mostBytes) => {
        const { remove, amounts } = planOf(packs, mostBytes);
        const due = planOf(packs, Number.POSITIVE_INFINITY).amounts.removing;
        expect(amounts.removing.bytes <= mostBytes || remove.length === 1).toBe(true);
        expect(remove.length > 0).toBe(due.packs > 0);
        expect(amounts.removing.bytes + amounts.later.bytes).toBe(due.bytes);
      }),
    );
  });

  test('says when the next of those that wait is due', () => {
    const waiting = { size: 1, isNeeded: false, mayComeBack: false, isNamed: true, knownMs: 0 };
    expect(
      planOf(
        [
          { ...waiting, marks: [4] },
          { ...waiting, marks: [11] },
        ],
        10,
      ).nextInMs,
    ).toBe(graceMs - 11);
    expect(planOf([{ ...waiting, marks: [] }], 10).nextInMs).toBeNull();
  });
});
