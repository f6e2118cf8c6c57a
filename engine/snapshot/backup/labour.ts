import { assert, type Random, toHex, type VaultId } from '../../base/index.ts';
import { type Chunker, type ChunkerParameters, createChunker } from '../../chunk/index.ts';
import { deriveGearTable, type IdHasher, loadIdHasher, type VaultKeys } from '../../crypto/index.ts';
import {
  type Boundary,
  type BoundaryOptions,
  compileRules,
  createBoundary,
  type FileSystem,
  joinPath,
  type Rules,
  type RulesOptions,
} from '../../filesystem/index.ts';
import type { Emit, Labour } from '../../pool/index.ts';
import { createPackWriter, type SealedPack, shareChunkTable, type TableSegment } from '../../repository/index.ts';
import type { BundleInput } from './dispatch.ts';
import { type FileReader, type FilesInput, readFiles, readSegment, type SegmentInput, segmentBytes } from './file-jobs.ts';
import { createIntake } from './intake.ts';
import { type ScanInput, scanFolder, type Scanner } from './scan-job.ts';
import { Handover } from '../../pool/index.ts';

/** What a worker needs from the start: enough to scan. */
export type ScanSetup = {
  readonly sources: readonly { readonly rules: RulesOptions; readonly boundary: BoundaryOptions }[];
};

/** What it needs to read: sent once the vault is open. */
export type ReadSetup = {
  readonly kind: 'setup';
  readonly vault: VaultId;
  readonly keys: Pick<VaultKeys, 'pack' | 'chunkId' | 'chunker'>;
  readonly idAlgorithm: 'blake3' | 'hmac-sha256';
  readonly chunker: ChunkerParameters;
  readonly level: number;
  /** Where sealed packs are written, and what their temporary names begin with. */
  readonly spool: string;
  readonly spoolPrefix: string;
  readonly segments: readonly TableSegment[];
  /** The next free pack number, shared by all workers. */
  readonly packCounter: Int32Array;
};
export type GrownSegment = { readonly kind: 'segment'; readonly segment: TableSegment };

export type PackEvent =
  | { readonly kind: 'sealed'; readonly pack: SealedPack }
  | { readonly kind: 'pack-failed'; readonly code: string; readonly message: string };

export type LabourPorts = { readonly fileSystem: FileSystem; readonly random: Random };

/** One worker of a backup: scans from the start, reads once it has heard the keys. */
export async function makeBackupLabour(ports: LabourPorts, setup: ScanSetup, emit: Emit): Promise<Labour> {
  const { fileSystem } = ports;
  const rules = setup.sources.map((source) => compileRules(source.rules));
  const boundaries = setup.sources.map((source) => createBoundary(source.boundary, fileSystem));
  const scanner: Scanner = {
    fileSystem,
    digest: await loadIdHasher('blake3', new Uint8Array(32)),
    rulesOf: (source) => at<Rules>(rules, source),
    boundaryOf: (source) => at<Boundary>(boundaries, source),
  };
  let reading: Promise<FileReader> | null = null;
  const reader = (): Promise<FileReader> => {
    assert(reading !== null, 'a reading job before the keys');
    return reading;
  };
  return {
    jobs: {
      scan: (input: ScanInput) => {
        const listings = input.folders.map((folder) => scanFolder(scanner, folder));
        return new Handover(
          listings,
          listings.map((listing) => listing.stats.buffer as ArrayBuffer),
        );
      },
      files: async (input: FilesInput) => readFiles(await reader(), input),
      segment: async (input: SegmentInput) => readSegment(await reader(), input, emit),
      bundle: async (input: BundleInput) => {
        (await reader()).intake.takeBundle(input.type, input.chunks, input.bytes);
        return null;
      },
      flush: async () => {
        if (reading !== null) (await reader()).intake.flush();
        return null;
      },
    },
    hear(message) {
      const heard = message as ReadSetup | GrownSegment; // only the coordinator broadcasts
      if (heard.kind === 'setup') reading = createReader(ports, heard, emit);
      else void reading?.then((known) => known.table.segments.push(heard.segment));
    },
    end() {
      reading = null;
    },
  };
}

async function createReader(ports: LabourPorts, setup: ReadSetup, emit: Emit): Promise<FileReader> {
  const { fileSystem, random } = ports;
  const table = shareChunkTable([...setup.segments]);
  const chunker: Chunker = createChunker(setup.chunker, deriveGearTable(setup.keys.chunker), segmentBytes);
  const idOf: IdHasher = await loadIdHasher(setup.idAlgorithm, setup.keys.chunkId);
  const intake = createIntake({
    table,
    random,
    level: setup.level,
    openPack: (type) =>
      createPackWriter({
        type,
        fileSystem,
        random,
        packKey: setup.keys.pack,
        vault: setup.vault,
        number: Atomics.add(setup.packCounter, 0, 1),
        path: joinPath(setup.spool, `${setup.spoolPrefix}-${toHex(random.bytes(12))}`),
      }),
    onSealed: (pack) => emit({ kind: 'sealed', pack } satisfies PackEvent),
    onFailure: (error) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      emit({ kind: 'pack-failed', code, message: String(error) } satisfies PackEvent);
    },
  });
  return { fileSystem, chunker, idOf, table, intake };
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  assert(value !== undefined, 'no such source');
  return value;
}

