import { assert } from '../../base/index.ts';
import { type Boundary, compileRules, createBoundary, type Rules, withLongPaths } from '../../filesystem/index.ts';
import { type Emit, Handover, type Labour } from '../../pool/index.ts';
import type { BundleInput } from './dispatch.ts';
import type { FilesInput, SegmentInput } from './file-jobs.ts';
import { type ScanInput, type Scanner, scanFolder } from './scan-job.ts';
import type { GrownSegment, LabourPorts, ReadSetup, ScanSetup } from './setup.ts';

type Reading = Awaited<ReturnType<typeof import('./reading.ts')['openReading']>>;

/**
 * One worker of a backup: scans from the start, reads once it has heard the keys. What only reading needs is loaded then:
 * a run that finds nothing new is over before it would have been.
 */
export function makeBackupLabour(given: LabourPorts, setup: ScanSetup, emit: Emit): Labour {
  const fileSystem = withLongPaths(given.fileSystem);
  const ports = { ...given, fileSystem };
  const rules = setup.sources.map((source) => compileRules(source.rules));
  const boundaries = setup.sources.map((source) => createBoundary(source.boundary, fileSystem));
  const scanner: Scanner = {
    fileSystem,
    digest: ports.digest,
    rulesOf: (source) => at<Rules>(rules, source),
    boundaryOf: (source) => at<Boundary>(boundaries, source),
  };
  let opened: Promise<Reading> | null = null;
  const reading = (): Promise<Reading> => {
    assert(opened !== null, 'a reading job before the keys');
    return opened;
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
      files: async (input: FilesInput) => (await reading()).files(input),
      segment: async (input: SegmentInput) => (await reading()).segment(input),
      bundle: async (input: BundleInput) => (await reading()).bundle(input),
      flush: async () => (opened === null ? null : (await opened).flush()),
    },
    hear(message) {
      const heard = message as ReadSetup | GrownSegment; // only the coordinator broadcasts
      if (heard.kind === 'setup') {
        opened = import('./reading.ts').then((room) => room.openReading(ports, heard, emit));
        opened.catch(() => {}); // every job awaits it, and fails with it
      } else {
        opened?.then((known) => known.grow(heard.segment)).catch(() => {}); // as above
      }
    },
    end() {
      opened?.then(
        (known) => known.drop(),
        () => {},
      );
      opened = null;
      fileSystem.letGo();
    },
  };
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  assert(value !== undefined, 'no such source');
  return value;
}
