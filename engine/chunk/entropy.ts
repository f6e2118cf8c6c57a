/**
 * A look at a few bytes that saves compressing what is compressed or random already. It may be wrong in both ways: a false
 * "no" costs time, a false "yes" costs space, never data.
 */
const slices = 8;
const sliceBytes = 256;
const sampleBytes = slices * sliceBytes;

/** Fewer bytes than this say too little about themselves; and so many in a row are looked through for repetition. */
const leastBytes = 512;

/**
 * How much more often than by chance two sampled bytes are alike. Chance alone gives 1 ± 0.01 for a whole sample and ± 0.05
 * for the smallest; compressed formats stay below this, what zstd shrinks by 3 % lies above.
 */
const likenessMost = 1.2;

/** More than so many groups of four bytes seen before mean repetition, which the bytes' frequencies do not show. */
const repeatsMost = 8;

const counts = new Uint32Array(256);
const seen = new Uint32Array(1024);

export function looksIncompressible(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length < leastBytes) return false;
  counts.fill(0);
  const taken = Math.min(length, sampleBytes);
  const step = (length - sliceBytes) / (slices - 1);
  if (length <= sampleBytes) countBytes(bytes, 0, length);
  else for (let slice = 0; slice < slices; slice++) countSlice(bytes, Math.floor(slice * step));
  return areEven(taken) && !repeats(bytes, Math.floor((length - leastBytes) / 2));
}

const countSlice = (bytes: Uint8Array, from: number): void => countBytes(bytes, from, from + sliceBytes);

function countBytes(bytes: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}

/** Whether all byte values occur about as often: by the number of pairs that are alike. */
function areEven(sampled: number): boolean {
  let pairs = 0;
  for (let value = 0; value < 256; value++) {
    const count = counts[value] ?? 0;
    pairs += count * (count - 1);
  }
  return (pairs * 256) / (sampled * (sampled - 1)) < likenessMost;
}

function repeats(bytes: Uint8Array, from: number): boolean {
  seen.fill(0);
  let group = 0;
  let count = 0;
  for (let at = from; at < from + leastBytes; at++) {
    group = (group << 8) | (bytes[at] ?? 0);
    const slot = Math.imul(group, 0x9e3779b1) >>> 22;
    if (seen[slot] === group >>> 0) count++;
    seen[slot] = group;
  }
  return count > repeatsMost;
}
