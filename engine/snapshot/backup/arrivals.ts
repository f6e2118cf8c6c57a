import { CofferError, isCofferError, systemCode } from '../../base/index.ts';
import { decodeDirectory, keyOfPack } from '../../format/index.ts';
import type { IndexWriter, Ports, SealedPack, Vault, VaultIndex } from '../../repository/index.ts';
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
  isDurable(pack: string): boolean;
};

export function createArrivals(
  ports: Ports,
  known: {
    readonly vault: Vault;
    readonly index: VaultIndex;
    readonly writer: IndexWriter;
    readonly indexBytes: number;
  },
  endRun: (error: unknown) => void,
): Arrivals {
  const { vault, index, writer } = known;
  const underway = new Set<Promise<void>>();
  const durable = new Set<string>();
  let failures = 0;
  let lostBytes = 0;
  let storedBytes = 0;
  let indexing: Promise<void> = Promise.resolve();

  const takeBack = (pack: SealedPack): void => {
    const directory = decodeDirectory(pack.directory, keyOfPack(pack.id));
    for (let chunk = 0; chunk < directory.chunkCount; chunk++) {
      index.table.void(idAt(directory.chunkIds, chunk), 0);
      if (pack.type === 'data') lostBytes += directory.chunkLength[chunk] ?? 0;
    }
  };
  const adopt = async (pack: SealedPack): Promise<void> => {
    try {
      await vault.store.adopt(keyOfPack(pack.id), pack.path);
    } catch (error) {
      // Its name is its hash, of random bytes too: an earlier try of ours has arrived although its answer was lost.
      if (!isCofferError(error, 'store.objectExists')) throw error;
    }
  };
  /** A sync that failed says nothing when it is asked again, so the bytes are of no use. */
  const removeQuietly = (path: string): void => {
    try {
      ports.fileSystem.removeFile(path);
    } catch {
      // The next run clears the spool.
    }
  };
  const bring = async (pack: SealedPack): Promise<void> => {
    try {
      await ports.fileSystem.syncLater(pack.path);
      await adopt(pack);
    } catch (error) {
      takeBack(pack);
      removeQuietly(pack.path);
      failures++;
      ports.log.warn('a pack failed', { pack: pack.id, error: String(error) });
      if (isFinal(error)) endRun(asStoreError(error, vault.url));
      return;
    }
    durable.add(pack.id);
    storedBytes += pack.length;
    index.add(pack);
    writer.add(pack);
    if (writer.waitingBytes < known.indexBytes) return;
    indexing = indexing.then(async () => {
      await vault.store.flush();
      await writer.write();
    });
    await indexing;
  };
  return {
    arrive(pack) {
      const work = bring(pack).catch(endRun);
      underway.add(work);
      work.finally(() => underway.delete(work)).catch(() => {});
    },
    failed({ code, message, lostBytes: lost }) {
      failures++;
      lostBytes += lost;
      ports.log.warn('a pack could not be written', { code, message });
      const error = Object.assign(new Error(message), { code });
      if (isFinal(error)) endRun(asStoreError(error, vault.url));
    },
    async settled() {
      while (underway.size > 0) await Promise.all(underway);
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
