import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { type Candidate, createSampler, type Kind } from '../../../engine/upkeep/drill/sample.ts';

const day = 24 * 3600 * 1000;
type Numbered = Candidate & { readonly number: number };

const plain = { bytes: 1000, ageMs: 1000 * day, unreadMs: 0 };
const all = ['big', 'recent', 'unread', 'any'] as const satisfies readonly Kind[];

function draw(
  files: readonly Candidate[],
  options: {
    readonly seed: number;
    readonly files?: number;
    readonly bytesMost?: number;
    readonly kinds?: readonly Kind[];
  },
): Numbered[] {
  const { seed, files: count = 8, bytesMost = 1e9, kinds = all } = options;
  const sampler = createSampler<Numbered>({ kinds, files: count, bytesMost, random: seededRandom(seed) });
  for (const [number, file] of files.entries()) sampler.offer({ ...file, number });
  return sampler.drawn();
}

describe('a sample', () => {
  const file = fc.record({
    bytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000_000_000 })),
    ageMs: fc.integer({ min: 0, max: 5000 * day }),
    unreadMs: fc.integer({ min: 0, max: 200 * day }),
  });

  test('has no file twice, keeps within its bytes and its number, and is the same for the same chance', () => {
    const given = fc.record({
      files: fc.array(file, { maxLength: 200 }),
      bytesMost: fc.nat(2_000_000_000),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(given, ({ files, bytesMost, seed }) => {
        const drawn = draw(files, { bytesMost, seed });
        expect(new Set(drawn.map(({ number }) => number)).size).toBe(drawn.length);
        expect(drawn.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(bytesMost);
        expect(drawn.length).toBeLessThanOrEqual(8);
        expect(draw(files, { bytesMost, seed })).toEqual(drawn);
        // Where everything fits, as many are drawn as were asked for, or all.
        if (files.reduce((sum, { bytes }) => sum + bytes, 0) <= bytesMost)
          expect(drawn).toHaveLength(Math.min(8, files.length));
      }),
    );
  });

  test('takes each file with the chance of its weight', () => {
    const chanceOf = (kind: Kind, special: Partial<Candidate>): number => {
      const files = Array.from({ length: 100 }, (_, at) => (at === 50 ? { ...plain, ...special } : plain));
      let count = 0;
      for (let seed = 0; seed < 400; seed++)
        if (draw(files, { seed, files: 1, kinds: [kind] })[0]?.number === 50) count++;
      return count / 400;
    };
    // A hundredth where nothing tells it from the others.
    expect(chanceOf('any', { bytes: 1e8, ageMs: 0, unreadMs: 100 * day })).toBeLessThan(0.04);
    // As much as all others together: a half.
    expect(chanceOf('big', { bytes: 99_000 })).toBeCloseTo(0.5, 0.9);
    expect(chanceOf('recent', { ageMs: 0 })).toBeGreaterThan(0.8);
    expect(chanceOf('unread', { unreadMs: 98 * day })).toBeCloseTo(0.5, 0.9);
  });

  test('is not used up by a few big files', () => {
    const files = Array.from({ length: 100 }, (_, at) => (at < 10 ? { ...plain, bytes: 9e8 } : plain));
    for (let seed = 0; seed < 20; seed++) {
      const drawn = draw(files, { seed });
      expect(drawn.filter(({ bytes }) => bytes > 1000)).toHaveLength(1);
      expect(drawn).toHaveLength(8);
    }
  });

  test('in the long run has every file, however small, old and often read', () => {
    const files = Array.from({ length: 50 }, (_, at) =>
      at < 40 ? { bytes: 1e7, ageMs: 0, unreadMs: 50 * day } : plain,
    );
    const seen = new Set<number>();
    for (let seed = 0; seed < 200; seed++) for (const { number } of draw(files, { seed })) seen.add(number);
    expect(seen.size).toBe(50);
  });
});
