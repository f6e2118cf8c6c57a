import { atMost, CofferError, crashPoint, isCofferError, systemCode } from '../../base/index.ts';
import { homeFailure } from '../../filesystem/index.ts';
import { decodeDirectory, keyOfPack } from '../../format/index.ts';
import type { FedVault, IndexWriter, Ports, SealedPack, VaultIndex } from '../../repository/index.ts';
import { idAt } from '../../repository/index.ts';
import type { PackEvent } from './setup.ts';

/**
 * Brings sealed packs into the store: sync, rename, then they count. A pack that fails takes its chunks back, so that the
 * next pass stores them again; a store that is full or gone ends the run.
 */
export type Arrivals = {
  arrive(pack: SealedPack): void;
  failed(event: Extract<PackEvent, { kind: 'pack-failed' }>): void;
  /** Bytes of files in packs that failed here: they count as new once more when they are stored again. */
  readonly lostBytes: number;
  /** Resolves when every pack so far is durable or has failed. */
  settled(): Promise<void>;
  readonly failures: number;
  readonly storedBytes: number;
  /** Of packs that are sealed and not yet in the store. */
  readonly waitingBytes: number;
  isDurable(pack: string): boolean;
};

export function createArrivals(
  ports: Ports,
  known: {
    readonly vault: FedVault;
    readonly index: VaultIndex;
    readonly writer: IndexWriter;
    readonly indexBytes: number;
    /** Aborted when the run ends: nothing more is waited for. */
    readonly signal: AbortSignal;
  },
  on: { readonly endRun: (error: unknown) => void; readonly arrived: () => void },
): Arrivals {
  const { vault, index, writer, signal } = known;
  const { endRun } = on;
  const underway = new Set<Promise<void>>();
  const durable = new Set<string>();
  let failures = 0;
  let lostBytes = 0;
  let storedBytes = 0;
  let waitingBytes = 0;
  let indexing: Promise<void> = Promise.resolve();
  const syncing = atMost(syncsMost);

  const takeBack = (pack: SealedPack): void => {
    const directory = decodeDirectory(pack.directory, keyOfPack(pack.id));
    for (let chunk = 0; chunk < directory.chunkCount; chunk++) {
      index.table.void(idAt(directory.chunkIds, chunk), 0);
      if (pack.type === 'data') lostBytes += directory.chunkLength[chunk] ?? 0;
    }
  };
  const adopt = async (pack: SealedPack): Promise<void> => {
    try {
      await vault.store.adopt(keyOfPack(pack.id), pack.path, signal);
    } catch (error) {
      // Its name is its hash, of random bytes too: an earlier try of ours has arrived although its answer was lost.
      if (!isCofferError(error, 'store.objectExists')) throw error;
    }
  };
  /** A far place has its own patience, and what it says in the end is final; its spool is on this computer's disk. */
  const endIfFinal = (error: unknown): void => {
    const isFar = vault.uploads !== null;
    if (!isFinal(error) && !(isFar && isCofferError(error))) return;
    endRun(isFar ? homeFailure(vault.store.spool ?? '', error) : asStoreError(error, vault.url));
  };
  /** A sync that failed says nothing when it is asked again, so the bytes are of no use. */
  const removeQuietly = (path: string): void => {
    try {
      ports.fileSystem.removeFile(path);
    } catch {
      // The next run clears the spool.
    }
  };
  const waitsNoMore = ({ length }: SealedPack): void => {
    waitingBytes -= length;
    on.arrived();
  };
  const bring = async (pack: SealedPack): Promise<void> => {
    try {
      crashPoint('pack.durable.before');
      await syncing(() => ports.fileSystem.syncLater(pack.path));
      crashPoint('pack.durable.after');
      crashPoint('pack.confirmed.before');
      await adopt(pack);
      crashPoint('pack.confirmed.after');
    } catch (error) {
      waitsNoMore(pack);
      takeBack(pack);
      removeQuietly(pack.path);
      failures++;
      ports.log.warn('a pack failed', { pack: pack.id, error: String(error) });
      endIfFinal(error);
      return;
    }
    durable.add(pack.id);
    waitsNoMore(pack);
    storedBytes += pack.length;
    index.add(pack);
    writer.add(pack);
    if (writer.waitingBytes < known.indexBytes) return;
    indexing = indexing.then(() => writer.write(signal));
    await indexing;
  };
  return {
    arrive(pack) {
      waitingBytes += pack.length;
      const work = bring(pack)
        .catch(endRun)
        .finally(() => underway.delete(work));
      underway.add(work);
    },
    failed({ code, message, lostBytes: lost }) {
      failures++;
      lostBytes += lost;
      ports.log.warn('a pack could not be written', { code, message });
      endIfFinal(Object.assign(new Error(message), { code }));
    },
    async settled() {
      while (underway.size > 0) await Promise.all(underway);
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get lostBytes() {
      return lostBytes;
    },
    get failures() {
      return failures;
    },
    get storedBytes() {
      return storedBytes;
    },
    isDurable: (pack) => durable.has(pack),
  };
}

/**
 * Each takes one of Node's few threads for as long as the disk needs, which is long on a slow stick. More would keep the
 * question whether the place answers waiting, and make no disk faster.
 */
const syncsMost = 2;

const finalCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR']);

/** Whether trying again in this run would only fail again. */
function isFinal(error: unknown): boolean {
  if (isCofferError(error)) return error.code !== 'store.failed';
  return finalCodes.has(systemCode(error));
}

function asStoreError(error: unknown, store: string): unknown {
  if (isCofferError(error)) return error;
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CofferError('store.full', { store }, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new CofferError('store.denied', { store, action: 'write there' }, error);
    case 'ENOENT':
    case 'ENOTDIR':
      return new CofferError('store.missing', { store }, error);
    default:
      return new CofferError('store.failed', { store, detail: systemCode(error) || String(error) }, error);
  }
}
