import { assert, type ChunkId, concatBytes, isZero, limits, systemCode } from '../../base/index.ts';
import type { Chunker } from '../../chunk/index.ts';
import type { IdHasher } from '../../crypto/index.ts';
import type { FileStat, FileSystem, Hole, Xattr } from '../../filesystem/index.ts';
import type { ChunkTable } from '../../repository/index.ts';
import type { Intake } from './intake.ts';
import { readStat, sameContent, statWidth, writeStat } from './listing.ts';
import type { createZeroRuns, ZeroRun } from './zero-runs.ts';

/** Files below this are read whole into the slab; above it they are spread over the workers segment by segment. */
export const segmentBytes = 8 * 1024 * 1024;
export const smallFileBytes = segmentBytes / 2;

export type FilesInput = {
  readonly paths: readonly string[];
  /** As the scan saw them: a file that still looks like that after it was read has held still. */
  readonly stats: Float64Array;
};

/** What became of each file of a batch, in the order of its paths. */
export type FilesOutput = {
  readonly stats: Float64Array;
  /** Number of chunks per file; -1 where the file failed. */
  readonly chunks: Int32Array;
  readonly ids: Uint8Array;
  readonly newBytes: number;
  readonly readBytes: number;
  readonly remarks: readonly FileRemark[];
};
export type FileRemark = {
  readonly file: number;
  /** A system code where nothing could be read, `changed-while-read` where it would not hold still. */
  readonly code?: string;
  readonly xattrs?: readonly Xattr[];
  readonly holes?: readonly Hole[];
};

export type SegmentInput = {
  readonly path: string;
  readonly offset: number;
  /** The file as its first segment saw it; a later segment that sees another file ends the chain. */
  readonly first: FileStat | null;
  /** The last try at a file that does not hold still: read up to here, whatever it does meanwhile. */
  readonly upTo: number | null;
};
export type SegmentOutput = {
  readonly ids: Uint8Array;
  readonly bytes: number;
  readonly newBytes: number;
  readonly holes: readonly Hole[];
  /** Only of the last segment. */
  readonly end: { readonly stat: FileStat; readonly xattrs: readonly Xattr[] } | null;
};
/** Sent as soon as the cuts are known, so that the next segment starts while this one is compressed and sealed. */
export type SegmentCut = {
  readonly kind: 'cut';
  readonly path: string;
  readonly next: number | null;
  readonly stat: FileStat;
};

export type FileReader = {
  readonly fileSystem: FileSystem;
  readonly chunker: Chunker;
  readonly idOf: IdHasher;
  readonly table: ChunkTable;
  readonly intake: Intake;
  readonly zerosAt: ReturnType<typeof createZeroRuns>;
};

/** Reads, cuts and stores one small file after another. A file that changes meanwhile is tried again, then flagged. */
export function readFiles(reader: FileReader, input: FilesInput): FilesOutput {
  const count = input.paths.length;
  const stats = new Float64Array(count * statWidth);
  const chunks = new Int32Array(count);
  const remarks: FileRemark[] = [];
  const ids: ChunkId[] = [];
  let newBytes = 0;
  let readBytes = 0;
  for (const [file, path] of input.paths.entries()) {
    try {
      const result = readSmallFile(reader, path, readStat(input.stats, file));
      writeStat(stats, file, result.stat);
      chunks[file] = result.ids.length;
      ids.push(...result.ids);
      newBytes += result.newBytes;
      readBytes += result.stat.size;
      if (result.changed || result.xattrs.length > 0 || result.holes.length > 0) {
        const code = result.changed ? { code: 'changed-while-read' } : {};
        remarks.push({ file, ...code, xattrs: result.xattrs, holes: result.holes });
      }
    } catch (error) {
      const code = systemCode(error);
      if (code === '') throw error;
      chunks[file] = -1;
      remarks.push({ file, code });
    }
  }
  return { stats, chunks, ids: concatBytes(ids), newBytes, readBytes, remarks };
}

type SmallFile = { stat: FileStat; ids: ChunkId[]; newBytes: number; changed: boolean; xattrs: Xattr[]; holes: Hole[] };

function readSmallFile(reader: FileReader, path: string, scanned: FileStat): SmallFile {
  const { fileSystem, chunker } = reader;
  const fd = fileSystem.open(path, 'read');
  try {
    let before = scanned;
    for (let attempt = 1; ; attempt++) {
      const length = fill(fileSystem, fd, chunker.slab, 0, before.size);
      const after = fileSystem.fstat(fd);
      if (after.kind !== 'file') throw Object.assign(new Error('no longer a file'), { code: 'ENOENT' });
      const whole = length === after.size && sameContent(before, after);
      if (!whole && attempt <= limits.changedFileTries) {
        before = after;
        continue;
      }
      const { ids, newBytes } = storeCuts(reader, cutsOf(chunker, length, true));
      const stat = { ...after, size: length };
      const xattrs = fileSystem.xattrs(path);
      const holes = whole ? holesIn(reader, fd, { stat, offset: 0, length }) : [];
      return { stat, ids, newBytes, changed: !whole, xattrs, holes };
    }
  } finally {
    fileSystem.close(fd);
  }
}

type InSlab = { readonly stat: FileStat; readonly offset: number; readonly length: number };

/** The holes in what was just read. One in which the slab has more than zeros is none, whatever the file system says. */
function holesIn({ fileSystem, chunker }: FileReader, fd: number, { stat, offset, length }: InSlab): Hole[] {
  if (stat.blocks * 512 >= stat.size) return [];
  return fileSystem.holes(fd, offset, offset + length).filter((hole) => {
    const at = hole.offset - offset;
    return isZero(chunker.slab.subarray(at, at + hole.length));
  });
}

/**
 * Fills the slab from `position`; fewer bytes than its length mean the end of the file. With the size known, one read that
 * asks for a byte more tells both content and end.
 */
function fill(fileSystem: FileSystem, fd: number, slab: Uint8Array, position: number, expected: number): number {
  let length = 0;
  while (length < slab.length) {
    const wanted = length <= expected ? Math.min(slab.length, expected + 1) : slab.length;
    const got = fileSystem.read(fd, slab.subarray(length, wanted), position + length);
    length += got;
    if (got === 0 || length === expected) break;
  }
  return length;
}

function cutsOf(chunker: Chunker, length: number, final: boolean): number[] {
  const ends: number[] = [];
  for (let from = 0; from < length; ) {
    const end = chunker.cut(from, length, final);
    if (end === 0) break;
    ends.push(end);
    from = end;
  }
  return ends;
}

function storeCuts(reader: FileReader, ends: readonly number[]): { ids: ChunkId[]; newBytes: number } {
  const ids: ChunkId[] = [];
  let newBytes = 0;
  let from = 0;
  for (const end of ends) {
    const bytes = reader.chunker.slab.subarray(from, end);
    const id = reader.idOf(bytes);
    if (reader.table.claim(id)) {
      reader.intake.take('data', id, bytes);
      newBytes += bytes.length;
    }
    ids.push(id);
    from = end;
  }
  return { ids, newBytes };
}

function storeZeros(
  { chunker, table, intake }: FileReader,
  { id, length, count }: ZeroRun,
): {
  ids: Uint8Array;
  newBytes: number;
} {
  const ids = new Uint8Array(count * id.length);
  for (let at = 0; at < ids.length; at += id.length) ids.set(id, at);
  if (!table.claim(id)) return { ids, newBytes: 0 };
  intake.take('data', id, chunker.slab.subarray(0, length).fill(0));
  return { ids, newBytes: length };
}

/** One slab of a big file, from a chunk boundary on. `onCut` is called before the slow part begins. */
export function readSegment(reader: FileReader, input: SegmentInput, onCut: (cut: SegmentCut) => void): SegmentOutput {
  const { fileSystem, chunker } = reader;
  const fd = fileSystem.open(input.path, 'read');
  try {
    const stat = fileSystem.fstat(fd);
    if (stat.kind !== 'file') throw Object.assign(new Error('no longer a file'), { code: 'ENOENT' });
    const steady = input.first === null || input.upTo !== null || sameContent(input.first, stat);
    const zeros = steady ? reader.zerosAt(fd, stat, input.offset, Math.min(stat.size, input.upTo ?? stat.size)) : null;
    if (zeros !== null) {
      const bytes = zeros.count * zeros.length;
      onCut({ kind: 'cut', path: input.path, next: input.offset + bytes, stat });
      return { ...storeZeros(reader, zeros), bytes, holes: [{ offset: input.offset, length: bytes }], end: null };
    }
    const room = Math.min(chunker.slab.length, (input.upTo ?? Number.POSITIVE_INFINITY) - input.offset);
    const length = fill(fileSystem, fd, chunker.slab.subarray(0, room), input.offset, stat.size - input.offset);
    const final = length < chunker.slab.length || input.offset + length >= (input.upTo ?? stat.size);
    const ends = cutsOf(chunker, length, final);
    const bytes = ends.at(-1) ?? 0;
    assert(final || bytes > 0, 'a slab without a cut');
    const more = !final && steady;
    onCut({ kind: 'cut', path: input.path, next: more ? input.offset + bytes : null, stat });
    const stored = storeCuts(reader, ends);
    const ids = concatBytes(stored.ids);
    const { newBytes } = stored;
    const holes = holesIn(reader, fd, { stat, offset: input.offset, length: bytes });
    if (more) return { ids, bytes, newBytes, holes, end: null };
    const after = fileSystem.fstat(fd);
    return { ids, bytes, newBytes, holes, end: { stat: after, xattrs: fileSystem.xattrs(input.path) } };
  } finally {
    fileSystem.close(fd);
  }
}
