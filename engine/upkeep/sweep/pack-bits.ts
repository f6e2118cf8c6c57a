import { assert } from '../../base/index.ts';

/** A set of packs by their number in a list: an eighth of a byte for each. */
export type PackBits = {
  readonly words: Uint32Array;
  has(pack: number): boolean;
  add(pack: number): void;
  remove(pack: number): void;
  addAll(other: PackBits): void;
  copy(): PackBits;
};

export function createPackBits(count: number, words = new Uint32Array(Math.ceil(count / 32))): PackBits {
  return {
    words,
    has: (pack) => ((words[pack >>> 5] ?? 0) & (1 << (pack & 31))) !== 0,
    add(pack) {
      assert(pack >= 0 && pack < count, 'a pack of the list');
      words[pack >>> 5] = (words[pack >>> 5] ?? 0) | (1 << (pack & 31));
    },
    remove(pack) {
      words[pack >>> 5] = (words[pack >>> 5] ?? 0) & ~(1 << (pack & 31));
    },
    addAll(other) {
      assert(other.words.length === words.length, 'a set over the same list');
      for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) | (other.words[at] ?? 0);
    },
    copy: () => createPackBits(count, words.slice()),
  };
}
