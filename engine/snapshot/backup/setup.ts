import type { Random, VaultId } from '../../base/index.ts';
import type { ChunkerParameters } from '../../chunk/index.ts';
import type { IdAlgorithm, VaultKeys } from '../../crypto/index.ts';
import type { BoundaryOptions, FileSystem, RulesOptions, SharedPulse } from '../../filesystem/index.ts';
import type { SealedPack, TableSegment } from '../../repository/index.ts';

/** What a worker needs from the start: enough to scan. */
export type ScanSetup = {
  readonly sources: readonly { readonly rules: RulesOptions; readonly boundary: BoundaryOptions }[];
  readonly pulse?: SharedPulse;
};

/** What it needs to read: sent once the vault is open. */
export type ReadSetup = {
  readonly kind: 'setup';
  readonly vault: VaultId;
  readonly keys: Pick<VaultKeys, 'pack' | 'chunkId' | 'chunker'>;
  readonly idAlgorithm: IdAlgorithm;
  readonly chunker: ChunkerParameters;
  readonly level: number;
  /** Where sealed packs are written, and what their temporary names begin with. */
  readonly spool: string;
  readonly spoolPrefix: string;
  readonly segments: readonly TableSegment[];
  /** The next free pack number, shared by all workers. */
  readonly packCounter: Int32Array;
};
export type GrownSegment = { readonly kind: 'segment'; readonly segment: TableSegment };

export type PackEvent =
  | { readonly kind: 'sealed'; readonly pack: SealedPack }
  | { readonly kind: 'pack-failed'; readonly code: string; readonly message: string; readonly lostBytes: number };

export type LabourPorts = {
  readonly fileSystem: FileSystem;
  readonly random: Random;
  /** SHA-256, for comparing listings. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
};
