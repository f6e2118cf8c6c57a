import { CofferError, type SnapshotId } from '../../base/index.ts';
import {
  isBelow,
  joinPath,
  nameBytes,
  nameFromBytes,
  namesBelow,
  withoutTrailingSlash,
} from '../../filesystem/index.ts';
import type { SnapshotSource, TreeEntry, TreeHeader } from '../../format/index.ts';
import { loadTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';

/** An entry with its path, and the header of the listing it stands in (null for a source). */
export type Found = { readonly path: string; readonly entry: TreeEntry; readonly header: TreeHeader | null };

/** What a path means in a snapshot: one entry, or a folder above sources that is no entry itself (as `/home`). */
export type Location =
  | { readonly kind: 'entry'; readonly found: Found }
  | { readonly kind: 'above'; readonly sources: readonly Found[] };

export function sourcesOf({ snapshot }: StoredSnapshot): Found[] {
  return snapshot.sources.map((source) => sourceAt(source));
}

const sourceAt = ({ path, entry }: SnapshotSource): Found => ({ path: nameFromBytes(path), entry, header: null });

/** Null where the snapshot has no such path. */
export async function locateIfThere(index: VaultIndex, stored: StoredSnapshot, path: string): Promise<Location | null> {
  const wanted = withoutTrailingSlash(path);
  const sources = sourcesOf(stored);
  for (const source of sources) {
    if (wanted === source.path) return { kind: 'entry', found: source };
    if (!isBelow(wanted, source.path)) continue;
    const found = await descend(index, source, namesBelow(wanted, source.path));
    if (found !== null) return { kind: 'entry', found };
  }
  const below = sources.filter((source) => isBelow(source.path, wanted));
  return below.length === 0 ? null : { kind: 'above', sources: below };
}

export async function locate(index: VaultIndex, stored: StoredSnapshot, path: string): Promise<Location> {
  const location = await locateIfThere(index, stored, path);
  if (location === null) throw notInSnapshot(stored.id, path);
  return location;
}

export function notInSnapshot(snapshot: SnapshotId, path: string): CofferError {
  return new CofferError('path.notInSnapshot', { snapshot: snapshot.slice(0, 8), path });
}

async function descend(index: VaultIndex, source: Found, names: readonly string[]): Promise<Found | null> {
  let found = source;
  for (const name of names) {
    if (found.entry.kind !== 'folder' || found.entry.content === null) return null;
    const { header, entries } = await loadTree(index, found.entry.content, found.path);
    const bytes = nameBytes(name);
    const entry = entries.find((candidate) => Buffer.compare(candidate.name, bytes) === 0);
    if (entry === undefined) return null;
    found = { path: joinPath(found.path, name), entry, header };
  }
  return found;
}
