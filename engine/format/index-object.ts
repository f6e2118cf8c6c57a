import { assert, fromHex, limits, type PackId, packId, toHex, viewOf } from '../base/index.ts';
import { hashBytes, type PackType, packTypes } from './constants.ts';
import { damaged } from './damaged.ts';

/** What an index object says (FORMAT.md section 8); directories stay encoded until somebody needs them. */
export type IndexedPack = {
  readonly pack: PackId;
  readonly type: PackType;
  /** Of the whole pack. */
  readonly length: number;
  readonly directory: Uint8Array;
};

export type IndexObject = {
  /** Hashes (hex) of the indexes whose packs are all listed here too. */
  readonly supersedes: readonly string[];
  readonly packs: readonly IndexedPack[];
};

const packFixedBytes = hashBytes + 1 + 4 + 4;

export function encodeIndex({ supersedes, packs }: IndexObject): Uint8Array {
  let length = 8 + supersedes.length * hashBytes;
  for (const { directory } of packs) length += packFixedBytes + directory.length;
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  view.setUint32(0, supersedes.length, true);
  let at = 4;
  for (const hash of supersedes) {
    bytes.set(hashOf(hash), at);
    at += hashBytes;
  }
  view.setUint32(at, packs.length, true);
  at += 4;
  for (const { pack, type, length: packLength, directory } of packs) {
    bytes.set(hashOf(pack), at);
    bytes[at + hashBytes] = packTypes.indexOf(type) + 1;
    view.setUint32(at + hashBytes + 1, packLength, true);
    view.setUint32(at + hashBytes + 5, directory.length, true);
    bytes.set(directory, at + packFixedBytes);
    at += packFixedBytes + directory.length;
  }
  return bytes;
}

function hashOf(hex: string): Uint8Array {
  const hash = fromHex(hex);
  assert(hash.length === hashBytes, 'a hash of 32 bytes');
  return hash;
}

/** Directories are views into `bytes`. */
export function decodeIndex(bytes: Uint8Array, name: string): IndexObject {
  const view = viewOf(bytes);
  let at = 0;
  const need = (count: number): void => {
    if (at + count > bytes.length) throw damaged(name, 'it is cut short');
  };
  const count = (itemBytes: number): number => {
    need(4);
    const value = view.getUint32(at, true);
    at += 4;
    need(value * itemBytes);
    return value;
  };
  const hash = (): string => {
    at += hashBytes;
    return toHex(bytes.subarray(at - hashBytes, at));
  };
  const supersedes = Array.from({ length: count(hashBytes) }, hash);
  const packs: IndexedPack[] = [];
  for (let left = count(packFixedBytes); left > 0; left--) {
    need(packFixedBytes);
    const pack = packId(hash());
    const type = packTypes[(bytes[at] ?? 0) - 1];
    const length = view.getUint32(at + 1, true);
    const directoryBytes = view.getUint32(at + 5, true);
    at += packFixedBytes - hashBytes;
    if (type === undefined) throw damaged(name, 'it names a pack of an unknown type');
    if (length > limits.packBytes) throw damaged(name, 'it names a pack that is larger than one may be');
    need(directoryBytes);
    packs.push({ pack, type, length, directory: bytes.subarray(at, at + directoryBytes) });
    at += directoryBytes;
  }
  if (at !== bytes.length) throw damaged(name, 'bytes follow where it should end');
  return { supersedes, packs };
}
