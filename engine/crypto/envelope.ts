import { assert, CofferError, concatBytes, limits, type Random, utf8, type VaultId, viewOf } from '../base/index.ts';
import { open, seal, tagBytes } from './gcm.ts';
import { constantTimeEqual } from './hash.ts';
import { deriveSealingKeys, type VaultKeys } from './keys.ts';
import { compress, decompress } from './zstd.ts';

/**
 * Sealed objects (FORMAT.md section 4): config body, index, snapshots, log entries.
 *
 *     header = magic, version, kind, salt, commitment
 *     keys   = HKDF(purpose key, salt, kind and vault)
 *     object = header ‖ GCM(keys, aad = header ‖ path, codec ‖ rawLength ‖ payload)
 */
export type SealedKind = 'config' | 'index' | 'snapshot' | 'log';

const kinds = {
  config: { code: 1, purpose: 'config', rawBytes: limits.sealedRawBytes },
  index: { code: 2, purpose: 'meta', rawBytes: limits.sealedRawBytes },
  snapshot: { code: 3, purpose: 'meta', rawBytes: limits.sealedRawBytes },
  log: { code: 4, purpose: 'head', rawBytes: limits.logRawBytes },
} as const;

const magic = utf8('CFRS');
const version = 1;
const saltBytes = 24;
const headerBytes = 64;
const plainHeaderBytes = 5;
const codecs = { raw: 0, zstd: 1 } as const;

export type SealedObject = {
  readonly keys: VaultKeys;
  readonly vault: VaultId;
  readonly kind: SealedKind;
  /** What FORMAT.md's table binds the object to, so that no object passes for another; config adds its clear header. */
  readonly path: string | Uint8Array;
};

export type SealOptions = { readonly random: Random; readonly level: number };

export function sealObject(object: SealedObject, payload: Uint8Array, { random, level }: SealOptions): Uint8Array {
  const { code, rawBytes } = kinds[object.kind];
  assert(payload.length <= rawBytes, `a sealed ${object.kind} within its limit`);
  const salt = random.bytes(saltBytes);
  const keys = sealingKeys(object, salt);
  const header = new Uint8Array(headerBytes);
  header.set(magic, 0);
  header[4] = version;
  header[5] = code;
  header.set(salt, 8);
  header.set(keys.commitment, 32);
  const frame = compress(payload, level);
  const plainHeader = new Uint8Array(plainHeaderBytes);
  plainHeader[0] = frame ? codecs.zstd : codecs.raw;
  viewOf(plainHeader).setUint32(1, payload.length, true);
  const box = { key: keys.key, nonce: keys.nonce, aad: boundTo(header, object.path) };
  return concatBytes([header, seal(box, [plainHeader, frame ?? payload])]);
}

/** `name` is the object's key in the store, for errors. */
export function openObject(object: SealedObject, sealed: Uint8Array, name: string): Uint8Array {
  const { code, rawBytes } = kinds[object.kind];
  const refuse = (reason: string): CofferError => new CofferError('object.damaged', { key: name, reason });
  if (sealed.length < headerBytes + plainHeaderBytes + tagBytes) throw refuse('it is cut short');
  const header = sealed.subarray(0, headerBytes);
  if (!magic.every((byte, at) => header[at] === byte)) throw refuse('it does not begin as it should');
  if (header[4] !== version) throw refuse(`its envelope has version ${header[4]}`);
  if (header[5] !== code || header[6] !== 0 || header[7] !== 0) throw refuse('it is of another kind');
  const keys = sealingKeys(object, header.subarray(8, 32));
  if (!constantTimeEqual(keys.commitment, header.subarray(32))) throw refuse('its commitment does not fit');
  const box = { key: keys.key, nonce: keys.nonce, aad: boundTo(header, object.path) };
  const plain = open(box, sealed.subarray(headerBytes), name);
  const rawLength = viewOf(plain).getUint32(1, true);
  const payload = plain.subarray(plainHeaderBytes);
  if (rawLength > rawBytes) throw refuse('it is larger than it may be');
  if (plain[0] === codecs.zstd) return decompress(payload, rawLength, name);
  if (plain[0] !== codecs.raw || payload.length !== rawLength) throw refuse('its length does not fit');
  return payload;
}

function sealingKeys({ keys, vault, kind }: SealedObject, salt: Uint8Array): ReturnType<typeof deriveSealingKeys> {
  const material = keys[kinds[kind].purpose];
  return deriveSealingKeys({ material, salt, info: `coffer/v1/sealed/${kind}/${vault}` });
}

function boundTo(header: Uint8Array, path: string | Uint8Array): Uint8Array {
  return concatBytes([header, typeof path === 'string' ? utf8(path) : path]);
}
