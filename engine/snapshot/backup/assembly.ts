import { assert, type ChunkId, limits, systemCode } from '../../base/index.ts';
import { type FileStat, type FileSystem, joinPath, nameBytes, type Xattr } from '../../filesystem/index.ts';
import { deferredReason, type TreeEntry } from '../../format/index.ts';
import { type Assembly, type AssemblyEvents, type AssemblyVault, countListing } from './assembly-types.ts';
import { type BegunFiles, goOnFrom, keepBegun } from './begun-files.ts';
import { readBigFile } from './big-file.ts';
import type { Dispatch } from './dispatch.ts';
import {
  contentEntry,
  earlierEntry,
  folderEntry,
  folderXattrs,
  isRacy,
  reusable,
  specialEntry,
  unreadableEntry,
} from './entries.ts';
import type { FilesOutput } from './file-jobs.ts';
import { filesOf } from './files-read.ts';
import { addCounts, addTo, type FolderResult } from './folder-cache.ts';
import { entriesOf, type Listing, statWidth } from './listing.ts';
import { childNode, type Lose, lose } from './nodes.ts';
import { createSharedNames } from './shared-names.ts';
import type { ContentFigures, FileContent, FileTask, FolderNode, Previous } from './tasks.ts';
import type { Turn } from './turns.ts';

type Before = Omit<Previous, 'tree'> & { readonly entries: readonly TreeEntry[] };

/**
 * Turns listings and file contents into trees, from the leaves up.
 *
 *     listing ─► as cached? ─► wait for child folders ─► all as cached? ─► take the cached tree
 *            └─► else: compare each file with the previous entry ─► reuse it, or have it read ─► wait ─► store the tree
 */
export function createAssembly(
  fileSystem: FileSystem,
  /** Device numbers of the sources, in their order. */
  sourceDevices: readonly number[],
  opening: Promise<AssemblyVault>,
  dispatch: () => Dispatch,
  events: AssemblyEvents,
  begun: BegunFiles,
): Assembly {
  const nodes = new Map<string, FolderNode>();
  const names = createSharedNames({
    read: (task) => dispatch().read(task),
    share(task, content) {
      events.contentDone(content.stat.size, 0, 0);
      acceptFile(task, content);
    },
  });
  let vault: AssemblyVault | null = null;
  opening.then(
    (opened) => {
      vault = opened;
    },
    () => {},
  );

  const fail = (node: FolderNode, path: string, code: string, kind: Lose): void => {
    node.whole = false;
    loseIn(path === node.path ? node.parent : node, kind, 'failed');
    events.counts.failed++;
    events.failures.push({ path, code });
  };
  const vanish = (node: FolderNode, kind: Lose): void => {
    loseIn(kind === 'folders' ? node.parent : node, kind, 'vanished');
    addTo(events.counts.excluded, 'vanished', 1);
    node.racy = true;
  };
  /** The folder that has the name; a source's own stands in none. */
  const loseIn = (holder: FolderNode | null, kind: Lose, why: 'failed' | 'deferred' | 'vanished'): void => {
    events.counts[kind]--;
    if (holder !== null) lose(holder, kind, why);
  };
  const settle = (node: FolderNode): void => {
    node.waiting--;
    if (node.waiting > 0) return;
    const release = dispatch().hold();
    complete(node).then(release, (error: unknown) => dispatch().fail(error));
  };

  /** Compares the entries of a changed folder with what the vault has; what is new is read. */
  const compare = async (node: FolderNode, listing: Listing, known: AssemblyVault): Promise<void> => {
    const turn = await dispatch().turn(node.path);
    try {
      await compareIn(turn, node, listing, known);
    } finally {
      turn.end();
    }
  };
  const compareIn = async (turn: Turn, node: FolderNode, listing: Listing, known: AssemblyVault): Promise<void> => {
    const { entries: before, racyFromMs, isElsewhere = false } = await entriesBefore(node, known);
    const previous = new Map<string, TreeEntry>();
    for (const entry of before) {
      previous.set(Buffer.from(entry.name).toString('latin1'), entry);
    }
    for (const { name, stat } of entriesOf(listing)) {
      const path = joinPath(node.path, name);
      const earlier = previous.get(Buffer.from(nameBytes(name)).toString('latin1'));
      if (stat.kind === 'folder') {
        const child = nodes.get(path);
        if (child !== undefined && earlier?.kind === 'folder' && earlier.content !== null) {
          child.previous = { tree: earlier.content, racyFromMs, isElsewhere };
        }
      } else if (stat.kind !== 'file') {
        addSpecial(node, path, name, stat);
      } else if (earlier !== undefined && reusable(earlier, stat, known.table, racyFromMs)) {
        node.entries.push(earlier);
        events.contentDone(stat.size, 0, 0);
      } else {
        requestFile({ node, path, name, stat, earlier: isElsewhere ? null : (earlier ?? null) });
        if (!turn.hasRoom) await turn.room();
      }
    }
  };
  /** As much of what is known of the folder as can still be read. */
  const entriesBefore = async (node: FolderNode, known: AssemblyVault): Promise<Before> => {
    const root = node.parent === null ? known.rootEntry(node.source) : null;
    const racyFromMs = known.parentRacyFromMs(node.source);
    const isElsewhere = !known.isParentOwn(node.source);
    if (node.loose) return { entries: root === null ? [] : [root], racyFromMs, isElsewhere };
    const tree = root?.kind === 'folder' ? root.content : null;
    const cached = [node.cached, ...known.foldersBefore(node.path)];
    const stored: (Previous | null)[] = [node.previous, tree && { tree, racyFromMs, isElsewhere }];
    // In order of age, youngest first: what was deferred since stands in no older one.
    const all = known.isCacheOld(node.source) ? [...stored, ...cached] : [node.cached, ...stored, ...cached];
    for (const before of all) {
      const entries = before === null ? null : await known.loadTree(before.tree);
      if (before !== null && entries !== null) return { ...before, entries };
    }
    return { entries: [], racyFromMs };
  };
  const addSpecial = (node: FolderNode, path: string, name: string, stat: FileStat): void => {
    try {
      node.entries.push(specialEntry(fileSystem, path, name, stat, sourceDevices[node.source] ?? 0));
    } catch (error) {
      const code = systemCode(error) || 'EIO';
      if (code === 'ENOENT') return vanish(node, 'others');
      node.entries.push(unreadableEntry(name, stat, code));
      fail(node, path, code, 'others');
    }
  };
  const requestFile = (task: FileTask): void => {
    task.node.waiting++;
    names.obtain(task);
  };
  const acceptFile = (task: FileTask, content: FileContent): void => {
    const { node } = task;
    names.keep(task, content);
    if (content.state !== null) fail(node, task.path, content.state, 'files');
    if (isRacy(content.stat, vault?.racyFromMs ?? 0)) node.racy = true;
    node.entries.push(contentEntry(task.name, content, sourceDevices[node.source] ?? 0));
    events.counts.changed++;
    names.release(task);
    settle(node);
  };
  const refuseFile = (task: FileTask, code: string): void => {
    const { node } = task;
    if (code === 'ENOENT') {
      vanish(node, 'files');
      events.counts.bytes -= task.stat.size;
    } else {
      fail(node, task.path, code, 'files');
      node.entries.push(unreadableEntry(task.name, task.stat, code));
    }
    names.release(task);
    settle(node);
  };

  /** There was no time for it: what the vault has of it stays, and the next run looks here again. */
  const deferFile = (task: FileTask): void => {
    const { node } = task;
    assert(vault !== null, 'files are asked for once the vault is open');
    node.whole = false;
    loseIn(node, 'files', 'deferred');
    addTo(events.counts.excluded, deferredReason, 1);
    const kept = earlierEntry(task.earlier, vault.table);
    if (kept !== null) node.entries.push(kept);
    events.fileDeferred(task);
    names.release(task);
    settle(node);
  };

  const loadListingEntries = async (node: FolderNode, listing: Listing, known: AssemblyVault): Promise<boolean> => {
    // Only a child folder has changed: this folder's own files stand in its previous tree.
    const tree = node.cached?.tree ?? null;
    const before = tree === null ? null : await known.loadTree(tree);
    if (before === null) return false;
    node.entries = before.filter((entry) => entry.kind !== 'folder');
    return node.entries.length + listing.tally.folders === listing.stats.length / statWidth;
  };
  const complete = async (node: FolderNode): Promise<void> => {
    const known = await opening;
    const listing = node.listing;
    assert(listing !== null, 'a folder that was never listed');
    const { cached } = node;
    if (node.unchanged && cached !== null) {
      const children = [...node.children.values()];
      if (children.length === listing.tally.folders && children.every((child) => child.result.same)) {
        return finish(node, { ...cached, same: true, whole: true, failed: null }, []);
      }
      if (!(await loadListingEntries(node, listing, known))) {
        // The cached tree cannot be used after all: compare and read as if nothing were cached.
        node.unchanged = false;
        node.entries = [];
        node.waiting = 1;
        await compare(node, listing, known);
        return settle(node);
      }
    }
    finish(node, ...buildTree(node, listing, known));
  };
  const buildTree = (node: FolderNode, listing: Listing, known: AssemblyVault): [FolderResult, Uint8Array[]] => {
    if (listing.failed !== null) {
      return [{ tree: null, same: false, whole: false, failed: listing.failed, bytes: 0, below: 0 }, []];
    }
    const entries = [...node.entries];
    const ids: Uint8Array[] = [];
    let bytes = 0;
    let below = 0;
    for (const entry of node.entries) {
      if (entry.kind === 'file' && entry.content !== null) ids.push(entry.content);
      if (entry.kind === 'file') bytes += entry.size;
      below++;
    }
    for (const [name, child] of node.children) {
      entries.push(folderEntry(name, child.stat, child.result, attributesOf(node, name, child.result)));
      bytes += child.result.bytes;
      below += child.result.below + 1;
      if (!child.result.whole) node.whole = false;
    }
    entries.sort((left, right) => Buffer.compare(left.name, right.name));
    if (node.loose) return [{ tree: null, same: false, whole: node.whole, failed: null, bytes, below }, ids];
    const tree = known.storeTree(entries);
    ids.push(tree);
    return [{ tree, same: false, whole: node.whole, failed: null, bytes, below }, ids];
  };
  const attributesOf = (node: FolderNode, name: string, result: FolderResult): readonly Xattr[] => {
    if (result.failed !== null) return [];
    const path = joinPath(node.path, name);
    const { xattrs, code } = folderXattrs(fileSystem, path);
    if (code !== null) fail(node, path, code, 'folders');
    return xattrs;
  };
  const finish = (node: FolderNode, result: FolderResult, ids: readonly Uint8Array[]): void => {
    nodes.delete(node.path);
    events.folderDone(node, result, ids);
    node.listing = null;
    node.entries = [];
    if (node.parent === null) return;
    if (node.vanished) node.parent.racy = true;
    else node.parent.children.set(node.name, { stat: node.stat, result });
    settle(node.parent);
  };

  return {
    addSource(node) {
      events.counts.seen++;
      events.counts.folders++;
      if (!isLooked(node)) return;
      nodes.set(node.path, node);
      dispatch().scan([{ path: node.path, relative: '', source: node.source }]);
    },
    addLoose(node, listing) {
      accept(node, listing);
    },
    onListing(listing, folder) {
      const node = nodes.get(folder.path);
      assert(node !== undefined, 'a listing of an unknown folder');
      accept(node, listing);
    },
    onFiles,
    onBigFile,
    onDeferred: deferFile,
  };

  function accept(node: FolderNode, listing: Listing): void {
    node.listing = listing;
    countListing(events, listing, node.path);
    if (listing.failed !== null) {
      node.vanished = listing.failed === 'ENOENT' && node.parent !== null;
      if (node.vanished) vanish(node, 'folders');
      else fail(node, node.path, listing.failed, 'folders');
      return settle(node);
    }
    if (listing.failures.length > 0) {
      node.whole = false;
      events.counts.failed += listing.failures.length;
      events.failures.push(...listing.failures);
    }
    addChildren(node, listing);
    const release = dispatch().hold();
    const proceed = async (): Promise<void> => {
      const known = vault ?? (await opening);
      await node.parent?.compared; // it tells this folder its previous tree
      if (!node.loose) lookUp(node, listing, known);
      if (!node.unchanged) {
        await compare(node, listing, known);
      } else events.contentDone(listing.tally.bytes, 0, 0);
      settle(node);
    };
    node.compared = proceed();
    node.compared.then(release, (error: unknown) => dispatch().fail(error));
  }

  /** What the cache knows of the folder. */
  function lookUp(node: FolderNode, { digest }: Listing, known: AssemblyVault): void {
    const cached = known.cachedFolder(node.path);
    node.unchanged = cached !== null && cached.digest.length > 0 && Buffer.compare(cached.digest, digest) === 0;
    const isKnown = node.unchanged || (node.previous !== null && known.isCacheOld(node.source));
    const moved = isKnown ? null : known.movedFolder(node.path, node.stat, digest);
    Object.assign(node, { cached: moved === null ? cached : null }); // set once, as soon as the cache is open
    if (moved !== null) node.previous = moved;
  }

  function onFiles(tasks: readonly FileTask[], output: FilesOutput): void {
    events.contentDone(0, output.newBytes, output.readBytes);
    for (const { task, content, code } of filesOf(tasks, output)) {
      if (content === null) {
        refuseFile(task, code);
        continue;
      }
      events.contentDone(content.stat.size, 0, 0);
      acceptFile(task, content);
    }
  }

  async function onBigFile(task: FileTask): Promise<void> {
    const known = vault ?? (await opening);
    const before = begun.get(task.path) ?? null;
    begun.delete(task.path);
    const from = goOnFrom(before, task.stat, (id: ChunkId) => known.table.has(id));
    const figures: ContentFigures = {
      contentDone(bytes, newBytes, readBytes) {
        events.bigFileRead(task, readBytes);
        events.contentDone(bytes, newBytes, readBytes);
      },
    };
    try {
      const big = await readBigFile(task, dispatch(), figures, from);
      if (big.content !== null) return acceptFile(task, big.content);
      begun.set(task.path, keepBegun(big.begun, known.racyFromMs));
      deferFile(task);
    } catch (error) {
      const code = systemCode(error);
      if (code === '' || error instanceof TypeError) throw error;
      refuseFile(task, code);
    }
  }

  function addChildren(node: FolderNode, listing: Listing): void {
    if (listing.tally.folders === 0) return;
    const folders: FolderNode[] = [];
    for (const { name, stat } of entriesOf(listing)) {
      if (stat.kind !== 'folder') continue;
      assert(node.depth < limits.pathDepth, 'a path deeper than any file system allows');
      const child = childNode(node, name, stat);
      if (isLooked(child)) folders.push(child);
    }
    node.waiting += folders.length;
    folders.reverse();
    for (const child of folders) nodes.set(child.path, child);
    dispatch().scan(folders.map(({ path, relative, source }) => ({ path, relative, source })));
  }

  /** Whether the folder is to be listed; else it is now taken as the cache has it. */
  function isLooked(node: FolderNode): boolean {
    if (node.looksBelow) return true;
    assert(vault !== null, 'what the cache knows is asked for once the vault is open');
    const glance = vault.glance(node.source, node.path, node.stat);
    node.looksBelow = glance === 'below';
    if (glance !== 'none') return true;
    const { result, counts } = vault.take(node.path);
    addCounts(events.counts, counts);
    events.counts.bytes += result.bytes;
    events.contentDone(result.bytes, 0, 0);
    events.folderTaken(node, result);
    node.parent?.children.set(node.name, { stat: node.stat, result });
    return false;
  }
}
