import { assert, limits } from '../../base/index.ts';
import {
  absentForWriters,
  createIndexWriter,
  type FedVault,
  foundPath,
  type IndexWriter,
  loadIndex,
  newestOwnSnapshot,
  type Ports,
  type VaultIndex,
} from '../../repository/index.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';
import { type KeptCache, loadFolderCache } from './cache-file.ts';
import type { BundleInput } from './dispatch.ts';
import { createLedger, type Ledger, type LedgerOf } from './ledger.ts';
import type { ReadSetup } from './setup.ts';
import { createTreeStore, type TreeStore } from './tree-store.ts';

/** What scanning and reading share once the vault is open. */
export type OpenRun = {
  readonly vault: FedVault;
  readonly index: VaultIndex;
  readonly trees: TreeStore;
  readonly arrivals: Arrivals;
  readonly indexWriter: IndexWriter;
  readonly bundles: Promise<unknown>[];
  /** Of the pass under way. */
  ledger: Ledger;
  /** The folder cache is that of the last snapshot from here: what it says and nobody says has changed since is so. */
  readonly isCacheNewest: boolean;
};

export async function openRun(
  ports: Ports,
  vault: FedVault,
  about: Omit<LedgerOf, 'isCacheOld'>,
  on: {
    readonly stopIfEnded: () => void;
    readonly endRun: (error: unknown) => void;
    readonly arrived: () => void;
    readonly kept: KeptCache | null;
    /** Aborted when the run ends. */
    readonly signal: AbortSignal;
    readonly sendBundle: (bundle: BundleInput) => Promise<unknown>;
  },
): Promise<OpenRun> {
  const index = await loadIndex(vault, { without: absentForWriters(vault), isStoring: true });
  on.stopIfEnded();
  await vault.store.prepareSpool(vault.spoolOwner);
  const indexWriter = createIndexWriter(vault, ports);
  await nameLooseFinds(vault, index, indexWriter, on.signal);
  const known = { vault, index, writer: indexWriter, indexBytes: limits.indexBytes, signal: on.signal };
  const bundles: Promise<unknown>[] = [];
  const trees = createTreeStore(vault, index, (bundle) => {
    const job = on.sendBundle(bundle);
    job.catch(on.endRun);
    bundles.push(job);
  });
  const arrivals = createArrivals(ports, known, on);
  const newest = newestOwnSnapshot(vault);
  const cache = loadFolderCache(vault.local, on.kept, newest);
  const isCacheNewest = cache.snapshot !== '' && cache.snapshot === newest;
  const ledger = createLedger(index, cache, { ...about, isCacheOld: !isCacheNewest });
  return { vault, index, trees, arrivals, indexWriter, bundles, ledger, isCacheNewest };
}

/**
 * Packs that an earlier run stored and no index names yet (it was killed): named now, so that they are never lost sight of.
 * Those still on their way to a far place are named with what this run stores: nothing waits for them before.
 */
async function nameLooseFinds(
  vault: FedVault,
  index: VaultIndex,
  writer: IndexWriter,
  signal: AbortSignal,
): Promise<void> {
  for (const [number, pack] of index.packs) {
    if (pack.indexed) continue;
    const { id, length, type, encoded } = pack;
    writer.add({ number, id, type, path: foundPath, length, directory: encoded });
  }
  if ((vault.uploads?.figures.objects ?? 0) === 0) await writer.write(signal);
}

export function readSetup({ vault, index }: OpenRun): ReadSetup {
  const { pack, chunkId, chunker } = vault.keys;
  assert(vault.store.spool !== null, 'a store that takes files');
  return {
    kind: 'setup',
    vault: vault.id,
    keys: { pack, chunkId, chunker },
    idAlgorithm: vault.params.idAlgorithm,
    chunker: vault.params.chunker,
    level: vault.params.level,
    spool: vault.store.spool,
    spoolPrefix: vault.spoolOwner,
    segments: index.table.segments,
    packCounter: index.packCounter,
  };
}
