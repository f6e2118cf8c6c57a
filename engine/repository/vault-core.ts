import type { Time, VaultId } from '../base/index.ts';
import type { IdAlgorithm, IdHasher, VaultKeys } from '../crypto/index.ts';
import type { ChunkSizes } from '../format/index.ts';
import type { Store } from '../storage/index.ts';
import type { OpenedObjects } from './opened.ts';

/** How this vault cuts, names and compresses; fixed when it was made. */
export type VaultParams = {
  readonly version: number;
  readonly idAlgorithm: IdAlgorithm;
  readonly chunker: ChunkSizes;
  readonly treeChunker: ChunkSizes;
  readonly level: number;
  readonly created: Time;
};

/** A vault that is unlocked: enough to read and write its objects. */
export type VaultCore = {
  readonly id: VaultId;
  readonly store: Store;
  readonly keys: VaultKeys;
  readonly params: VaultParams;
  readonly idOf: IdHasher;
  readonly opened?: OpenedObjects;
};
