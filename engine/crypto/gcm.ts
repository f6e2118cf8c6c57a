import { assert, CofferError } from '../base/index.ts';
import { createNodeGcm, type GcmBox, type GcmEngine, tagBytes } from './gcm-engine.ts';
import { loadNativeGcm } from './native-gcm.ts';

export { type GcmBox, tagBytes };

export const nonceBytes = 12;

/** Bytes in one piece or in several that belong end to end. */
export type Parts = Uint8Array | readonly Uint8Array[];

let loaded: GcmEngine | undefined;
const engine = (): GcmEngine => {
  loaded ??= loadNativeGcm() ?? createNodeGcm();
  return loaded;
};

export function partsLength(parts: Parts): number {
  if (parts instanceof Uint8Array) return parts.length;
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

/** Writes ciphertext and tag to `out` from `at` on, and returns how many bytes that were. */
export function sealInto(box: GcmBox, input: Parts, out: Uint8Array, at: number): number {
  const length = partsLength(input) + tagBytes;
  assert(at >= 0 && at + length <= out.length, 'room for the sealed bytes');
  const gcm = engine();
  gcm.beginSeal(box);
  let end = at;
  for (const part of input instanceof Uint8Array ? [input] : input) {
    gcm.seal(part, out.subarray(end, end + part.length));
    end += part.length;
  }
  gcm.endSeal(out.subarray(end, end + tagBytes));
  return length;
}

export function seal(box: GcmBox, input: Parts): Uint8Array {
  const out = new Uint8Array(partsLength(input) + tagBytes);
  sealInto(box, input, out, 0);
  return out;
}

/**
 * Writes the plaintext to `out` from `at` on, and returns how many bytes that were. When the tag does not fit, what was
 * written is wiped before the error leaves, so that nobody can use bytes nobody vouches for. `name` is the object's, for the error.
 */
export function openInto(box: GcmBox, sealed: Uint8Array, out: Uint8Array, at: number, name: string): number {
  if (sealed.length < tagBytes) throw new CofferError('object.damaged', { key: name, reason: 'it is cut short' });
  const length = sealed.length - tagBytes;
  assert(at >= 0 && at + length <= out.length, 'room for the opened bytes');
  const gcm = engine();
  gcm.beginOpen(box, sealed.subarray(length));
  gcm.open(sealed.subarray(0, length), out.subarray(at, at + length));
  if (gcm.endOpen()) return length;
  out.fill(0, at, at + length);
  throw new CofferError('object.damaged', { key: name, reason: 'its bytes were changed' });
}

export function open(box: GcmBox, sealed: Uint8Array, name: string): Uint8Array {
  const out = new Uint8Array(Math.max(0, sealed.length - tagBytes));
  openInto(box, sealed, out, 0, name);
  return out;
}

/** Small enough to stay in the processor's cache between opening and comparing. */
const proofBytes = 64 * 1024;
let proof: Uint8Array | undefined;

/** Whether the sealed bytes open to exactly this plaintext. */
export function opensTo(box: GcmBox, sealed: Uint8Array, plain: Uint8Array): boolean {
  if (sealed.length !== plain.length + tagBytes) return false;
  const gcm = engine();
  proof ??= new Uint8Array(proofBytes);
  gcm.beginOpen(box, sealed.subarray(plain.length));
  let same = true;
  for (let from = 0; from < plain.length && same; from += proofBytes) {
    const part = plain.subarray(from, from + proofBytes);
    const opened = proof.subarray(0, part.length);
    gcm.open(sealed.subarray(from, from + part.length), opened);
    same = Buffer.compare(opened, part) === 0;
  }
  return gcm.endOpen() && same;
}
