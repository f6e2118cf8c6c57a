import { assert, type PackId, packId, toHex } from '../../base/index.ts';
import { hashBytes, isRising, keyPrefixes, parseKey } from '../../format/index.ts';
import type { Store } from '../../storage/index.ts';
import { createHashes } from './hashes.ts';

/** The packs that a place lists, in the order of their names. A million of them take 36 MB. */
export type PackList = {
  readonly count: number;
  /** Of all packs. */
  readonly bytes: number;
  readonly hashes: Uint8Array;
  readonly sizes: Uint32Array;
  /** The number of the pack whose hash begins at `at` of `hashes`, -1 where it is not listed. */
  find(hashes: Uint8Array, at: number): number;
  idOf(pack: number): PackId;
};

export async function listPacks(store: Store, signal?: AbortSignal): Promise<PackList> {
  let room = 1024;
  let hashes = Buffer.alloc(room * hashBytes);
  let sizes = new Uint32Array(room);
  let count = 0;
  let bytes = 0;
  for await (const { key, size } of store.list(keyPrefixes.packs, signal)) {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'pack') continue;
    if (count === room) {
      room *= 2;
      hashes = Buffer.concat([hashes], room * hashBytes);
      const more = new Uint32Array(room);
      more.set(sizes);
      sizes = more;
    }
    hashes.write(parsed.pack, count * hashBytes, 'hex');
    sizes[count] = size;
    count++;
    bytes += size;
  }
  return packListOf(
    new Uint8Array(hashes.buffer, hashes.byteOffset, count * hashBytes),
    sizes.subarray(0, count),
    bytes,
  );
}

export function packListOf(hashes: Uint8Array, sizes: Uint32Array, bytes: number): PackList {
  assert(isRising(hashes), 'a listing comes in the order of its keys');
  const { find } = createHashes(hashes);
  const idOf = (pack: number): PackId => packId(toHex(hashes.subarray(pack * hashBytes, (pack + 1) * hashBytes)));
  return { count: sizes.length, bytes, hashes, sizes, find, idOf };
}
