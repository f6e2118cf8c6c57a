import { availableParallelism } from 'node:os';
import { createInlinePool, createPool, type Pool } from '../../pool/index.ts';
import type { Ports } from '../../repository/index.ts';
import { makeRestoreLabour, type RestoreJobs, type RestoreSetup } from './labour.ts';
import { makeSyncLabour, type SyncJobs } from './sync-job.ts';

/**
 * The threads of one restore. Starting them takes as long as unlocking a vault, so who knows that a restore will come starts
 * them before it asks for the secret; they learn their task, and the keys, when it is known.
 */
export type RestoreCrew = {
  readonly restoring: Pool<RestoreJobs>;
  readonly syncing: Pool<SyncJobs>;
  begin(setup: RestoreSetup): void;
  /** Also without having begun. */
  end(): Promise<void>;
};

/** At least two, so that one reads while the other waits for the disk; one core is left for the person. */
function workerCount(cores: number): number {
  return Math.min(Math.max(2, cores - 1), 16);
}

export function startRestoreCrew(ports: Ports): RestoreCrew {
  const { promise: setup, resolve: begin } = Promise.withResolvers<RestoreSetup>();
  const pools = startPools(ports, setup);
  let ending: Promise<unknown> | null = null;
  return {
    ...pools,
    begin,
    async end() {
      ending ??= Promise.all([pools.restoring.end(), pools.syncing.end()]);
      await ending;
    },
  };
}

function startPools(ports: Ports, setup: Promise<RestoreSetup>): Pick<RestoreCrew, 'restoring' | 'syncing'> {
  const size = ports.threads ? workerCount(availableParallelism()) : 2;
  const restoring = { size, data: setup, onEvent: () => {} };
  const syncing = { size: 1, data: null, onEvent: () => {} };
  if (ports.threads) {
    return {
      restoring: createPool(new URL('./restore-worker.ts', import.meta.url), restoring),
      syncing: createPool(new URL('./sync-worker.ts', import.meta.url), syncing),
    };
  }
  return {
    restoring: createInlinePool((data: RestoreSetup) => makeRestoreLabour(ports, data), restoring),
    syncing: createInlinePool(() => makeSyncLabour(ports.fileSystem), syncing),
  };
}
