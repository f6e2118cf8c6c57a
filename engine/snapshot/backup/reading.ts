import { toHex } from '../../base/index.ts';
import { createChunker } from '../../chunk/index.ts';
import { deriveGearTable, loadIdHasher } from '../../crypto/index.ts';
import { joinPath } from '../../filesystem/index.ts';
import type { Emit } from '../../pool/index.ts';
import { createPackWriter, shareChunkTable, type TableSegment } from '../../repository/index.ts';
import type { BundleInput } from './dispatch.ts';
import {
  type FileReader,
  type FilesInput,
  readFiles,
  readSegment,
  type SegmentInput,
  segmentBytes,
} from './file-jobs.ts';
import { createIntake } from './intake.ts';
import type { LabourPorts, PackEvent, ReadSetup } from './setup.ts';
import { createZeroRuns } from './zero-runs.ts';

/** A worker's reading half: everything that needs the vault's keys. */
export async function openReading(ports: LabourPorts, setup: ReadSetup, emit: Emit) {
  const reader = await createReader(ports, setup, emit);
  return {
    files: (input: FilesInput) => readFiles(reader, input),
    segment: (input: SegmentInput) => readSegment(reader, input, emit),
    bundle: (input: BundleInput): null => {
      reader.intake.takeBundle(input.type, input.chunks, input.bytes);
      return null;
    },
    flush: (): null => {
      reader.intake.flush();
      return null;
    },
    drop: (): void => reader.intake.drop(),
    grow: (segment: TableSegment): void => void reader.table.segments.push(segment),
  };
}

async function createReader(ports: LabourPorts, setup: ReadSetup, emit: Emit): Promise<FileReader> {
  const { fileSystem, random } = ports;
  const table = shareChunkTable([...setup.segments]);
  const chunker = createChunker(setup.chunker, deriveGearTable(setup.keys.chunker), segmentBytes);
  const idOf = await loadIdHasher(setup.idAlgorithm, setup.keys.chunkId);
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
    onFailure: (error, lostBytes) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      emit({ kind: 'pack-failed', code, message: String(error), lostBytes } satisfies PackEvent);
    },
  });
  return { fileSystem, chunker, idOf, table, intake, zerosAt: createZeroRuns(fileSystem, chunker, idOf) };
}
