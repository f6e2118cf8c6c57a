import { createInlinePool, createPool, type Pool, workerCount } from '../../pool/index.ts';
import type { Ports } from '../../repository/index.ts';
import type { RestoreJobs, RestoreSetup } from './labour.ts';
import type { SyncJobs } from './sync-job.ts';

/**
 * The threads of one restore. Starting them takes as long as unlocking a vault, so who knows that a restore will come starts
 * them as soon as there is a secret to try; they learn their task, and the keys, when it is known.
 */
export type RestoreCrew = {
  readonly restoring: Pool<RestoreJobs>;
  readonly syncing: Pool<SyncJobs>;
  begin(setup: RestoreSetup): void;
  /** Also without having begun. */
  end(): Promise<void>;
};

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
  const size = workerCount(ports.threads);
  const restoring = { size, data: setup, onEvent: () => {} };
  const syncing = { size: 1, data: null, onEvent: () => {} };
  if (ports.threads) {
    return {
      restoring: createPool(new URL('./restore-worker.ts', import.meta.url), restoring),
      syncing: createPool(new URL('./sync-worker.ts', import.meta.url), syncing),
    };
  }
  return {
    restoring: createInlinePool(
      async (data: RestoreSetup) => (await import('./labour.ts')).makeRestoreLabour(ports, data),
      restoring,
    ),
    syncing: createInlinePool(async () => (await import('./sync-job.ts')).makeSyncLabour(ports.fileSystem), syncing),
  };
}
