import { decodeDirectory, keyOfPack, parseKey } from '../format/index.ts';
import type { Vault } from './open-vault.ts';
import type { VaultIndex } from './vault-index.ts';

export type VaultFigures = {
  readonly snapshots: number;
  /** That have written to the vault. */
  readonly devices: number;
  readonly packs: number;
  /** Of all objects at the place. */
  readonly storedBytes: number;
  readonly chunks: number;
  /** Before compression; a chunk that stands in several packs counts for each. */
  readonly chunkBytes: number;
};

export async function vaultFigures(vault: Vault, index: VaultIndex, signal?: AbortSignal): Promise<VaultFigures> {
  let storedBytes = 0;
  let packs = 0;
  for await (const { key, size } of vault.store.list('', signal)) {
    storedBytes += size;
    if (parseKey(key)?.kind === 'pack') packs++;
  }
  let chunks = 0;
  let chunkBytes = 0;
  for (const pack of index.packs.values()) {
    // Decoded and dropped: all directories of a large vault at once would fill the memory.
    const { chunkCount, pieceRaw } = decodeDirectory(pack.encoded, keyOfPack(pack.id));
    chunks += chunkCount;
    for (const raw of pieceRaw) chunkBytes += raw;
  }
  return { snapshots: vault.snapshots.length, devices: vault.logs.size, packs, storedBytes, chunks, chunkBytes };
}
