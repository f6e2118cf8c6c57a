import { assert } from '../base/index.ts';
import { createGearMachine, type GearMachine, windowBytes } from './gear-wasm.ts';
import { type ChunkerParameters, gearLimit } from './parameters.ts';

/**
 * Content-defined cutting (FORMAT.md section 6): where a chunk ends depends on its own bytes and the vault's key alone, so
 * an edit moves the cuts near it and no others.
 *
 *     read bytes into slab[filled …]
 *     while (end = cut(from, filled, isLast)) > 0: the chunk is slab[from … end]; from = end
 *     move slab[from … filled] to the front, and read on
 */
export type Chunker = {
  readonly parameters: ChunkerParameters;
  /** Where content is read into: the memory that the cutting code sees. It holds at least one chunk of the largest size. */
  readonly slab: Uint8Array;
  /**
   * The end of the chunk that begins at `from`, among the slab's first `length` bytes; 0 when more bytes must come first.
   * `isLast` says that the content ends at `length`; then 0 means that no bytes are left.
   */
  cut(from: number, length: number, isLast: boolean): number;
};

const gearTableBytes = 2048;
const slabBytesDefault = 8 * 1024 * 1024;

/** `table` is what crypto derives from the vault's chunker key. */
export function createChunker(
  parameters: ChunkerParameters,
  table: Uint8Array,
  slabBytes: number = slabBytesDefault,
): Chunker {
  const { min, max } = parameters;
  const limit = gearLimit(parameters);
  assert(table.length === gearTableBytes, 'a gear table of 2,048 bytes');
  assert(slabBytes >= max, 'a slab that holds the largest chunk');
  let machine: GearMachine | undefined;
  /** Made when it is first needed: trees that are never cut need none of its megabytes. */
  const made = (): GearMachine => (machine ??= createGearMachine({ table, limit, slabBytes }));
  return {
    parameters,
    get slab() {
      return made().slab;
    },
    cut: (from, length, isLast) => {
      assert(from >= 0 && from <= length && length <= slabBytes, 'a chunk that begins within the slab');
      if (length - from <= min) return isLast && from < length ? length : 0;
      const most = from + max;
      const end = made().run(from + min - windowBytes, Math.min(length, most));
      if (end > 0) return end;
      if (most <= length) return most;
      return isLast ? length : 0;
    },
  };
}

/** The ends of all chunks of content that is in memory, such as a tree. What is not longer than `min` is not even copied. */
export function chunkEnds(chunker: Chunker, content: Uint8Array): number[] {
  const { slab, parameters } = chunker;
  const ends: number[] = [];
  let done = 0;
  while (done < content.length) {
    const left = content.length - done;
    if (left <= parameters.min) {
      ends.push(content.length);
      break;
    }
    const filled = Math.min(left, slab.length);
    slab.set(content.subarray(done, done + filled));
    let from = 0;
    for (;;) {
      const end = chunker.cut(from, filled, filled === left);
      if (end === 0) break;
      ends.push(done + end);
      from = end;
    }
    done += from;
  }
  return ends;
}
