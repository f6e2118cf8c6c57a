import { availableParallelism } from 'node:os';
import { createInlinePool, createPool, type Pool } from '../../pool/index.ts';
import type { PackToVerify, PackVerdict, Ports, Vault, VerifyPacks } from '../../repository/index.ts';
import { makeVerifyLabour, type VerifyJobs, type VerifySetup } from './labour.ts';

/** As many as a backup takes at most. */
const workersMost = 16;
/** One is read while the next waits, so that no worker idles. */
const packsPerWorker = 2;
/** For less, threads take longer to start than to be done. */
const bytesForThreads = 128 * 1024 * 1024;

/** Reads packs whole on worker threads; packs themselves never cross one. */
export function verifyPacksOf(vault: Vault, ports: Ports): VerifyPacks {
  return async (packs, hear, signal) => {
    if (packs.length === 0) return;
    let bytes = 0;
    for (const { length } of packs) bytes += length;
    const pool = startPool(vault, ports, bytes);
    try {
      await spread(pool, packs, hear, signal);
    } finally {
      await pool.end();
    }
  };
}

function startPool(vault: Vault, ports: Ports, bytes: number): Pool<VerifyJobs> {
  const { id, url, params, keys } = vault;
  const data: VerifySetup = {
    url,
    vault: id,
    idAlgorithm: params.idAlgorithm,
    keys: { pack: keys.pack, chunkId: keys.chunkId },
  };
  const withThreads = ports.threads && ports.storeFor === undefined && bytes >= bytesForThreads;
  const size = withThreads ? Math.min(availableParallelism(), workersMost) : 1;
  const options = { size, data, onEvent: () => {} };
  if (withThreads) return createPool(new URL('./verify-worker.ts', import.meta.url), options);
  return createInlinePool((setup) => makeVerifyLabour(vault.store, setup), options);
}

async function spread(
  pool: Pool<VerifyJobs>,
  packs: readonly PackToVerify[],
  hear: (verdict: PackVerdict) => void,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = packs.values();
  const work = async (): Promise<void> => {
    for (const pack of waiting) {
      signal?.throwIfAborted();
      hear(await pool.run('verify', pack));
    }
  };
  await Promise.all(Array.from({ length: pool.size * packsPerWorker }, work));
}
