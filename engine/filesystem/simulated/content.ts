/**
 * The bytes of a simulated file: what a reader sees now, and what would be left after the power went. Only the
 * difference is kept: the former bytes of each sector that was synced once and written since. Sectors beyond the synced
 * size are all unsynced.
 */
import type { Random } from '../../base/index.ts';
import type { Hole } from '../port.ts';

const sectorBytes = 512;
const blockBytes = 4096;

type Extent = { start: number; end: number };

export class FileContent {
  size = 0;
  #bytes = new Uint8Array(0);
  /** Blocks that were written, ascending and apart; what lies between is a hole. */
  #extents: Extent[] = [];
  #syncedSize = 0;
  #former = new Map<number, Uint8Array>();
  #unsynced = false;

  get storedBytes(): number {
    let stored = 0;
    for (const { start, end } of this.#extents) stored += end - start;
    return stored;
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(into.length, this.size - position));
    const bytes = this.#bytes.subarray(position, position + length);
    into.set(bytes);
    // Beyond the last write there is only a hole.
    into.fill(0, bytes.length, length);
    return length;
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    const end = position + bytes.length;
    this.#rememberFormer(position, end);
    this.#reserve(end);
    this.#bytes.set(bytes, position);
    this.size = Math.max(this.size, end);
    this.#addExtent(position, end);
  }

  /** How much a write would add to `storedBytes`. */
  growthOf(position: number, length: number): number {
    const start = blockStart(position);
    const end = blockEnd(position + length);
    let growth = end - start;
    for (const extent of this.#extents) {
      growth -= Math.max(0, Math.min(end, extent.end) - Math.max(start, extent.start));
    }
    return growth;
  }

  truncate(size: number): void {
    this.#rememberFormer(Math.min(size, this.size), this.size);
    this.#bytes.fill(0, size, this.size);
    this.size = size;
    this.#clipExtents();
    this.#unsynced = true;
  }

  allocate(size: number): void {
    this.#addExtent(0, size);
  }

  holes(from = 0, to = this.size): Hole[] {
    const holes: Hole[] = [];
    let at = from;
    for (const { start, end } of [...this.#extents, { start: this.size, end: this.size }]) {
      const holeEnd = Math.min(start, to, this.size);
      if (holeEnd > at) holes.push({ offset: at, length: holeEnd - at });
      at = Math.max(at, end);
    }
    return holes;
  }

  sync(): void {
    this.#syncedSize = this.size;
    this.#former.clear();
    this.#unsynced = false;
  }

  /** As after a failed fsync on Linux: unsynced sectors count as clean from then on and show their former bytes. */
  dropUnsynced(): void {
    for (const sector of this.#former.keys()) this.#restore(sector);
    this.#bytes.fill(0, sectorCount(this.#syncedSize) * sectorBytes);
    this.#former.clear();
    this.#unsynced = false;
  }

  /** Keeps any part of what was not synced: nothing, all, the first sectors, or some of them. */
  losePower(random: Random): void {
    if (!this.#unsynced) return;
    const fate = (['nothing', 'all', 'first', 'some'] as const)[random.integer(4)];
    const cut = random.integer(sectorCount(this.size) + 1);
    const isKept = (sector: number): boolean => {
      if (fate === 'first') return sector < cut;
      return fate === 'all' || (fate === 'some' && random.integer(2) === 0);
    };
    const size = this.#sizeAfterLoss(fate === 'nothing', fate === 'all', random);
    for (const sector of this.#former.keys()) if (!isKept(sector)) this.#restore(sector);
    for (let sector = sectorCount(this.#syncedSize); sector < sectorCount(this.size); sector++) {
      if (!isKept(sector)) this.#spoil(sector, random);
    }
    this.#bytes.fill(0, size);
    this.size = size;
    this.#clipExtents();
    this.sync();
  }

  #sizeAfterLoss(isNothingKept: boolean, isAllKept: boolean, random: Random): number {
    if (isNothingKept) return this.#syncedSize;
    if (isAllKept) return this.size;
    const between = this.#syncedSize + random.integer(Math.max(1, this.size - this.#syncedSize));
    return [this.#syncedSize, this.size, between][random.integer(3)] ?? this.size;
  }

  /** A new sector that never reached the disk is empty, or holds what the disk had there before. */
  #spoil(sector: number, random: Random): void {
    const place = this.#bytes.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
    if (random.integer(8) === 0) place.set(random.bytes(place.length));
    else place.fill(0);
  }

  #restore(sector: number): void {
    const former = this.#former.get(sector);
    this.#bytes.fill(0, sector * sectorBytes, (sector + 1) * sectorBytes);
    // Empty where the sector lay in a hole beyond the last write.
    if (former) this.#bytes.set(former, sector * sectorBytes);
  }

  #rememberFormer(start: number, end: number): void {
    this.#unsynced = true;
    const last = Math.min(sectorCount(end), sectorCount(this.#syncedSize));
    for (let sector = Math.floor(start / sectorBytes); sector < last; sector++) {
      if (this.#former.has(sector)) continue;
      this.#former.set(sector, this.#bytes.slice(sector * sectorBytes, (sector + 1) * sectorBytes));
    }
  }

  /** Room in whole blocks, so that a sector never ends outside; twice what is needed for files that grow. */
  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const isFirst = this.#bytes.length === 0;
    const larger = new Uint8Array(blockEnd(isFirst ? size : Math.max(size, this.#bytes.length * 2)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #addExtent(from: number, to: number): void {
    let start = blockStart(from);
    let end = blockEnd(to);
    const last = this.#extents.at(-1);
    if (last && start >= last.start && start <= last.end) {
      last.end = Math.max(last.end, end);
      return;
    }
    const apart: Extent[] = [];
    for (const extent of this.#extents) {
      if (extent.end < start || extent.start > end) apart.push(extent);
      else [start, end] = [Math.min(start, extent.start), Math.max(end, extent.end)];
    }
    apart.push({ start, end });
    this.#extents = apart.sort((left, right) => left.start - right.start);
  }

  #clipExtents(): void {
    const end = blockEnd(this.size);
    this.#extents = this.#extents.filter((extent) => extent.start < end);
    for (const extent of this.#extents) extent.end = Math.min(extent.end, end);
  }
}

function sectorCount(size: number): number {
  return Math.ceil(size / sectorBytes);
}

function blockStart(position: number): number {
  return position - (position % blockBytes);
}

function blockEnd(position: number): number {
  return Math.ceil(position / blockBytes) * blockBytes;
}
