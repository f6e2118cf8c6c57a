import { isCofferError } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { FolderEntry } from '../../format/index.ts';
import { loadTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';
import { createDamage } from './damage.ts';
import { type EntryInfo, entryInfo } from './entry-info.ts';
import { type Found, locate, sourcesOf } from './locate.ts';

export type ListOptions = {
  /** Absolute; without it, the snapshot's sources are listed. A folder stands for what is in it. */
  readonly path?: string;
  readonly recursive?: boolean;
};

/** In the order of a walk: a folder, then what is in it, by the bytes of the names. */
export async function* listEntries(
  index: VaultIndex,
  stored: StoredSnapshot,
  { path, recursive = false }: ListOptions,
): AsyncGenerator<EntryInfo> {
  const damage = createDamage();
  const stack: Found[] = [...(await startOf(index, stored, path))].reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    let info = entryInfo(next.path, next.entry, next.header);
    if (recursive && next.entry.kind === 'folder' && next.entry.content !== null) {
      try {
        for (const child of (await childrenOf(index, next.path, next.entry)).reverse()) stack.push(child);
      } catch (error) {
        damage.note(error);
        info = { ...info, state: isCofferError(error) ? `unreadable:${error.code}` : info.state };
      }
    }
    yield info;
  }
  damage.throwIfAny();
}

async function startOf(index: VaultIndex, stored: StoredSnapshot, path: string | undefined): Promise<readonly Found[]> {
  if (path === undefined) return sourcesOf(stored);
  const location = await locate(index, stored, path);
  if (location.kind === 'above') return location.sources;
  const { entry } = location.found;
  return entry.kind === 'folder' && entry.content !== null
    ? childrenOf(index, location.found.path, entry)
    : [location.found];
}

/** What is in a folder; nothing where it could not be read when it was backed up. */
export async function childrenOf(index: VaultIndex, path: string, folder: FolderEntry): Promise<Found[]> {
  if (folder.content === null) return [];
  const { header, entries } = await loadTree(index, folder.content, path);
  return entries.map((entry) => ({ path: joinPath(path, nameFromBytes(entry.name)), entry, header }));
}
