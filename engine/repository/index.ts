export { checkVault, type VerifyPacks } from './check.ts';
export type { AffectedFile, CheckOptions, CheckProgress, CheckResult, Finding, FindingKind } from './check-findings.ts';
export { createPackVerifier, type PackToVerify, type PackVerdict } from './check-pack.ts';
export {
  type ChunkTable,
  createChunkTable,
  idAt,
  type SlotRef,
  shareChunkTable,
  type TableSegment,
} from './chunk-table.ts';
export { createVault, type NewVault } from './create-vault.ts';
export { absentForWriters } from './distrusted.ts';
export {
  addPassphrase,
  addRecoveryPhrase,
  type ChangedPassphrase,
  changePassphrase,
  type KeyInfo,
  listKeys,
  removeKey,
} from './key-changes.ts';
export { createLocalState, homeFailure, type LocalState, makeFolders, readWhole } from './local-state.ts';
export {
  allRecords,
  assertUnderstood,
  type DeviceLog,
  forgottenSnapshots,
  headsOf,
  judgeHeads,
  type LogRecord,
  type Logs,
  readLogs,
  type SeenHeads,
  sweptPacks,
} from './logs.ts';
export { type Opening, openVault, readVaultId, type Vault } from './open-vault.ts';
export { chunkIn, openPiece, type PackKeys, packCipherFrom, readPackDirectory, readPiece } from './pack-reader.ts';
export { createPackWriter, type NewPiece, type PackWriter, type PieceChunk, type SealedPack } from './pack-writer.ts';
export { type Ports, storeOf } from './ports.ts';
export {
  appendLog,
  createIndexWriter,
  type IndexWriter,
  logChange,
  publishSnapshot,
  type SnapshotDraft,
} from './publish.ts';
export { type RepairResult, repairVault } from './repair.ts';
export { passphraseSlot, phraseSlot, readSlots, type Secret, type StoredSlot, unlock } from './slots.ts';
export { readSnapshot, type StoredSnapshot } from './snapshots.ts';
export { type VaultFigures, vaultFigures } from './stats.ts';
export { loadTree, openTree, readTreeBytes } from './tree-reader.ts';
export { isUnreadable, reasonOf } from './unreadable.ts';
export type { VaultCore, VaultParams } from './vault-core.ts';
export { type ChunkPlace, type KnownPack, loadIndex, type VaultIndex } from './vault-index.ts';
