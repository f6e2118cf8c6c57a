import { type CofferError, isCofferError, limits, systemCode } from '../../base/index.ts';
import type { PackCipher } from '../../crypto/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { type DirectoryPiece, directoryPiece, keyOfPack, packHeaderBytes } from '../../format/index.ts';
import { openPiece, type PackKeys, packCipherFrom } from '../../repository/index.ts';
import type { Store } from '../../storage/index.ts';
import type { ChunkFinder, EncodedPack } from './chunk-finder.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { type JobOutput, type RestoreJob, tasksOf } from './job.ts';
import type { Maker } from './maker.ts';

/** One worker's means. */
export type Worker = {
  readonly fileSystem: FileSystem;
  readonly store: Store;
  readonly keys: PackKeys;
  readonly maker: Maker;
  readonly finderOf: (pack: EncodedPack) => ChunkFinder;
  /** For pieces that are not compressed. */
  readonly buffer: Uint8Array;
};

/** Chunks that go into files, in the order in which the pack holds them. */
type Placements = {
  /** Chunk in the pack × 2²⁴ + number in the job's ids: sorting sorts by chunk. */
  readonly order: Float64Array;
  readonly finder: ChunkFinder;
};

const placementsMost = 2 ** 24;
/** Half of what one read may ask for: as quick, and each worker holds one such range. */
const rangeBytes = limits.readRangeBytes / 2;

/**
 * Brings everything out of one pack that a job asks for:
 *
 *     find the chunks ─► their pieces, sorted ─► ranges of neighbours ─► read ─► decrypt each piece once ─► prove each chunk
 *                     ─► write it wherever it belongs ─► files that are complete get metadata and name
 */
export async function runRestoreJob(worker: Worker, job: RestoreJob): Promise<JobOutput> {
  const delivery = createDelivery(worker, tasksOf(job), job);
  try {
    if (job.pack !== null) await deliverPack(worker, job, job.pack, delivery);
    return delivery.finish();
  } catch (error) {
    delivery.abandon();
    throw error;
  }
}

async function deliverPack(worker: Worker, job: RestoreJob, pack: EncodedPack, delivery: Delivery): Promise<void> {
  let placements: Placements;
  let cipher: PackCipher;
  try {
    placements = placementsIn(worker, job, pack, delivery);
    if (placements.order.length === 0) return;
    const header = await worker.store.get(keyOfPack(pack.id), { offset: 0, length: packHeaderBytes });
    cipher = packCipherFrom(header, pack.id, worker.keys).cipher;
  } catch (error) {
    if (!isObjectDamage(error)) throw error;
    for (let chunk = 0; chunk < job.spans.length; chunk++) delivery.lost(chunk, error.code);
    return;
  }
  const { directory } = placements.finder;
  const open = (piece: DirectoryPiece, sealed: Uint8Array): Uint8Array =>
    openPiece(cipher, directory, piece, sealed, { idOf: worker.keys.idOf, pack: pack.id, into: worker.buffer });
  for (const range of rangesOf(placements)) {
    const bytes = await readRange(worker.store, pack, range);
    for (const { piece, from, to } of range.pieces) {
      const chunks = placements.order.subarray(from, to);
      try {
        const sealed = bytes?.subarray(piece.offset - range.offset, piece.offset - range.offset + piece.stored);
        const raw = open(piece, sealed ?? (await readPiece(worker.store, pack, piece)));
        for (const placed of chunks) {
          const chunk = Math.floor(placed / placementsMost);
          const inner = directory.chunkInner[chunk] ?? 0;
          delivery.bring(placed % placementsMost, raw.subarray(inner, inner + (directory.chunkLength[chunk] ?? 0)));
        }
        if (piece.zstd) giveBack(raw);
      } catch (error) {
        if (!isObjectDamage(error)) throw error;
        for (const placed of chunks) delivery.lost(placed % placementsMost, error.code);
      }
    }
    if (bytes !== null) giveBack(bytes);
  }
}

/** At once, instead of whenever the garbage collector comes by: it does not see how much memory hangs on so small an object. */
function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) buffer.transfer(0);
}

function placementsIn(worker: Worker, job: RestoreJob, pack: EncodedPack, delivery: Delivery): Placements {
  const finder = worker.finderOf(pack);
  const order = new Float64Array(job.spans.length);
  const lengths = new Float64Array(job.spans.length);
  let count = 0;
  for (let number = 0; number < job.spans.length; number++) {
    const chunk = finder.find(job.ids, number * 32);
    lengths[number] = chunk < 0 ? 0 : (finder.directory.chunkLength[chunk] ?? 0);
    if (chunk < 0) delivery.lost(number, 'chunk.missing');
    else order[count++] = chunk * placementsMost + number;
  }
  delivery.measure(lengths);
  return { finder, order: order.subarray(0, count).sort() };
}

type Wanted = { readonly piece: DirectoryPiece; readonly from: number; readonly to: number };
type Range = { readonly offset: number; readonly length: number; readonly pieces: readonly Wanted[] };

/** Pieces that lie close together are read in one go. */
function* rangesOf({ order, finder }: Placements): Generator<Range> {
  const { directory } = finder;
  let pieces: Wanted[] = [];
  let offset = 0;
  let end = 0;
  for (let from = 0; from < order.length; ) {
    const index = pieceOf(directory.chunkPiece, order, from);
    let to = from + 1;
    while (to < order.length && pieceOf(directory.chunkPiece, order, to) === index) to++;
    const piece = directoryPiece(directory, index);
    const pieceEnd = piece.offset + piece.stored;
    const isNear = piece.offset - end <= limits.readGapBytes && pieceEnd - offset <= rangeBytes;
    if (pieces.length > 0 && !isNear) {
      yield { offset, length: end - offset, pieces };
      pieces = [];
    }
    if (pieces.length === 0) offset = piece.offset;
    pieces.push({ piece, from, to });
    end = pieceEnd;
    from = to;
  }
  if (pieces.length > 0) yield { offset, length: end - offset, pieces };
}

function pieceOf(chunkPiece: Uint32Array, order: Float64Array, at: number): number {
  return chunkPiece[Math.floor((order[at] ?? 0) / placementsMost)] ?? 0;
}

/** Null when the range as a whole cannot be read: then each of its pieces is tried by itself. */
async function readRange(store: Store, pack: EncodedPack, { offset, length }: Range): Promise<Uint8Array | null> {
  try {
    return await store.get(keyOfPack(pack.id), { offset, length });
  } catch (error) {
    if (!isObjectDamage(error)) throw error;
    return null;
  }
}

function readPiece(store: Store, pack: EncodedPack, { offset, stored }: DirectoryPiece): Promise<Uint8Array> {
  return store.get(keyOfPack(pack.id), { offset, length: stored });
}

/** Trouble with one object, which others need not share; trouble with the whole place is none. */
export function isObjectDamage(error: unknown): error is CofferError {
  if (!isCofferError(error)) return false;
  if (error.code === 'store.failed' || error.code === 'store.denied') return error.context.key !== undefined;
  return ['object.damaged', 'object.missing', 'store.objectMissing', 'chunk.missing'].includes(error.code);
}

/** The code under which a file fails, or null where the error is no matter of one file. */
export function failureCode(error: unknown): string | null {
  if (isCofferError(error)) return isObjectDamage(error) ? error.code : null;
  const code = systemCode(error);
  return /^E[A-Z0-9]+$/.test(code) ? code : null;
}
