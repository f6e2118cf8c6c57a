import { assert, limits } from '../base/index.ts';
import { windowBytes } from './gear-wasm.ts';

/** Sizes of chunks in bytes; they stand in the vault's config, and config's decoder has judged them before. */
export type ChunkerParameters = { readonly min: number; readonly average: number; readonly max: number };

export function areChunkerParameters({ min, average, max }: ChunkerParameters): boolean {
  const areIntegers = [min, average, max].every(Number.isInteger);
  return areIntegers && min > windowBytes && average >= min + 2 && average <= max && max <= limits.pieceRawBytes;
}

/** A chunk ends where the hash is below this: once in (average − min) places, so that the mean chunk has the average. */
export function gearLimit(parameters: ChunkerParameters): bigint {
  assert(areChunkerParameters(parameters), 'chunker parameters within the limits of the format');
  return (1n << 64n) / BigInt(parameters.average - parameters.min);
}
