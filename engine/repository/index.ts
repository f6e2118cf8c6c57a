import { later } from '../base/index.ts';

export type { VerifyPacks } from './check.ts';
export type { AffectedFile, CheckOptions, CheckProgress, CheckResult, Finding, FindingKind } from './check-findings.ts';
export { createPackVerifier, type PackToVerify, type PackVerdict } from './check-pack.ts';
export { createRefsReader, fitsSnapshot, type RefsReader, readRefs } from './check-refs.ts';
export {
  type ChunkTable,
  createChunkTable,
  idAt,
  type SlotRef,
  shareChunkTable,
  type TableSegment,
} from './chunk-table.ts';
export type { NewVault } from './create-vault.ts';
export { readDevice } from './device.ts';
export { absentForWriters, readDistrusted, writeDistrusted } from './distrusted.ts';
export { historyMark } from './history-mark.ts';
export { forgottenSnapshots, givenSnapshots, holdingRecords, pinnedSnapshots } from './holding.ts';
export type { ChangedPassphrase, KeyInfo } from './key-changes.ts';
export { createLocalState, type LocalState, tryToRemember } from './local-state.ts';
export {
  allRecords,
  assertUnderstood,
  type DeviceLog,
  headsOf,
  judgeHeads,
  type LogRecord,
  type Logs,
  readLogs,
  type SeenHeads,
  sweptPacks,
} from './logs.ts';
export { type ChunkSlots, createChunkSlots, firstWord, forEachId, sameId } from './lookup.ts';
export { type Opening, openVault, readVaultId, type Vault } from './open-vault.ts';
export { createOpenedObjects, type OpenedObjects } from './opened.ts';
export { chunkIn, openPiece, type PackKeys, packCipherFrom, readPackDirectory, readPiece } from './pack-reader.ts';
export { createPackWriter, type NewPiece, type PackWriter, type PieceChunk, type SealedPack } from './pack-writer.ts';
export { type Ports, storeOf, type UploadsPort } from './ports.ts';
export {
  createIndexWriter,
  foundPath,
  type IndexWriter,
  logChange,
  newestOwnSnapshot,
  publishSnapshot,
  type SnapshotDraft,
} from './publish.ts';
export { createReadings, type Reading, type ReadingState, type Readings } from './readings.ts';
export type { RepairResult } from './repair.ts';
export { type KeptKey, passphraseSlot, phraseSlot, readSlots, type Secret, type StoredSlot, unlock } from './slots.ts';
export { readSnapshot, type StoredSnapshot } from './snapshots.ts';
export type { VaultFigures } from './stats.ts';
export { loadTree, openTree } from './tree-reader.ts';
export { type ListedSnapshots, unnamedSnapshots } from './unnamed.ts';
export { isUnreadable, reasonOf } from './unreadable.ts';
export { type FedVault, removeSpool, withSpool } from './uploads.ts';
export type { VaultCore, VaultParams } from './vault-core.ts';
export { type ChunkPlace, type KnownPack, loadIndex, type VaultIndex } from './vault-index.ts';

/** What a backup does not need, it does not load. */
const keyChanges = () => import('./key-changes.ts');

export const createVault = later(async () => (await import('./create-vault.ts')).createVault);
export const checkVault = later(async () => (await import('./check.ts')).checkVault);
export const repairVault = later(async () => (await import('./repair.ts')).repairVault);
export const vaultFigures = later(async () => (await import('./stats.ts')).vaultFigures);
export const addPassphrase = later(async () => (await keyChanges()).addPassphrase);
export const addRecoveryPhrase = later(async () => (await keyChanges()).addRecoveryPhrase);
export const changePassphrase = later(async () => (await keyChanges()).changePassphrase);
export const listKeys = later(async () => (await keyChanges()).listKeys);
export const removeKey = later(async () => (await keyChanges()).removeKey);
