import type { HardLink } from '../../format/index.ts';
import { type Item, targetPath } from './items.ts';

/** Several names of one file: the first that is restored holds the content, the others become names of it. */
export type Links = {
  /** True: this item is to be restored itself. False: it waits, or `ready` was told of it. */
  admit(item: Item): boolean;
  /** It is there, under this path. */
  done(item: Item, path: string): void;
  /** It will not be there: another of its names takes its part. */
  failed(item: Item): void;
};

type Group = { holder: Item | null; path: string | null; waiting: Item[] };

export function createLinks(ready: (item: Item) => void): Links {
  const groups = new Map<string, Group>();
  const groupOf = (item: Item): Group | null => {
    const { hardLink } = item.entry;
    return hardLink === undefined ? null : (groups.get(keyOf(item.source, hardLink)) ?? null);
  };
  const follow = (item: Item, path: string): void => {
    item.action = 'link';
    item.existing = path;
    ready(item);
  };
  return {
    admit(item) {
      const { hardLink } = item.entry;
      if (hardLink === undefined || item.isCopy || item.action === 'link') return true;
      const group = groupOf(item);
      if (group === null) {
        groups.set(keyOf(item.source, hardLink), { holder: item, path: null, waiting: [] });
        return true;
      }
      // What may be there already is looked at before it is made a link.
      if (group.holder === item || item.action !== 'whole') return true;
      if (group.path !== null) {
        item.action = 'link';
        item.existing = group.path;
        return true;
      }
      group.waiting.push(item);
      return false;
    },
    done(item, path) {
      const group = groupOf(item);
      if (group === null || group.holder !== item) return;
      group.path = path;
      // Only its path is needed from now on.
      group.holder = null;
      for (const other of group.waiting.splice(0)) follow(other, path);
    },
    failed(item) {
      const group = groupOf(item);
      if (group === null || group.holder !== item) return;
      group.holder = group.waiting.shift() ?? null;
      if (group.holder !== null) ready(group.holder);
      else groups.delete(keyOf(item.source, item.entry.hardLink ?? { inode: 0n }));
    },
  };
}

/** For what an earlier run restored. */
export function alreadyLinked(links: Links, item: Item): void {
  if (links.admit(item)) links.done(item, targetPath(item));
}

const keyOf = (source: number, { inode, device }: HardLink): string => `${source}/${device ?? ''}/${inode}`;
