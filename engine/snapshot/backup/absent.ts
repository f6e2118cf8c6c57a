import { chunkIdBytes } from '../../base/index.ts';
import { isBelow, nameBytes, nameFromBytes } from '../../filesystem/index.ts';
import { deferredReason, earlierVersion, type SnapshotFailure, type TreeEntry } from '../../format/index.ts';
import { isUnreadable, loadTree, type Vault, type VaultIndex } from '../../repository/index.ts';
import { addTo, emptyFolderCounts, type FolderCounts } from './folder-cache.ts';
import type { Ledger } from './ledger.ts';
import { countIds, type Failure } from './listing.ts';

/** What the new snapshot has of a source that is not there now. */
export type Absent = {
  readonly entry: TreeEntry;
  readonly bytes: number;
  /** As far as they are known: of what was left out, only the cache knows how much. */
  readonly counts: FolderCounts;
  readonly failures: readonly Failure[];
};

type Known = { readonly vault: Vault; readonly index: VaultIndex; readonly ledger: Ledger };

/**
 * A source that is not there now, a drive that is unplugged say, is no deletion: the newest snapshot of this device or of
 * this computer's name that has it whole says what stays. Null when there is none.
 */
export async function keepAbsent(
  { vault, index, ledger }: Known,
  path: string,
  host: string,
  stopIfEnded: () => void,
): Promise<Absent | null> {
  const wanted = nameBytes(path);
  const own = vault.device().device;
  let before: TreeEntry | null = null;
  for (const { snapshot } of vault.snapshots.toReversed()) {
    if (snapshot.device !== own && snapshot.host !== host) continue;
    const entry = snapshot.sources.find((source) => Buffer.compare(source.path, wanted) === 0)?.entry;
    if (entry === undefined || (before !== null && isSameContent(before, entry))) continue;
    before = entry;
    const counts = cachedCounts(ledger, path, entry) ?? (await walkedCounts({ index, ledger }, entry, stopIfEnded));
    if (counts === null) continue;
    return { entry, counts, bytes: 'size' in entry ? entry.size : 0, failures: failuresBelow(snapshot.failures, path) };
  }
  return null;
}

function isSameContent(left: TreeEntry, right: TreeEntry): boolean {
  const [one, other] = [contentOf(left), contentOf(right)];
  return one !== null && other !== null && Buffer.compare(one, other) === 0;
}

const contentOf = (entry: TreeEntry): Uint8Array | null => ('content' in entry ? entry.content : null);

function failuresBelow(failures: readonly SnapshotFailure[], source: string): Failure[] {
  return failures
    .map(({ path, code }) => ({ path: nameFromBytes(path), code }))
    .filter(({ path }) => path === source || isBelow(path, source));
}

function cachedCounts(ledger: Ledger, path: string, entry: TreeEntry): FolderCounts | null {
  if (entry.kind !== 'folder' || entry.content === null) return null;
  const taken = ledger.takeAbsent(path, entry.content);
  if (taken === null) return null;
  const { counts } = taken;
  counts.seen++;
  counts.folders++;
  return counts;
}

/** Null when the vault does not have all of it any more: a snapshot must not promise what is lost. */
async function walkedCounts(
  { index, ledger }: Pick<Known, 'index' | 'ledger'>,
  entry: TreeEntry,
  stopIfEnded: () => void,
): Promise<FolderCounts | null> {
  const counts = emptyFolderCounts();
  const packs = new Set<number>();
  const folders: Uint8Array[] = [];
  const take = (found: TreeEntry): boolean => {
    counts.seen++;
    if (found.state === earlierVersion) addTo(counts.excluded, deferredReason, 1);
    else if (found.state !== undefined) counts.failed++;
    else if (found.kind === 'file') counts.files++;
    else if (found.kind === 'folder') counts.folders++;
    else counts.others++;
    const content = contentOf(found);
    if (content === null) return true;
    if (found.kind === 'folder') folders.push(content);
    return addPacksOf(index, content, packs);
  };
  if (!take(entry)) return null;
  for (let tree = folders.pop(); tree !== undefined; tree = folders.pop()) {
    stopIfEnded();
    const entries = await entriesIn(index, tree);
    if (entries?.every(take) !== true) return null;
  }
  ledger.addPacks(packs);
  return counts;
}

function addPacksOf(index: VaultIndex, ids: Uint8Array, packs: Set<number>): boolean {
  for (let chunk = 0; chunk < countIds(ids); chunk++) {
    const pack = index.packOf(ids, chunk * chunkIdBytes);
    if (pack < 0) return false;
    packs.add(pack);
  }
  return true;
}

async function entriesIn(index: VaultIndex, tree: Uint8Array): Promise<readonly TreeEntry[] | null> {
  try {
    return (await loadTree(index, tree, 'a folder of an earlier snapshot')).entries;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}
