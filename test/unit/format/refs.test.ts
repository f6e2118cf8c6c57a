import { describe, expect, test } from 'vitest';
import { AssertionError, snapshotId } from '../../../engine/base/index.ts';
import { applyRefs, decodeRefs, diffRefs, encodeRefs, isRising, type Refs } from '../../../engine/format/index.ts';
import { damageOf } from '../../support/damage.ts';

/** Hashes named by their first byte. */
const hashes = (...names: number[]): Uint8Array => {
  const list = new Uint8Array(32 * names.length);
  for (const [at, name] of names.entries()) list.fill(name, 32 * at, 32 * at + 1);
  return list;
};
const full: Refs = { snapshot: snapshotId('aa'.repeat(32)), base: null, depth: 0, added: hashes(), removed: hashes() };
const change = (added: Uint8Array, removed: Uint8Array): Refs => ({
  ...full,
  base: 'bb'.repeat(32),
  depth: 1,
  added,
  removed,
});

const isRefused = (run: () => unknown): boolean => damageOf(run) !== null;

describe('applying a change', () => {
  const base = hashes(2, 4, 6);

  test.each([
    ['nothing', hashes(), hashes(), hashes(2, 4, 6)],
    ['some around and between', hashes(1, 3, 7), hashes(), hashes(1, 2, 3, 4, 6, 7)],
    ['some gone', hashes(), hashes(2, 6), hashes(4)],
    ['all gone', hashes(), hashes(2, 4, 6), hashes()],
    ['all others', hashes(1, 9), hashes(2, 4, 6), hashes(1, 9)],
  ])('%s', (_, added, removed, expected) => {
    expect(applyRefs(base, change(added, removed), 'it')).toEqual(expected);
    expect(diffRefs(base, expected)).toEqual({ added, removed });
  });

  test.each([
    ['adding what is there', hashes(4), hashes()],
    ['adding and removing the same', hashes(4), hashes(4)],
    ['removing what is not there', hashes(), hashes(3)],
    ['removing beyond the end', hashes(), hashes(2, 9)],
  ])('%s is damage', (_, added, removed) => {
    expect(isRefused(() => applyRefs(base, change(added, removed), 'it'))).toBe(true);
  });

  test('a full list stands for itself', () => {
    expect(applyRefs(hashes(), { ...full, added: hashes(1, 2) }, 'it')).toEqual(hashes(1, 2));
  });
});

test('lists that do not rise are neither written nor read', () => {
  for (const wrong of [hashes(2, 1), hashes(1, 1), hashes(1).subarray(1)]) {
    expect(isRising(wrong)).toBe(false);
    expect(() => encodeRefs({ ...full, added: wrong })).toThrow(AssertionError);
  }
  const bytes = encodeRefs({ ...full, added: hashes(1, 2) });
  bytes[84] = 3;
  expect(isRefused(() => decodeRefs(bytes, 'it'))).toBe(true);
});

test('depth and base belong together', () => {
  const bad: Partial<Refs>[] = [
    { depth: 1 },
    { removed: hashes(1) },
    { base: 'bb'.repeat(32) },
    { base: 'bb'.repeat(32), depth: 64 },
  ];
  for (const wrong of bad) expect(() => encodeRefs({ ...full, ...wrong })).toThrow(AssertionError);
  const bytes = encodeRefs(change(hashes(1), hashes(2)));
  for (const depth of [0, 64, 255]) {
    const changed = Uint8Array.from(bytes);
    changed[72] = depth;
    expect(isRefused(() => decodeRefs(changed, 'it'))).toBe(true);
  }
});
