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
  /** Whether something of this finding's pack stands nowhere else. */
  hasLosses(finding: number): boolean;
  /** The findings, each once, that this run of chunks suffers from. */
  faults(ids: Uint8Array): readonly number[];
  lengthOf(ids: Uint8Array): number;
  packOf(ids: Uint8Array, at: number): PackId | null;
  distrust(pack: PackId): void;
  readonly distrusted: Set<PackId>;
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
  /** Chunks that some pack cannot give, with its finding. */
  const lost = new Map<string, number>();
  /** The packs that cannot give them: any other pack that has such a chunk saves it. */
  const lostIn = new Map<string, Set<number>>();
  const distrusted = new Set<PackId>();

  const lose = (ids: Uint8Array, finding: number, pack: number): void => {
    for (let at = 0; at < ids.length; at += chunkIdBytes) {
      const id = idText(ids, at);
      if (!lost.has(id)) lost.set(id, finding);
      let packs = lostIn.get(id);
      if (packs === undefined) lostIn.set(id, (packs = new Set()));
      packs.add(pack);
    }
  };
  const faultAt = (ids: Uint8Array, at: number): number => {
    if (lost.size > 0) {
      const finding = lost.get(idText(ids, at));
      if (finding !== undefined) return finding;
    }
    if (table.find(ids, at) >= 0) return -1;
    return book.add('missing', 'chunks', 'some pieces of data are in no pack of this vault');
  };
  return {
    distrusted,
    distrust: (pack) => void distrusted.add(pack),
    judge({ pack, lost: ids }, finding) {
      distrusted.add(pack);
      lose(ids, finding, index.numberOf(pack) ?? -1);
    },
    gone(pack, directory, finding) {
      lose(decodeDirectory(directory, keyOfPack(pack)).chunkIds, finding, -1);
    },
    settle() {
      if (lost.size === 0) return;
      for (const [number, pack] of index.packs) {
        const { chunkIds, chunkCount } = decodeDirectory(pack.encoded, keyOfPack(pack.id));
        for (let chunk = 0; chunk < chunkCount; chunk++) {
          const id = idText(chunkIds, chunk * chunkIdBytes);
          const packs = lostIn.get(id);
          if (packs !== undefined && !packs.has(number)) lost.delete(id);
        }
      }
    },
    hasLosses(finding) {
      for (const known of lost.values()) if (known === finding) return true;
      return false;
    },
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
