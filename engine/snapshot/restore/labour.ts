import { limits, type VaultId } from '../../base/index.ts';
import { type IdAlgorithm, loadIdHasher, type VaultKeys } from '../../crypto/index.ts';
import { withLongPaths } from '../../filesystem/index.ts';
import { Handover, type Labour } from '../../pool/index.ts';
import { type Ports, storeOf, type Vault } from '../../repository/index.ts';
import { createFinders } from './chunk-finder.ts';
import { runCompareJob } from './compare-job.ts';
import type { JobOutput, RestoreJob } from './job.ts';

import { createMaker } from './maker.ts';
import { runRestoreJob, type Worker } from './pack-job.ts';

export type RestoreSetup = {
  readonly url: string;
  readonly storeOwner: string;
  readonly vault: VaultId;
  readonly keys: Pick<VaultKeys, 'pack' | 'chunkId'>;
  readonly idAlgorithm: IdAlgorithm;
  /** Id of the restore: part of its hidden names. */
  readonly restore: string;
};

export type RestoreJobs = {
  restore: { in: RestoreJob; out: JobOutput };
  compare: { in: RestoreJob; out: JobOutput };
};

/** Packs whose directories a worker keeps: several jobs of one pack often follow each other. */
const findersKept = 4;

export function setupOf(vault: Vault, restore: string): RestoreSetup {
  const { pack, chunkId } = vault.keys;
  return {
    url: vault.url,
    storeOwner: vault.spoolOwner,
    vault: vault.id,
    keys: { pack, chunkId },
    idAlgorithm: vault.params.idAlgorithm,
    restore,
  };
}

/** One worker of a restore: reads from the store itself, proves, writes. */
export function makeRestoreLabour(ports: Ports, setup: RestoreSetup): Labour {
  const fileSystem = withLongPaths(ports.fileSystem);
  let opened: Promise<Worker> | null = null;
  const open = async (): Promise<Worker> => ({
    fileSystem,
    store: await storeOf(ports, setup.url, setup.storeOwner),
    keys: {
      packKey: setup.keys.pack,
      vault: setup.vault,
      idOf: await loadIdHasher(setup.idAlgorithm, setup.keys.chunkId),
    },
    maker: createMaker(fileSystem, setup.restore),
    finderOf: createFinders(findersKept),
    buffer: new Uint8Array(limits.pieceRawBytes),
  });
  const worker = (): Promise<Worker> => (opened ??= open());
  const handOver = (output: JobOutput): Handover<JobOutput> =>
    new Handover(output, [output.rows.buffer as ArrayBuffer]); // made by the job for itself alone
  return {
    jobs: {
      restore: async (job: RestoreJob) => handOver(await runRestoreJob(await worker(), job)),
      compare: async (job: RestoreJob) => handOver(runCompareJob(await worker(), job)),
    },
    hear() {},
    end() {
      opened?.then((known) => known.store.close()).catch(() => {});
      opened = null;
      fileSystem.letGo();
    },
  };
}
