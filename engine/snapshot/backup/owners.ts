import { type FileSystem, readWhole } from '../../filesystem/index.ts';
import type { TreeEntry, TreeHeader } from '../../format/index.ts';

/** Names of users and groups by number, as this computer knows them. */
export type Owners = { headerFor(entries: readonly TreeEntry[]): TreeHeader };

export function createOwners(fileSystem: FileSystem): Owners {
  const users = namesIn(fileSystem, '/etc/passwd');
  const groups = namesIn(fileSystem, '/etc/group');
  const named = (names: ReadonlyMap<number, string>, ids: ReadonlySet<number>): { id: number; name: string }[] =>
    [...ids]
      .sort((left, right) => left - right)
      .flatMap((id) => {
        const name = names.get(id);
        return name === undefined ? [] : [{ id, name }];
      });
  return {
    headerFor(entries) {
      const uids = new Set<number>();
      const gids = new Set<number>();
      for (const entry of entries) {
        uids.add(entry.uid);
        gids.add(entry.gid);
      }
      return { platform: 'posix', owners: named(users, uids), groups: named(groups, gids) };
    },
  };
}

/** `name:x:number:…` lines; the first name of a number counts, as it does for the system. */
function namesIn(fileSystem: FileSystem, path: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let text: string;
  try {
    text = new TextDecoder().decode(readWhole(fileSystem, path) ?? new Uint8Array(0));
  } catch {
    return names;
  }
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':');
    const id = Number(number);
    if (name && number && Number.isInteger(id) && !names.has(id)) names.set(id, name);
  }
  return names;
}
