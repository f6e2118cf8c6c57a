import { utf8 } from '../base/index.ts';
import { sha256Hex } from '../crypto/index.ts';
import { joinPath } from '../filesystem/index.ts';
import { createMemoryRecords, type Uploads, withUploads } from '../storage/index.ts';
import type { Vault } from './open-vault.ts';
import type { Ports } from './ports.ts';

/** A vault that a backup writes to; null where its place takes packs by a rename. */
export type FedVault = Vault & { readonly uploads: Uploads | null };

/**
 * Where the place is far away, packs go by a spool on this computer. For who writes packs and holds the writer's lock: all
 * others deal with the place as it is.
 */
export async function withSpool(ports: Ports, vault: Vault, onChange: () => void): Promise<FedVault> {
  if (vault.store.spool !== null) return { ...vault, uploads: null };
  const { url, id } = vault;
  const store = await withUploads(vault.store, {
    ...ports,
    folder: spoolFolder(vault.local.folder, url),
    records: ports.uploads?.recordsFor({ url, vault: id }) ?? createMemoryRecords(),
    onChange,
  });
  return { ...vault, store, uploads: store.uploads };
}

/** For each place: packs of one copy of a vault are no packs of another. */
function spoolFolder(folder: string, url: string): string {
  return joinPath(folder, `spool-${sha256Hex(utf8(url)).slice(0, 16)}`);
}
