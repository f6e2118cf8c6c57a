import { CofferError, chunkIdBytes, limits, type SnapshotId, toHex } from '../base/index.ts';
import { joinPath, nameFromBytes } from '../filesystem/index.ts';
import { type FolderEntry, keyOfPack, type TreeEntry } from '../format/index.ts';
import type { Chunks } from './check-chunks.ts';
import { type DraftFinding, type FindingBook, filesListed } from './check-findings.ts';
import type { StoredSnapshot } from './snapshots.ts';
import { openTree } from './tree-reader.ts';
import { isUnreadable, reasonOf } from './unreadable.ts';
import type { VaultIndex } from './vault-index.ts';

/** How many files below a folder are affected, at every depth: by each finding, and by any. */
type Damage = { total: number; readonly byFinding: Map<number, number> };

/** What a folder's listing came to, kept by its tree reference: null is whole. */
type Verdict = Damage | null;

export type TreeCheck = {
  /** Reads what is reachable from a snapshot and was not yet read for another one; counts its affected files. */
  walk(stored: StoredSnapshot): Promise<void>;
  /** Names the affected files; after all snapshots were walked. */
  nameAffected(newestFirst: readonly StoredSnapshot[]): Promise<void>;
  readonly affectedFiles: number;
};

/** Copied out of its listing: a view would keep all of that in memory while its folders are walked. */
type ChildFolder = { readonly name: string; readonly tree: Uint8Array; readonly entries: number };

type Frame = {
  readonly key: string;
  readonly path: string;
  readonly folders: readonly ChildFolder[];
  next: number;
  damage: Verdict;
  /** Levels of folders below it. */
  height: number;
};

/**
 * Every tree once, however many snapshots share it: its chunks are read and proven, and every chunk that its files name must
 * be in the vault. Damage is counted from the leaves up, so that the counts are exact while only damaged folders are walked
 * again to name their files.
 */
export function createTreeCheck(index: VaultIndex, chunks: Chunks, book: FindingBook, signal?: AbortSignal): TreeCheck {
  const verdicts = new Map<string, Verdict>();
  /** Trees that cannot be read, with their finding. */
  const unreadable = new Map<string, number>();
  /** Levels of folders below a tree, where there are any. */
  const heights = new Map<string, number>();
  let affectedFiles = 0;

  /** The findings that a file suffers from; nearly always none. */
  const faultsOf = (entry: TreeEntry): readonly number[] => {
    if (entry.kind !== 'file' || entry.content === null) return [];
    const faults = chunks.faults(entry.content);
    if (faults.length > 0 || chunks.lengthOf(entry.content) === entry.size) return faults;
    return [book.add('damaged', 'sizes', 'the pieces of some files are not as long together as the files were')];
  };
  const readFolder = async (tree: Uint8Array, key: string, path: string): Promise<Frame | null> => {
    signal?.throwIfAborted();
    const folders: ChildFolder[] = [];
    let damage: Verdict = null;
    try {
      for (const entry of (await openTree(index, tree, path)).entries) {
        if (entry.kind === 'folder' && entry.content !== null) folders.push(childFolder(entry, entry.content));
        else damage = withFile(damage, faultsOf(entry));
      }
    } catch (error) {
      unreadable.set(key, blameFor(error, tree, path, chunks, book));
      return null;
    }
    return { key, path, folders, next: 0, damage, height: 0 };
  };
  /** What a folder entry adds to the folder it is in. */
  const verdictOf = (key: string, { entries }: ChildFolder): Verdict => {
    const finding = unreadable.get(key);
    if (finding === undefined) return verdicts.get(key) ?? null;
    // Itself, and whatever was below it.
    const lost = 1 + entries;
    return { total: lost, byFinding: new Map([[finding, lost]]) };
  };
  const isKnown = (key: string): boolean => verdicts.has(key) || unreadable.has(key);

  const walkFolder = async (root: ChildFolder, path: string): Promise<Verdict> => {
    const rootKey = toHex(root.tree);
    const first = isKnown(rootKey) ? null : await readFolder(root.tree, rootKey, path);
    const stack = first === null ? [] : [first];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const folder = frame.folders[frame.next];
      if (folder === undefined) {
        verdicts.set(frame.key, frame.damage);
        if (frame.height > 0) heights.set(frame.key, frame.height);
        stack.pop();
        continue;
      }
      const key = toHex(folder.tree);
      if (!isKnown(key)) {
        const below = await readFolder(folder.tree, key, joinPath(frame.path, folder.name));
        if (below !== null) stack.push(below);
        continue;
      }
      frame.damage = merged(frame.damage, verdictOf(key, folder));
      frame.height = Math.max(frame.height, 1 + (heights.get(key) ?? 0));
      frame.next++;
    }
    return verdictOf(rootKey, root);
  };
  return {
    get affectedFiles() {
      return affectedFiles;
    },
    async walk({ id, snapshot }) {
      for (const { entry, path } of snapshot.sources) {
        const isFolder = entry.kind === 'folder' && entry.content !== null;
        const damage = isFolder
          ? await walkFolder(childFolder(entry, entry.content), nameFromBytes(path))
          : withFile(null, faultsOf(entry));
        if (isFolder) await tellTooDeep(id, childFolder(entry, entry.content), nameFromBytes(path));
        if (damage === null) continue;
        affectedFiles += damage.total;
        for (const [finding, count] of damage.byFinding) draftOf(book, finding).fileCount += count;
      }
    },
    async nameAffected(newestFirst) {
      for (const stored of newestFirst) {
        for (const { entry, path } of stored.snapshot.sources) {
          if (book.all.every((finding) => isFull(finding))) return;
          await nameBelow(stored, { path: nameFromBytes(path), entry });
        }
      }
    },
  };

  /** Down to the first folder that readers refuse: they follow `limits.pathDepth` levels below a source and no more. */
  async function tellTooDeep(snapshot: SnapshotId, root: ChildFolder, source: string): Promise<void> {
    const height = heights.get(toHex(root.tree)) ?? 0;
    if (height <= limits.pathDepth) return;
    let folder = root;
    let path = source;
    for (let left = height - 1; left >= height - 1 - limits.pathDepth; left--) {
      const next = await childOfHeight(folder, path, left);
      if (next === null) break;
      folder = next;
      path = joinPath(path, folder.name);
    }
    const finding = book.add('damaged', `the folders below ${source}`, 'they nest too deep to be restored');
    const draft = draftOf(book, finding);
    const lost = 1 + folder.entries;
    draft.fileCount += lost;
    affectedFiles += lost;
    if (!isFull(draft)) draft.files.push({ path, snapshot });
  }

  async function childOfHeight(parent: ChildFolder, path: string, height: number): Promise<ChildFolder | null> {
    signal?.throwIfAborted();
    for (const entry of (await openTree(index, parent.tree, path)).entries) {
      if (entry.kind !== 'folder' || entry.content === null) continue;
      if ((heights.get(toHex(entry.content)) ?? 0) === height) return childFolder(entry, entry.content);
    }
    return null;
  }

  async function nameBelow(
    stored: StoredSnapshot,
    source: { readonly path: string; readonly entry: TreeEntry },
  ): Promise<void> {
    const stack = [source];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { path, entry } = next;
      const key = entry.kind === 'folder' && entry.content !== null ? toHex(entry.content) : '';
      const finding = unreadable.get(key);
      for (const fault of finding === undefined ? faultsOf(entry) : [finding]) {
        const draft = draftOf(book, fault);
        if (!isFull(draft)) draft.files.push({ path, snapshot: stored.id });
      }
      if (entry.kind !== 'folder' || entry.content === null || (verdicts.get(key) ?? null) === null) continue;
      signal?.throwIfAborted();
      const { entries } = await openTree(index, entry.content, path);
      const below = [...entries].map((child) => ({ path: joinPath(path, nameFromBytes(child.name)), entry: child }));
      stack.push(...below.reverse());
    }
  }
}

function childFolder({ name, entries }: FolderEntry, tree: Uint8Array): ChildFolder {
  return { name: nameFromBytes(name), tree: tree.slice(), entries: entries ?? 0 };
}

const isFull = (finding: DraftFinding): boolean => finding.files.length >= Math.min(filesListed, finding.fileCount);

function draftOf(book: FindingBook, number: number): DraftFinding {
  const draft = book.all[number];
  if (draft === undefined) throw new RangeError('no such finding');
  return draft;
}

function withFile(damage: Verdict, faults: readonly number[]): Verdict {
  if (faults.length === 0) return damage;
  const all = damage ?? { total: 0, byFinding: new Map<number, number>() };
  all.total++;
  for (const fault of faults) all.byFinding.set(fault, (all.byFinding.get(fault) ?? 0) + 1);
  return all;
}

function merged(damage: Verdict, more: Verdict): Verdict {
  if (more === null) return damage;
  const all = damage ?? { total: 0, byFinding: new Map<number, number>() };
  all.total += more.total;
  for (const [finding, count] of more.byFinding) all.byFinding.set(finding, (all.byFinding.get(finding) ?? 0) + count);
  return all;
}

/** Whose fault it is that a listing cannot be read: a chunk already known as lost, else the pack that failed just now. */
function blameFor(error: unknown, tree: Uint8Array, path: string, chunks: Chunks, book: FindingBook): number {
  const [known] = chunks.faults(tree);
  if (known !== undefined) return known;
  if (!isUnreadable(error) && !(error instanceof CofferError && error.code === 'chunk.missing')) throw error;
  for (let chunk = 0; chunk < tree.length / chunkIdBytes; chunk++) {
    const pack = chunks.packOf(tree, chunk * chunkIdBytes);
    if (pack !== null && error.context['key'] === keyOfPack(pack)) {
      chunks.distrust(pack);
      return book.add('damaged', keyOfPack(pack), reasonOf(error));
    }
  }
  return book.add('damaged', `the listing of ${path}`, reasonOf(error));
}
