import { isCofferError } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { FolderEntry, TreeHeader } from '../../format/index.ts';
import { loadTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';
import { createDamage, isVaultDamage } from './damage.ts';
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
    let { header } = next;
    let state: string | null = null;
    if (recursive && next.entry.kind === 'folder') {
      try {
        const children = await childrenOf(index, next.path, next.entry);
        for (const child of children.toReversed()) stack.push(child);
        header ??= children[0]?.header ?? null;
      } catch (error) {
        damage.note(error);
        state = isCofferError(error) ? `unreadable:${error.code}` : null;
      }
    } else header ??= await headerBelow(index, next);
    const info = entryInfo(next.path, next.entry, header);
    yield state === null ? info : { ...info, state };
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

/**
 * A source stands in no listing that could name its owner, but what is in it mostly has the same one. That this listing
 * cannot be read is no matter of a command that does not ask for it.
 */
async function headerBelow(index: VaultIndex, { path, entry }: Found): Promise<TreeHeader | null> {
  if (entry.kind !== 'folder') return null;
  try {
    return (await childrenOf(index, path, entry))[0]?.header ?? null;
  } catch (error) {
    if (!isVaultDamage(error)) throw error;
    return null;
  }
}

/** What is in a folder; nothing where it could not be read when it was backed up. */
export async function childrenOf(index: VaultIndex, path: string, folder: FolderEntry): Promise<Found[]> {
  if (folder.content === null) return [];
  const { header, entries } = await loadTree(index, folder.content, path);
  return entries.map((entry) => ({ path: joinPath(path, nameFromBytes(entry.name)), entry, header }));
}
