import { assert, CofferError, limits } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { FolderEntry, TreeEntry } from '../../format/index.ts';
import { openTree, type VaultIndex } from '../../repository/index.ts';
import { failureCode } from './pack-job.ts';
import type { Entered, Place, Places } from './places.ts';
import type { Root } from './selection.ts';

/**
 * Something to restore that is no folder. Its number is its place in the walk, the same in every run over the same
 * choice: a folder takes as many numbers as its entry says are below it, also when its listing cannot be read.
 */
export type Found = {
  readonly number: number;
  readonly entry: Exclude<TreeEntry, FolderEntry>;
  readonly name: string;
  readonly place: Place;
  readonly source: number;
};

export type Visitor = {
  /** A folder that is there now. */
  entered(entered: Entered, entry: FolderEntry): void;
  /** The policy left what has its name: it and everything below stay out. */
  leftOut(): void;
  failed(path: string, code: string): void;
};

export type WalkOptions = {
  readonly index: VaultIndex;
  readonly roots: readonly { readonly root: Root; readonly base: Place }[];
  readonly places: Places;
  readonly visitor: Visitor;
};

/** A folder to list; `first` is the number of the first entry below it. */
type Frame = {
  readonly place: Place;
  readonly entry: FolderEntry;
  readonly first: number;
  readonly depth: number;
  readonly source: number;
};

/** Entries handed over at once. */
const groupMost = 1024;

/**
 * Goes through everything chosen, folder by folder, making folders on the way: first a folder's own entries, then the
 * folders in it. Reads one listing at a time, entry by entry.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<readonly Found[]> {
  let next = 0;
  const known = new Map<string, Place>();
  for (const { root, base } of options.roots) {
    const { entry, source, name } = root;
    const first = next + root.steps.length + 1;
    const place = enterSteps(options, root, { base, first: next, known });
    next = first + belowOf(entry);
    if (place === null) continue;
    const number = first - 1;
    if (entry.kind !== 'folder') {
      yield [{ number, entry, name, place, source }];
      continue;
    }
    const top = name === '' ? { place, setsMetadata: false } : enterFolder(options, place, entry, { number, name });
    if (top === null) continue;
    const stack: Frame[] = [{ place: top.place, entry, first, depth: 0, source }];
    for (let frame = stack.pop(); frame !== undefined; frame = stack.pop()) yield* listFolder(options, frame, stack);
  }
}

async function* listFolder(options: WalkOptions, frame: Frame, stack: Frame[]): AsyncGenerator<readonly Found[]> {
  const { place, source } = frame;
  if (frame.entry.content === null) return options.visitor.failed(place.origin, frame.entry.state ?? 'unreadable:EIO');
  const folders: { readonly entry: FolderEntry; readonly number: number }[] = [];
  let number = frame.first;
  try {
    const entries = await openListing(options.index, frame);
    let group: Found[] = [];
    for (const entry of entries) {
      if (entry.kind === 'folder') folders.push({ entry, number });
      else group.push({ number, entry, name: nameFromBytes(entry.name), place, source });
      number++;
      if (group.length < groupMost) continue;
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
  } catch (error) {
    const code = failureCode(error);
    if (code === null) throw error;
    options.visitor.failed(place.origin, code);
  }
  const frames: Frame[] = [];
  for (const { entry, number: ofFolder } of folders) {
    const name = nameFromBytes(entry.name);
    const entered = enterFolder(options, place, entry, { number: ofFolder, name });
    const first = number;
    number += belowOf(entry);
    if (entered !== null) frames.push({ place: entered.place, entry, first, depth: frame.depth + 1, source });
  }
  stack.push(...frames.reverse());
}

async function openListing(index: VaultIndex, { entry, place, depth }: Frame): Promise<Iterable<TreeEntry>> {
  assert(entry.content !== null, 'a listing that is in the snapshot');
  if (depth > limits.pathDepth)
    throw new CofferError('object.damaged', { key: place.origin, reason: 'its folders go too deep' });
  return (await openTree(index, entry.content, place.origin)).entries;
}

function enterFolder(
  { places, visitor }: WalkOptions,
  parent: Place,
  entry: FolderEntry,
  { number, name }: { readonly number: number; readonly name: string },
): Entered | null {
  try {
    const entered = places.enter(parent, name, { number, entry });
    if (entered === null) visitor.leftOut();
    else visitor.entered(entered, entry);
    return entered;
  } catch (error) {
    const code = failureCode(error);
    if (code === null) throw error;
    visitor.failed(joinPath(parent.origin, name), code);
    return null;
  }
}

type Way = {
  readonly base: Place;
  /** Number of the first step. */
  readonly first: number;
  /** Steps that other roots have taken: several sources lie in one folder. */
  readonly known: Map<string, Place>;
};

/** Null where something is in the way, which is told. */
function enterSteps({ places, visitor }: WalkOptions, root: Root, { base, first, known }: Way): Place | null {
  let place = base;
  try {
    for (const [index, step] of root.steps.entries()) {
      const key = joinPath(place.path, step);
      const next: Place | null =
        known.get(key) ?? places.enter(place, step, { number: first + index, entry: null })?.place ?? null;
      if (next === null) {
        visitor.failed(root.path, 'ENOTDIR');
        return null;
      }
      known.set(key, next);
      place = next;
    }
    return place;
  } catch (error) {
    const code = failureCode(error);
    if (code === null) throw error;
    visitor.failed(root.path, code);
    return null;
  }
}

function belowOf(entry: TreeEntry): number {
  return entry.kind === 'folder' ? (entry.entries ?? 0) : 0;
}
