import { assert } from '../base/index.ts';
import { createNodeGcm, type GcmBox, type GcmEngine, tagBytes } from './gcm-engine.ts';
import { bindNative, type NativeCall, whenThreadEnds } from './native.ts';

/**
 * The same AES-256-GCM, of the OpenSSL that is part of Node (native.ts). Node's own `update` allocates, encrypts, allocates
 * again and copies, and its result must be copied once more: on two busy cores half of what sealing and proving a pack costs.
 */
const signatures = {
  newContext: 'void* EVP_CIPHER_CTX_new()',
  algorithm: 'void* EVP_aes_256_gcm()',
  control: 'int EVP_CIPHER_CTX_ctrl(void*, int, int, void*)',
  beginSeal: 'int EVP_EncryptInit_ex(void*, void*, void*, const void*, const void*)',
  seal: 'int EVP_EncryptUpdate(void*, void*, void*, const void*, int)',
  endSeal: 'int EVP_EncryptFinal_ex(void*, void*, void*)',
  beginOpen: 'int EVP_DecryptInit_ex(void*, void*, void*, const void*, const void*)',
  open: 'int EVP_DecryptUpdate(void*, void*, void*, const void*, int)',
  endOpen: 'int EVP_DecryptFinal_ex(void*, void*, void*)',
  clearErrors: 'void ERR_clear_error()',
  dropContext: 'void EVP_CIPHER_CTX_free(void*)',
} as const;

const getTag = 0x10;
const setTag = 0x11;
const keyBytes = 32;
const nonceBytes = 12;
/** More than OpenSSL takes in one call is none of a pack's sizes. */
const messageBytesMost = 2 ** 31 - 1;

type Calls = Readonly<Record<keyof typeof signatures, NativeCall>>;

/** Null where there is no such library, or where it does not answer as `node:crypto` does. */
export function loadNativeGcm(): GcmEngine | null {
  try {
    const engine = createEngine(bindNative(signatures));
    return agrees(engine, createNodeGcm()) ? engine : null;
  } catch {
    // No koffi for this processor, or no such names in this program: nothing is lost but speed.
    return null;
  }
}

function createEngine(calls: Calls): GcmEngine {
  const { control, seal, endSeal, open, endOpen } = calls;
  const succeed = (answer: unknown): void => {
    if (answer === 1) return;
    calls.clearErrors();
    throw new Error('OpenSSL refused a step of AES-256-GCM');
  };
  const context = (begin: NativeCall): unknown => {
    const made = calls.newContext();
    succeed(begin(made, calls.algorithm(), null, null, null));
    return made;
  };
  const sealing = context(calls.beginSeal);
  const opening = context(calls.beginOpen);
  // It wipes the keys that they hold.
  whenThreadEnds(() => {
    calls.dropContext(sealing);
    calls.dropContext(opening);
  });
  const written = new Int32Array(1);
  const rest = new Uint8Array(tagBytes);

  const begin = (call: NativeCall, of: unknown, { key, nonce }: GcmBox): void => {
    assert(key.length === keyBytes && nonce.length === nonceBytes, 'a key and a nonce of their lengths');
    succeed(call(of, null, null, key, nonce));
  };
  const update = (call: NativeCall, of: unknown, out: Uint8Array | null, input: Uint8Array): void => {
    // An input of no bytes would mean something else to it.
    if (input.length === 0) return;
    assert(input.length <= messageBytesMost && (out === null || out.length >= input.length), 'room for the result');
    succeed(call(of, out, written, input, input.length));
    assert(written[0] === input.length, 'as many bytes as went in');
  };
  return {
    beginSeal(box) {
      begin(calls.beginSeal, sealing, box);
      update(seal, sealing, null, box.aad);
    },
    seal: (input, out) => update(seal, sealing, out, input),
    endSeal(tag) {
      assert(tag.length === tagBytes, 'a tag of 16 bytes');
      succeed(endSeal(sealing, rest, written));
      succeed(control(sealing, getTag, tagBytes, tag));
    },
    beginOpen(box, tag) {
      assert(tag.length === tagBytes, 'a tag of 16 bytes');
      begin(calls.beginOpen, opening, box);
      succeed(control(opening, setTag, tagBytes, tag));
      update(open, opening, null, box.aad);
    },
    open: (input, out) => update(open, opening, out, input),
    endOpen() {
      const fits = endOpen(opening, rest, written) === 1;
      // What it notes about a wrong tag must not come up in a later call of somebody else.
      if (!fits) calls.clearErrors();
      return fits;
    },
  };
}

/** A message there, one back, and one with a wrong tag. */
function agrees(engine: GcmEngine, reference: GcmEngine): boolean {
  const box = { key: pattern(keyBytes), nonce: pattern(nonceBytes), aad: pattern(5) };
  const plain = pattern(1000);
  const [sealed, tag] = sealedBy(engine, box, plain);
  const [expected, expectedTag] = sealedBy(reference, box, plain);
  if (Buffer.compare(sealed, expected) !== 0 || Buffer.compare(tag, expectedTag) !== 0) return false;
  const opened = new Uint8Array(plain.length);
  engine.beginOpen(box, tag);
  engine.open(sealed, opened);
  if (!engine.endOpen() || Buffer.compare(opened, plain) !== 0) return false;
  tag[0] = (tag[0] ?? 0) ^ 1;
  engine.beginOpen(box, tag);
  engine.open(sealed, opened);
  return !engine.endOpen();
}

function sealedBy(engine: GcmEngine, box: GcmBox, plain: Uint8Array): [Uint8Array, Uint8Array] {
  const sealed = new Uint8Array(plain.length);
  const tag = new Uint8Array(tagBytes);
  engine.beginSeal(box);
  engine.seal(plain, sealed);
  engine.endSeal(tag);
  return [sealed, tag];
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 37 + 11) & 255);
