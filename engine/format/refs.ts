import { assert, fromHex, limits, type SnapshotId, snapshotId, toHex, utf8, viewOf } from '../base/index.ts';
import { hashBytes } from './constants.ts';
import { damaged } from './damaged.ts';

/** The names of the packs a snapshot needs, or what changed against another such list (FORMAT.md section 11). */
export type Refs = {
  readonly snapshot: SnapshotId;
  /** Hash (hex) of the refs object this one builds on; null: a full list. */
  readonly base: string | null;
  readonly depth: number;
  /** Pack hashes, 32 bytes each, rising. */
  readonly added: Uint8Array;
  readonly removed: Uint8Array;
};

const magic = utf8('CFRR');
const version = 1;
const headerBytes = 84;

export function encodeRefs(refs: Refs): Uint8Array {
  assert(isRefs(refs), 'refs that say what the format allows');
  const { added, removed } = refs;
  const bytes = new Uint8Array(headerBytes + added.length + removed.length);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint32(4, version, true);
  bytes.set(fromHex(refs.snapshot), 8);
  if (refs.base !== null) bytes.set(fromHex(refs.base), 40);
  view.setUint32(72, refs.depth, true);
  view.setUint32(76, added.length / hashBytes, true);
  view.setUint32(80, removed.length / hashBytes, true);
  bytes.set(added, headerBytes);
  bytes.set(removed, headerBytes + added.length);
  return bytes;
}

/** The lists are views into `bytes`. */
export function decodeRefs(bytes: Uint8Array, name: string): Refs {
  if (bytes.length < headerBytes) throw damaged(name, 'it is cut short');
  const view = viewOf(bytes);
  if (!magic.every((byte, at) => bytes[at] === byte)) throw damaged(name, 'it does not begin as it should');
  if (view.getUint32(4, true) !== version) throw damaged(name, `its version is ${view.getUint32(4, true)}`);
  const addedEnd = headerBytes + view.getUint32(76, true) * hashBytes;
  const removedEnd = addedEnd + view.getUint32(80, true) * hashBytes;
  if (removedEnd !== bytes.length) throw damaged(name, 'it has a wrong length');
  const base = toHex(bytes.subarray(40, 72));
  const refs: Refs = {
    snapshot: snapshotId(toHex(bytes.subarray(8, 40))),
    base: /^0+$/.test(base) ? null : base,
    depth: view.getUint32(72, true),
    added: bytes.subarray(headerBytes, addedEnd),
    removed: bytes.subarray(addedEnd, removedEnd),
  };
  if (!isRefs(refs)) throw damaged(name, 'its lists are not as they should be');
  return refs;
}

function isRefs({ base, depth, added, removed }: Refs): boolean {
  const depthFits = base === null ? depth === 0 && removed.length === 0 : depth >= 1 && depth <= limits.refsDepth;
  return depthFits && isRising(added) && isRising(removed);
}

/** Whole hashes, each larger than the one before it. */
export function isRising(hashes: Uint8Array): boolean {
  if (hashes.length % hashBytes !== 0) return false;
  for (let at = hashBytes; at < hashes.length; at += hashBytes) {
    if (compareAt(hashes, at - hashBytes, hashes, at) >= 0) return false;
  }
  return true;
}

function compareAt(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): number {
  for (let byte = 0; byte < hashBytes; byte++) {
    const difference = (left[leftAt + byte] ?? 0) - (right[rightAt + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The whole rising list that `refs` stands for; `base` is that of its base, empty for a full one. */
export function applyRefs(base: Uint8Array, refs: Refs, name: string): Uint8Array {
  assert(isRising(base) && (refs.base !== null || base.length === 0), 'the list of the base');
  const { added, removed } = refs;
  const all = new Uint8Array(base.length + added.length);
  let end = 0;
  let removedAt = 0;
  let addedAt = 0;
  const take = (from: Uint8Array, at: number): void => {
    all.set(from.subarray(at, at + hashBytes), end);
    end += hashBytes;
  };
  for (let at = 0; at < base.length; at += hashBytes) {
    while (addedAt < added.length && compareAt(added, addedAt, base, at) < 0) {
      take(added, addedAt);
      addedAt += hashBytes;
    }
    const isAdded = addedAt < added.length && compareAt(added, addedAt, base, at) === 0;
    if (isAdded) throw damaged(name, 'it adds a pack that its base has');
    const isRemoved = removedAt < removed.length && compareAt(removed, removedAt, base, at) === 0;
    if (isRemoved) removedAt += hashBytes;
    else take(base, at);
  }
  if (removedAt !== removed.length) throw damaged(name, 'it removes a pack that its base lacks');
  all.set(added.subarray(addedAt), end);
  return all.slice(0, end + added.length - addedAt);
}

/** What leads from one rising list to another. */
export function diffRefs(base: Uint8Array, next: Uint8Array): Pick<Refs, 'added' | 'removed'> {
  assert(isRising(base) && isRising(next), 'rising lists');
  return { added: without(next, base), removed: without(base, next) };
}

function without(list: Uint8Array, other: Uint8Array): Uint8Array {
  const rest = new Uint8Array(list.length);
  let end = 0;
  let otherAt = 0;
  for (let at = 0; at < list.length; at += hashBytes) {
    while (otherAt < other.length && compareAt(other, otherAt, list, at) < 0) otherAt += hashBytes;
    if (otherAt < other.length && compareAt(other, otherAt, list, at) === 0) continue;
    rest.set(list.subarray(at, at + hashBytes), end);
    end += hashBytes;
  }
  return rest.slice(0, end);
}
