import { CofferError, chunkIdBytes, type PackId } from '../../base/index.ts';
import { forEachId, idAt, type KnownPack, type VaultIndex } from '../../repository/index.ts';
import { createFinders } from './chunk-finder.ts';

/** Where chunks are, and where else when a pack does not yield them. */
export type Contents = {
  /** Number of the pack to read the chunk from, -1 where there is none (any more). */
  packOf(ids: Uint8Array, chunk: number): number;
  /** Of a chunk in that pack. */
  lengthIn(pack: number, ids: Uint8Array, chunk: number): number;
  pack(number: number): KnownPack;
  /** Of each of these chunks where it is read from; -1 where that is nowhere. */
  lengthsOf(ids: Uint8Array): number[];
  /** This pack did not yield these chunks; false where no other copy of one of them can be hoped for. */
  markBad(pack: PackId, ids: readonly Uint8Array[]): boolean;
  /** Looks for other packs of everything marked since the last time: one pass over all directories. */
  findOthers(): void;
};

const findersKept = 64;

export function createContents(index: VaultIndex): Contents {
  const finderOf = createFinders(findersKept);
  /** Packs that failed for a chunk, and others that have it. */
  const bad = new Map<string, Set<number>>();
  const others = new Map<string, number[]>();
  let asked = new Set<string>();

  const pack = (number: number): KnownPack => {
    const known = index.packs.get(number);
    if (known === undefined) throw new CofferError('chunk.missing', { path: 'this entry' });
    return known;
  };
  const packOf: Contents['packOf'] = (ids, chunk) => {
    const at = chunk * chunkIdBytes;
    const first = index.packOf(ids, at);
    if (bad.size === 0) return index.packs.has(first) ? first : -1;
    const id = textOf(ids, at);
    const failed = bad.get(id);
    if (failed === undefined) return index.packs.has(first) ? first : -1;
    return others.get(id)?.find((other) => !failed.has(other)) ?? -1;
  };
  const lengthIn: Contents['lengthIn'] = (number, ids, chunk) => {
    const { id, encoded } = pack(number);
    const finder = finderOf({ id, directory: encoded });
    const found = finder.find(ids, chunk * chunkIdBytes);
    return found < 0 ? -1 : (finder.directory.chunkLength[found] ?? -1);
  };
  const findOthers = (): void => {
    if (asked.size === 0) return;
    for (const text of asked) others.set(text, []);
    for (const [number, { encoded }] of index.packs) {
      forEachId(encoded, (at) => {
        const text = textOf(encoded, at);
        if (asked.has(text)) others.get(text)?.push(number);
      });
    }
    asked = new Set();
  };
  return {
    pack,
    packOf,
    lengthIn,
    lengthsOf: (ids) =>
      Array.from({ length: ids.length / chunkIdBytes }, (_, chunk) => {
        const number = packOf(ids, chunk);
        return number < 0 ? -1 : lengthIn(number, ids, chunk);
      }),
    markBad(id, ids) {
      const number = index.numberOf(id);
      if (number === undefined) return false;
      for (const chunk of ids) {
        const text = textOf(chunk, 0);
        const failed = bad.get(text) ?? new Set();
        bad.set(text, failed.add(number));
        if (!others.has(text)) asked.add(text);
      }
      findOthers();
      return ids.every((chunk) => packOf(chunk, 0) >= 0);
    },
    findOthers,
  };
}

const textOf = (ids: Uint8Array, at: number): string =>
  Buffer.from(ids.buffer, ids.byteOffset + at, chunkIdBytes).toString('latin1');

/** A copy, so that it does not hold the listing that it is a view of. */
export const copyOfId = (ids: Uint8Array, chunk: number): Uint8Array => idAt(ids, chunk).slice();
