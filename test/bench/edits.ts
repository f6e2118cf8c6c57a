import type { Random } from './random.ts';

/** From `offset` in the original, `removed` bytes give way to `inserted` new ones. */
export type Edit = { readonly offset: number; readonly removed: number; readonly inserted: number };

const editBytesMax = 64;

/**
 * Scattered small edits in the order of their offsets: half replace a few bytes, the others insert or remove some, so that
 * all that follows moves. They never overlap, and together they always change the length, by which a swapped file is told.
 */
export const planEdits = (random: Random, size: number, count: number): readonly Edit[] => {
  const stride = Math.floor(size / count);
  if (stride < 2 * editBytesMax) throw new RangeError(`${count} edits do not fit into ${size} bytes.`);
  const edits = Array.from({ length: count }, (_, index): Edit => {
    const offset = index * stride + random.below(stride - editBytesMax);
    const length = 1 + random.below(editBytesMax);
    const kinds = [
      { offset, removed: length, inserted: length },
      { offset, removed: 0, inserted: length },
      { offset, removed: length, inserted: length },
      { offset, removed: length, inserted: 0 },
    ] as const;
    return kinds[index % 4] ?? kinds[0];
  });
  if (lengthAfter(edits, size) !== size) return edits;
  return edits.map((edit, index) => (index === 0 ? { ...edit, inserted: edit.inserted + 1 } : edit));
};

export const lengthAfter = (edits: readonly Edit[], size: number): number =>
  edits.reduce((length, edit) => length + edit.inserted - edit.removed, size);
