import { chunkIdBytes, type PackId } from '../base/index.ts';
import { decodeDirectory, keyOfPack } from '../format/index.ts';
import type { FindingBook } from './check-findings.ts';
import type { PackVerdict } from './check-pack.ts';
import type { SlotRef } from './chunk-table.ts';
import type { VaultIndex } from './vault-index.ts';

/** Which chunks can be had, as far as the check has found out. Runs of ids are 32 bytes each, end to end. */
export type Chunks = {
  /** A pack was read whole, or could not be. */
  judge(verdict: PackVerdict, finding: number): void;
  /** A pack is gone that held these chunks. */
  gone(pack: PackId, directory: Uint8Array, finding: number): void;
  /** After the last `judge` and `gone`: what stands whole in another pack is not lost. */
  settle(): void;
  /** The findings whose packs hold, or held, something that stands whole in no other pack. */
  onlyCopies(): ReadonlySet<number>;
  /** The findings, each once, that this run of chunks suffers from. */
  faults(ids: Uint8Array): readonly number[];
  lengthOf(ids: Uint8Array): number;
  packOf(ids: Uint8Array, at: number): PackId | null;
  distrust(pack: PackId): void;
  readonly distrusted: Set<PackId>;
};

type Trouble = {
  readonly finding: number;
  isLost: boolean;
  /** Numbers of the packs that cannot be relied on for it; -1 for one that is gone. */
  readonly packs: number[];
};

const slotBits = 20;
const noFaults: readonly number[] = [];

export function createChunks(index: VaultIndex, book: FindingBook): Chunks {
  const { table } = index;
  const lengths = table.segments.map((segment) => new Uint32Array(segment.states.length));
  for (const pack of index.packs.values()) {
    // Decoded and dropped: all directories of a large vault at once would fill the memory.
    const { chunkIds, chunkCount, chunkLength } = decodeDirectory(pack.encoded, keyOfPack(pack.id));
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      const ref = table.find(chunkIds, chunk * chunkIdBytes);
      const of = lengths[ref >> slotBits];
      if (of !== undefined) of[ref & ((1 << slotBits) - 1)] = chunkLength[chunk] ?? 0;
    }
  }
  /** Chunks of packs that are not whole, by id. */
  const troubled = new Map<string, Trouble>();
  const distrusted = new Set<PackId>();

  const trouble = (ids: Uint8Array, lost: ReadonlySet<string> | 'all', finding: number, pack: number): void => {
    for (let at = 0; at < ids.length; at += chunkIdBytes) {
      const id = idText(ids, at);
      const isLost = lost === 'all' || lost.has(id);
      const known = troubled.get(id);
      if (known === undefined) troubled.set(id, { finding, isLost, packs: [pack] });
      else {
        known.packs.push(pack);
        // One copy that opens is enough to read it.
        known.isLost &&= isLost;
      }
    }
  };
  const faultAt = (ids: Uint8Array, at: number): number => {
    const known = troubled.size === 0 ? undefined : troubled.get(idText(ids, at));
    if (known?.isLost === true) return known.finding;
    if (table.find(ids, at) >= 0) return -1;
    return book.add('missing', 'chunks', 'some pieces of data are in no pack of this vault');
  };
  return {
    distrusted,
    distrust: (pack) => void distrusted.add(pack),
    judge({ pack, lost: ids }, finding) {
      distrusted.add(pack);
      const number = index.numberOf(pack) ?? -1;
      const known = index.packs.get(number);
      const lost = new Set(
        Array.from({ length: ids.length / chunkIdBytes }, (_, at) => idText(ids, at * chunkIdBytes)),
      );
      if (known !== undefined) trouble(decodeDirectory(known.encoded, keyOfPack(pack)).chunkIds, lost, finding, number);
    },
    gone(pack, directory, finding) {
      trouble(decodeDirectory(directory, keyOfPack(pack)).chunkIds, 'all', finding, -1);
    },
    settle() {
      if (troubled.size === 0) return;
      for (const [number, pack] of index.packs) {
        const { chunkIds, chunkCount } = decodeDirectory(pack.encoded, keyOfPack(pack.id));
        for (let chunk = 0; chunk < chunkCount; chunk++) {
          const id = idText(chunkIds, chunk * chunkIdBytes);
          if (troubled.get(id)?.packs.includes(number) === false) troubled.delete(id);
        }
      }
    },
    onlyCopies: () => new Set([...troubled.values()].map(({ finding }) => finding)),
    faults(ids) {
      let faults = noFaults;
      for (let at = 0; at < ids.length; at += chunkIdBytes) {
        const fault = faultAt(ids, at);
        if (fault >= 0 && !faults.includes(fault)) faults = [...faults, fault];
      }
      return faults;
    },
    lengthOf(ids) {
      let length = 0;
      for (let at = 0; at < ids.length; at += chunkIdBytes) {
        const ref: SlotRef = table.find(ids, at);
        length += lengths[ref >> slotBits]?.[ref & ((1 << slotBits) - 1)] ?? 0;
      }
      return length;
    },
    packOf(ids, at) {
      const ref = table.find(ids, at);
      return ref < 0 ? null : (index.packs.get(table.packOf(ref))?.id ?? null);
    },
  };
}

const idText = (ids: Uint8Array, at: number): string =>
  Buffer.from(ids.buffer, ids.byteOffset + at, chunkIdBytes).toString('latin1');
