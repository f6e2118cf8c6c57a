import { isCofferError, type Log, systemCode, utf8 } from '../base/index.ts';
import { sha256Hex } from '../crypto/index.ts';
import { type FileSystem, joinPath } from '../filesystem/index.ts';
import { createMemoryRecords, type Uploads, withUploads } from '../storage/index.ts';
import { folderOfVault, type LocalState, lockVault } from './local-state.ts';
import type { Vault } from './open-vault.ts';
import type { Ports } from './ports.ts';

/** A vault that a backup writes to; `uploads` is null where its place takes packs by a rename. */
export type FedVault = Vault & { readonly uploads: PlaceUploads | null };

export type PlaceUploads = Pick<Uploads, 'figures' | 'isDamaged'> & {
  /** Bytes per second that the line has brought of late, and no more than may be sent; null where nothing tells. */
  readonly usualRate: number | null;
  /** As `Uploads.stop`, and the rate is remembered for the next run. */
  stop(reason: unknown): void;
};

/**
 * Where the place is far away, packs go by a spool on this computer. For who writes packs and holds the writer's lock: all
 * others deal with the place as it is.
 */
export async function withSpool(ports: Ports, vault: Vault, onChange: () => void): Promise<FedVault> {
  if (vault.store.spool !== null) return { ...vault, uploads: null };
  const { url, id, local } = vault;
  const store = await withUploads(vault.store, {
    ...ports,
    folder: spoolFolder(local.folder, url),
    records: ports.uploads?.recordsFor({ url, vault: id }) ?? createMemoryRecords(),
    onChange,
  });
  const { uploads } = store;
  const remembered = readRate(local);
  const atMost = (): number => ports.uploads?.bytesPerSecond(url) ?? Number.POSITIVE_INFINITY;
  return {
    ...vault,
    store,
    uploads: {
      get figures() {
        return uploads.figures;
      },
      get isDamaged() {
        return uploads.isDamaged;
      },
      get usualRate() {
        const rate = Math.min(remembered ?? Number.POSITIVE_INFINITY, atMost());
        return Number.isFinite(rate) ? rate : null;
      },
      stop(reason) {
        uploads.stop(reason);
        if (uploads.rate !== null) rememberRate(local, uploads.rate, ports.log);
      },
    },
  };
}

const rateFile = 'rate';
/** Closer than this it is the same: a file need not be written for it. */
const sameShare = 0.1;

function readRate(local: LocalState): number | null {
  const rate = Number(new TextDecoder().decode(local.read(rateFile) ?? undefined));
  return Number.isFinite(rate) && rate > 0 ? rate : null;
}

/** Only a guess for the next run: where it cannot be written, that one does without. */
function rememberRate(local: LocalState, rate: number, log: Log): void {
  const before = readRate(local);
  if (before !== null && Math.abs(rate - before) < sameShare * before) return;
  try {
    local.write(rateFile, utf8(String(Math.round(rate))));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    log.warn('how quick a place is could not be remembered', { error: error.code });
  }
}

/**
 * What was on its way to a place that nobody wants to feed any more. Packs that wait for another copy of the vault lie in a
 * folder of their own. A backup that runs there keeps what it has: the lock is the vault's, so that one is the only user.
 */
export function removeSpool(
  ports: Pick<Ports, 'home' | 'fileSystem' | 'log'>,
  { url, vault, holder }: { readonly url: string; readonly vault: string; readonly holder: string },
): void {
  const { home, fileSystem, log } = ports;
  const folder = folderOfVault(home, vault);
  const spool = spoolFolder(folder, url);
  try {
    if (fileSystem.lstatIfThere(spool) === null) return;
    const lock = lockVault(fileSystem, folder, holder);
    try {
      removeFiles(fileSystem, spool);
    } finally {
      lock.release();
    }
  } catch (error) {
    // It takes space and does no other harm: no reason to go on feeding the place.
    if (!isCofferError(error) && systemCode(error) === '') throw error;
    log.warn('packs on their way to a place could not be removed', { place: url, error: String(error) });
  }
}

function removeFiles(fileSystem: FileSystem, folder: string): void {
  for (const name of fileSystem.list(folder)) fileSystem.removeFile(joinPath(folder, name));
  fileSystem.removeFolder(folder);
}

/** For each place: packs of one copy of a vault are no packs of another. */
function spoolFolder(folder: string, url: string): string {
  return joinPath(folder, `spool-${sha256Hex(utf8(url)).slice(0, 16)}`);
}
