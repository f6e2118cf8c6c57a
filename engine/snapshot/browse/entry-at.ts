import type { StoredSnapshot, VaultIndex } from '../../repository/index.ts';
import { type EntryInfo, entryInfo } from './entry-info.ts';
import { locateIfThere } from './locate.ts';

/** What a snapshot has at a path; null when that is nothing, or only a folder above its sources. */
export async function entryAt(index: VaultIndex, stored: StoredSnapshot, path: string): Promise<EntryInfo | null> {
  const location = await locateIfThere(index, stored, path);
  if (location?.kind !== 'entry') return null;
  const { found } = location;
  return entryInfo(found.path, found.entry, found.header);
}
