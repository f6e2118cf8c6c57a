export type { CborMap, CborValue } from './cbor-writer.ts';
export {
  type ChunkSizes,
  type ConfigBody,
  type ConfigHeader,
  configDefaults,
  configHeaderBytes,
  decodeConfigBody,
  decodeConfigHeader,
  decodeConfigVersions,
  encodeConfigBody,
  encodeConfigHeader,
  isConfig,
  needsNewerReader,
} from './config.ts';
export { formatVersion, hashBytes, type PackType } from './constants.ts';
export {
  createDirectoryBuilder,
  type DirectoryBuilder,
  type DirectoryPiece,
  decodeDirectory,
  directoryPiece,
  directoryPieces,
  encodeDirectory,
  type NewPiece,
  type PackDirectory,
} from './directory.ts';
export { decodeIndex, encodeIndex, type IndexedPack, type IndexObject } from './index-object.ts';
export {
  decodeLogEntry,
  decodeSignedLogEntry,
  type EntryName,
  encodeLogEntry,
  encodeSignedLogEntry,
  type KnownLogEntry,
  type LogAction,
  type LogEntry,
  logMessage,
  type SignedLogEntry,
} from './log-entry.ts';
export * from './object-keys.ts';
export {
  decodePackHeader,
  decodeTrailer,
  encodePackHeader,
  encodeTrailer,
  type PackHeader,
  type PackTrailer,
  packHeaderBytes,
  packLayout,
  sealedTrailerBytes,
} from './pack.ts';
export { padme } from './padme.ts';
export { applyRefs, decodeRefs, diffRefs, encodeRefs, isRising, type Refs } from './refs.ts';
export { decodeSlot, encodeSlotClear, type Slot, type SlotClear, slotSaltBytes } from './slot.ts';
export {
  decodeSnapshot,
  deferredReason,
  encodeSnapshot,
  type Snapshot,
  type SnapshotBytes,
  type SnapshotCounts,
  type SnapshotFailure,
  type SnapshotSource,
} from './snapshot.ts';
export { decodeTree, encodeTree, readTree, type Tree, type TreeReading } from './tree.ts';
export {
  compareNames,
  type DeviceEntry,
  type EntryKind,
  earlierVersion,
  entryKinds,
  type FileEntry,
  type FolderEntry,
  type HardLink,
  isEntryName,
  isRootName,
  type NamedOwner,
  type PipeEntry,
  type SymlinkEntry,
  type TreeEntry,
  type TreeHeader,
  type TreePlatform,
  type Xattr,
} from './tree-entry.ts';
