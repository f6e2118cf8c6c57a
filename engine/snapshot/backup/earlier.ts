import { CofferError, limits, type SnapshotId } from '../../base/index.ts';
import { type FileSystem, nameBytes } from '../../filesystem/index.ts';
import { decodeTree, type SnapshotSource } from '../../format/index.ts';
import { idAt, type Vault, type VaultIndex } from '../../repository/index.ts';
import type { AssemblyVault } from './assembly-types.ts';
import type { Ledger } from './ledger.ts';
import { countIds } from './listing.ts';
import { createGlance } from './look.ts';
import { createOwners } from './owners.ts';
import type { Source } from './sources.ts';
import type { TreeStore } from './tree-store.ts';

type KnownState = {
  readonly vault: Vault;
  readonly index: VaultIndex;
  readonly trees: TreeStore;
  /** Of the pass under way. */
  readonly ledger: Ledger;
  /** The cache is that of the last snapshot from here. */
  readonly isCacheNewest: boolean;
};

/** What the vault and this installation's cache know of the sources, as the assembly asks for it. */
export function assemblyVault(
  run: KnownState,
  sources: readonly Source[],
  startedMs: number,
  fileSystem: FileSystem,
): AssemblyVault {
  const { vault, index, trees } = run;
  const owners = createOwners(fileSystem);
  const parents = sources.map((source) => earlierSource(vault, nameBytes(source.path)));
  const glances = sources.map(({ path, origin, look }) =>
    // [Note: cache of a snapshot] Whoever says where to look means since the last snapshot: an older cache knows less than that.
    look === null || !run.isCacheNewest ? null : createGlance(run.ledger, { path, origin, look }),
  );
  return {
    get table() {
      return index.table;
    },
    racyFromMs: startedMs - limits.racyMs,
    parentRacyFromMs: (source) => {
      const parent = parents[source] ?? null;
      return parent === null ? 0 : parent.startedMs - limits.racyMs;
    },
    isCacheOld: (source) => run.ledger.isPublished && !run.isCacheNewest && parents[source]?.isOwn === true,
    cachedFolder: (path) => run.ledger.cached(path),
    movedFolder: (path, stat, digest) => run.ledger.movedFrom(path, stat, digest),
    foldersBefore: (path) => run.ledger.before(path),
    glance: (source, path, stat) => glances[source]?.(path, stat) ?? 'below',
    take: (path) => run.ledger.take(path),
    isParentOwn: (source) => parents[source]?.isOwn === true,
    rootEntry: (source) => parents[source]?.source.entry ?? null,
    storeTree: (entries) => trees.store(owners.headerFor(entries), entries),
    async loadTree(tree) {
      const chunks: Uint8Array[] = [];
      try {
        for (let chunk = 0; chunk < countIds(tree); chunk++) {
          const id = idAt(tree, chunk);
          if (!index.table.has(id)) return null;
          chunks.push(await index.readChunk(id));
        }
        return decodeTree(Buffer.concat(chunks), 'a folder of an earlier snapshot').entries;
      } catch (error) {
        if (error instanceof CofferError) return null;
        throw error;
      }
    },
  };
}

type Earlier = {
  readonly source: SnapshotSource;
  readonly startedMs: number;
  readonly id: SnapshotId;
  /** This device wrote it. */
  readonly isOwn: boolean;
};

/** The newest snapshot that has this source, whoever wrote it: its unchanged files need not be read. */
function earlierSource(vault: Vault, path: Uint8Array): Earlier | null {
  for (let index = vault.snapshots.length - 1; index >= 0; index--) {
    const stored = vault.snapshots[index];
    const found = stored?.snapshot.sources.find((candidate) => Buffer.compare(candidate.path, path) === 0);
    if (stored !== undefined && found !== undefined) {
      const { started, device } = stored.snapshot;
      const isOwn = device === vault.device().device;
      return { source: found, startedMs: started.seconds * 1000, id: stored.id, isOwn };
    }
  }
  return null;
}

/** The snapshot a run compares with: of its first source that has one. */
export function parentOf(vault: Vault, paths: readonly Uint8Array[]): SnapshotId | null {
  for (const path of paths) {
    const earlier = earlierSource(vault, path);
    if (earlier !== null) return earlier.id;
  }
  return null;
}
