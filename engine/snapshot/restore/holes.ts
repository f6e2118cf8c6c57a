import { chunkIdBytes, equalBytes } from '../../base/index.ts';
import type { IdHasher } from '../../crypto/index.ts';

/**
 * [Note: Holes are left out only where zeros belong] The list of holes came from the file system, the bytes were read by
 * themselves, and the two can disagree: file systems have called fresh data a hole (ZFS in 2023). What was read decides.
 *
 * Gives the parts of a range that are to be written: all but what lies in a hole and is zero. Holes are offset, length,
 * offset, length, rising.
 */
export function dataBetween(
  holes: readonly number[],
  start: number,
  end: number,
  isZeroBetween: (from: number, to: number) => boolean,
): [number, number][] {
  const data: [number, number][] = [];
  let from = start;
  for (let index = firstHoleAfter(holes, start); index < holes.length && from < end; index += 2) {
    const hole = Math.max(start, holes[index] ?? end);
    const holeEnd = Math.min(end, (holes[index] ?? end) + (holes[index + 1] ?? 0));
    if (hole >= end) break;
    if (!isZeroBetween(hole, holeEnd)) continue;
    if (hole > from) data.push([from, hole]);
    from = holeEnd;
  }
  if (from < end) data.push([from, end]);
  return data;
}

/** Whether a range lies in holes from end to end. */
export function isHole(holes: readonly number[] | undefined, start: number, end: number): boolean {
  return holes !== undefined && dataBetween(holes, start, end, () => true).length === 0;
}

/** Index of the first hole that ends after a position. */
function firstHoleAfter(holes: readonly number[], position: number): number {
  let low = 0;
  let high = holes.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((holes[middle * 2] ?? 0) + (holes[middle * 2 + 1] ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low * 2;
}

/** Whether a chunk is nothing but zeros, told by its id alone: the zeros of an empty terabyte need not be fetched. */
export type ZeroChunks = (ids: Uint8Array, chunk: number, length: number) => boolean;

export function createZeroChunks(idOf: IdHasher): ZeroChunks {
  /** Of the last length that was asked for: all chunks of a hole but its last are equally long. */
  let known: { readonly length: number; readonly id: Uint8Array } | null = null;
  return (ids, chunk, length) => {
    if (known?.length !== length) known = { length, id: idOf(new Uint8Array(length)) };
    const at = chunk * chunkIdBytes;
    return equalBytes(ids.subarray(at, at + chunkIdBytes), known.id);
  };
}
