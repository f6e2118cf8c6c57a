import { assert, type ChunkId, crashPoint, limits, type Random } from '../../base/index.ts';
import { looksIncompressible } from '../../chunk/index.ts';
import { compress, decompressesTo, type Effort, release } from '../../crypto/index.ts';
import type { ChunkTable, PackWriter, PieceChunk, SealedPack } from '../../repository/index.ts';

export type PackType = 'data' | 'tree';

export type OpenPack = (type: PackType) => PackWriter;

/**
 * Where new chunks of one worker go: gathered into bundles, compressed where that helps, sealed into open packs.
 * Chunks spread at random over two open packs a worker, so that pack sizes say nothing about one file.
 */
export type Intake = {
  /** The caller has claimed this chunk. The bytes may be reused afterwards. */
  take(type: PackType, id: ChunkId, bytes: Uint8Array): void;
  /** Chunks laid end to end that belong into one bundle already. */
  takeBundle(type: PackType, chunks: readonly PieceChunk[], bytes: Uint8Array): void;
  /** Seals all bundles and packs. */
  flush(): void;
  /** At the end of a run, whichever: removes what was not flushed. */
  drop(): void;
};

/** What is gathered together: how much, and how hard it is then compressed (null: not at all). */
type Kind = { readonly type: PackType; readonly bytesMost: number; readonly effort: Effort | null };
type Bundle = { readonly kind: Kind; readonly bytes: Uint8Array; length: number; chunks: PieceChunk[] };

const openDataPacks = 2;
export function createIntake(options: {
  readonly openPack: OpenPack;
  readonly onSealed: (pack: SealedPack) => void;
  /** A pack could not be written; its chunks are void again, so many bytes of files among them. */
  readonly onFailure: (error: unknown, lostBytes: number) => void;
  readonly table: ChunkTable;
  readonly random: Random;
  readonly level: number;
}): Intake {
  const { table, random } = options;
  const packs: Record<PackType, (PackWriter | null)[]> = { data: new Array(openDataPacks).fill(null), tree: [null] };
  const bundles = new Map<string, Bundle>();
  const dense = { bytesMost: limits.bundleBytes, effort: null };
  // Small files gain so much from each other's company that a quick look for likeness does.
  const plain = { bytesMost: limits.bundleBytes, effort: 'quick' } as const;
  const large = { bytesMost: limits.gatherBytes, effort: options.level };

  const voidChunks = (type: PackType, chunks: readonly PieceChunk[]): number => {
    let bytes = 0;
    for (const chunk of chunks) {
      table.void(chunk.id, 0);
      bytes += chunk.length;
    }
    return type === 'data' ? bytes : 0;
  };
  /** Nobody may count on the chunks of a pack that could not be written; the next pass stores them again. */
  const giveUp = (type: PackType, slot: number, error: unknown, lostBytes = 0): void => {
    const pack = packs[type][slot] ?? null;
    packs[type][slot] = null;
    options.onFailure(error, lostBytes + (pack === null ? 0 : voidChunks(type, pack.abandon())));
  };
  const seal = (type: PackType, slot: number): void => {
    const pack = packs[type][slot] ?? null;
    if (pack === null) return;
    try {
      crashPoint('pack.sealed.before');
      const sealed = pack.seal();
      crashPoint('pack.sealed.after');
      options.onSealed(sealed);
      packs[type][slot] = null;
    } catch (error) {
      giveUp(type, slot, error);
    }
  };
  const packFor = (type: PackType, storedBytes: number, chunks: number): PackWriter => {
    const slot = random.integer(packs[type].length);
    const open = packs[type][slot];
    if (open?.fits(storedBytes, chunks) === true) return open;
    seal(type, slot);
    const fresh = options.openPack(type);
    assert(fresh.fits(storedBytes, chunks), 'a piece larger than a pack');
    packs[type][slot] = fresh;
    return fresh;
  };
  const addPiece = (type: PackType, chunks: readonly PieceChunk[], raw: Uint8Array, effort: Effort | null): void => {
    const frame = effort === null ? null : compress(raw, effort);
    // Codecs have corrupted data in the field: what cannot be read back is stored as it is.
    const sound = frame !== null && decompressesTo(frame, raw);
    const payload = sound ? frame : raw;
    let pack: PackWriter | null = null;
    try {
      pack = packFor(type, payload.length + 16, chunks.length);
      pack.add({ chunks, payload, rawLength: raw.length, compressed: sound });
    } catch (error) {
      const lostBytes = voidChunks(type, chunks);
      if (pack !== null) giveUp(type, packs[type].indexOf(pack), error, lostBytes);
      else options.onFailure(error, lostBytes);
      return;
    }
    for (const chunk of chunks) table.placeIn(chunk.id, 0, pack.number);
    if (frame !== null) release(frame);
  };
  const closeBundle = (bundle: Bundle): void => {
    const { kind, chunks, length } = bundle;
    bundle.chunks = [];
    bundle.length = 0;
    if (chunks.length > 0) addPiece(kind.type, chunks, bundle.bytes.subarray(0, length), kind.effort);
  };
  const bundleFor = (name: string, kind: Kind): Bundle => {
    let bundle = bundles.get(name);
    if (bundle === undefined) {
      bundle = { kind, bytes: new Uint8Array(kind.bytesMost), length: 0, chunks: [] };
      bundles.set(name, bundle);
    }
    return bundle;
  };
  return {
    take(type, id, bytes) {
      const isDense = looksIncompressible(bytes);
      const isLarge = bytes.length >= limits.bundleChunkBytes;
      const alone = isLarge && (isDense || bytes.length > limits.gatherBytes);
      if (alone) return addPiece(type, [{ id, length: bytes.length }], bytes, isDense ? null : options.level);
      const [name, kind] = isLarge ? ['large', large] : isDense ? ['dense', dense] : ['plain', plain];
      const bundle = bundleFor(`${type}/${name}`, { type, ...kind });
      if (bundle.length + bytes.length > kind.bytesMost) closeBundle(bundle);
      bundle.bytes.set(bytes, bundle.length);
      bundle.length += bytes.length;
      bundle.chunks.push({ id, length: bytes.length });
    },
    takeBundle: (type, chunks, bytes) => addPiece(type, chunks, bytes, 'quick'),
    flush() {
      for (const bundle of bundles.values()) closeBundle(bundle);
      for (const type of ['data', 'tree'] as const) {
        for (let slot = 0; slot < packs[type].length; slot++) seal(type, slot);
      }
    },
    drop() {
      bundles.clear();
      for (const pack of [...packs.data, ...packs.tree]) pack?.abandon();
    },
  };
}
