export { type Answering, allAnswer, createAnswering } from './answering.ts';
export { writeFileAtomic } from './atomic.ts';
export {
  type Boundary,
  type BoundaryOptions,
  type BoundaryReason,
  createBoundary,
  type LocatedFolder,
  locateFolders,
} from './boundaries.ts';
export { cacheTagName } from './cache-tag.ts';
export { endProcess, hasOpenCalls } from './end-process.ts';
export { useIdleDisk } from './idle-disk.ts';
export { withLongPaths } from './long-paths.ts';
export { createMemoryReturn } from './memory.ts';
export { type Mount, mountOf, mountsThatMayHang, parseMounts } from './mounts.ts';
export {
  compareNames,
  decodePath,
  encodePath,
  isBelow,
  joinPath,
  nameBytes,
  nameFromBytes,
  namesBelow,
  sortNames,
  splitPath,
  withoutTrailingSlash,
} from './names.ts';
export { homeFailure, makeFolders, readExactly, readWhole } from './own-folder.ts';
export { createPeerCheck, type Peer } from './peer.ts';
export type {
  FileKind,
  FileLock,
  FileStat,
  FileSystem,
  Hole,
  OpenMode,
  Support,
  WholeQuestion,
  Xattr,
} from './port.ts';
export { type PresetName, presets } from './presets.ts';
export { type Beat, createPulse, type Pulse, type SharedPulse, withPulse } from './pulse.ts';
export { createRealFileSystem, type RealFileSystemOptions } from './real.ts';
export { type CacheFolder, compileRules, type RuleReason, type Rules, type RulesOptions } from './rules.ts';
export { type SinceBoot, sinceBoot } from './since-boot.ts';
export { networkVolumeKinds } from './volumes.ts';
export { createWatcher, type Watch, type WatchEvent, type Watcher, type WatchOptions } from './watch/index.ts';
