import { createInlinePool, createPool, type Pool, workerCount } from '../../pool/index.ts';
import type { Ports } from '../../repository/index.ts';
import type { RestoreJobs, RestoreSetup } from './labour.ts';

/**
 * The threads of one restore. Starting them takes as long as unlocking a vault, so who knows that a restore will come starts
 * them as soon as there is a secret to try; they learn their task, and the keys, when it is known.
 */
export type RestoreCrew = {
  readonly restoring: Pool<RestoreJobs>;
  begin(setup: RestoreSetup): void;
  /** Also without having begun. */
  end(): Promise<void>;
};

export function startRestoreCrew(ports: Ports): RestoreCrew {
  const { promise: setup, resolve: begin } = Promise.withResolvers<RestoreSetup>();
  const options = { size: workerCount(ports.threads), data: setup, onEvent: () => {} };
  const restoring: Pool<RestoreJobs> = ports.threads
    ? createPool(new URL('./restore-worker.ts', import.meta.url), options)
    : createInlinePool(
        async (data: RestoreSetup) => (await import('./labour.ts')).makeRestoreLabour(ports, data),
        options,
      );
  let ending: Promise<unknown> | null = null;
  return {
    restoring,
    begin,
    async end() {
      ending ??= restoring.end();
      await ending;
    },
  };
}
