import { equalBytes } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import { compareNames, type TreeEntry } from '../../format/index.ts';
import { loadTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';
import { createDamage, type Damage } from './damage.ts';
import { isSameContent } from './find.ts';
import { type Found, locateIfThere, notInSnapshot, sourcesOf } from './locate.ts';

export type Difference = {
  readonly change: 'added' | 'removed' | 'modified' | 'metadata';
  readonly path: string;
  readonly sizeBefore: number | null;
  readonly sizeAfter: number | null;
};

/** One path in both snapshots; null where one lacks it. */
type Pair = { readonly path: string; readonly before: TreeEntry | null; readonly after: TreeEntry | null };

/**
 * What changed from one snapshot to another, in the order of a walk. Folders whose tree references are equal are equal all
 * the way down, so only what differs is read.
 */
export async function* diffSnapshots(
  index: VaultIndex,
  from: StoredSnapshot,
  to: StoredSnapshot,
  path?: string,
): AsyncGenerator<Difference> {
  const damage = createDamage();
  const before = await startOf(index, from, path);
  const after = await startOf(index, to, path);
  if (path !== undefined && before.length + after.length === 0) throw notInSnapshot(to.id, path);
  const stack = pairUp(before, after).reverse();
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const difference = compare(pair);
    if (difference !== null) yield difference;
    for (const child of (await pairsBelow(index, pair, damage)).reverse()) stack.push(child);
  }
  damage.throwIfAny();
}

async function startOf(index: VaultIndex, stored: StoredSnapshot, path: string | undefined): Promise<readonly Found[]> {
  if (path === undefined) return sourcesOf(stored);
  const location = await locateIfThere(index, stored, path);
  if (location === null) return [];
  return location.kind === 'above' ? location.sources : [location.found];
}

function pairUp(before: readonly Found[], after: readonly Found[]): Pair[] {
  const paths = new Set([...before, ...after].map((found) => found.path));
  return [...paths].sort().flatMap((path) => {
    const left = before.find((found) => found.path === path)?.entry ?? null;
    const right = after.find((found) => found.path === path)?.entry ?? null;
    return splitKinds({ path, before: left, after: right });
  });
}

/** A file that became a folder is one removed and one added. */
function splitKinds(pair: Pair): Pair[] {
  const { before, after } = pair;
  if (before === null || after === null || before.kind === after.kind) return [pair];
  return [
    { ...pair, after: null },
    { ...pair, before: null },
  ];
}

function compare({ path, before, after }: Pair): Difference | null {
  const sizeBefore = sizeOf(before);
  const sizeAfter = sizeOf(after);
  const difference = (change: Difference['change']): Difference => ({ change, path, sizeBefore, sizeAfter });
  if (before === null) return difference('added');
  if (after === null) return difference('removed');
  if (!hasSameContent(before, after)) return difference('modified');
  return hasSameMetadata(before, after) ? null : difference('metadata');
}

const sizeOf = (entry: TreeEntry | null): number | null => (entry?.kind === 'file' ? entry.size : null);

/** Folders have the same content here: what is below them is told entry by entry. */
function hasSameContent(left: TreeEntry, right: TreeEntry): boolean {
  if (left.kind === 'file' && right.kind === 'file') {
    return left.size === right.size && isSameContent(left.content, right.content);
  }
  if (left.kind === 'symlink' && right.kind === 'symlink') return equalBytes(left.target, right.target);
  if ('major' in left && 'major' in right) return left.major === right.major && left.minor === right.minor;
  return true;
}

/** Not the time of the last status change, which nobody can restore; nor a folder's time, which its entries move. */
function hasSameMetadata(left: TreeEntry, right: TreeEntry): boolean {
  const sameTime =
    left.kind === 'folder' ||
    (left.mtime.seconds === right.mtime.seconds && left.mtime.nanoseconds === right.mtime.nanoseconds);
  const sameOwner = left.uid === right.uid && left.gid === right.gid && left.mode === right.mode;
  return sameTime && sameOwner && left.state === right.state && hasSameXattrs(left, right);
}

function hasSameXattrs({ xattrs: left = [] }: TreeEntry, { xattrs: right = [] }: TreeEntry): boolean {
  return (
    left.length === right.length &&
    left.every(({ name, value }, at) => {
      const other = right[at];
      return other !== undefined && equalBytes(name, other.name) && equalBytes(value, other.value);
    })
  );
}

async function pairsBelow(index: VaultIndex, { path, before, after }: Pair, damage: Damage): Promise<Pair[]> {
  const left = before?.kind === 'folder' ? before.content : null;
  const right = after?.kind === 'folder' ? after.content : null;
  if (isSameContent(left, right)) return [];
  try {
    return merge(path, await entriesOf(index, left, path), await entriesOf(index, right, path));
  } catch (error) {
    damage.note(error);
    return [];
  }
}

async function entriesOf(index: VaultIndex, tree: Uint8Array | null, path: string): Promise<readonly TreeEntry[]> {
  return tree === null ? [] : (await loadTree(index, tree, path)).entries;
}

/** Both sides come sorted by name. */
function merge(path: string, before: readonly TreeEntry[], after: readonly TreeEntry[]): Pair[] {
  const pairs: Pair[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const old = before[left] ?? null;
    const fresh = after[right] ?? null;
    if (old === null && fresh === null) return pairs;
    const order = old === null ? 1 : fresh === null ? -1 : compareNames(old.name, fresh.name);
    const pair = { before: order <= 0 ? old : null, after: order >= 0 ? fresh : null };
    const name = (pair.before ?? pair.after)?.name ?? new Uint8Array(0);
    pairs.push(...splitKinds({ path: joinPath(path, nameFromBytes(name)), ...pair }));
    if (order <= 0) left++;
    if (order >= 0) right++;
  }
}
