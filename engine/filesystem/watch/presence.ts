/**
 * Whether the root that is watched is still what stands at its path. An empty mount point, or another drive mounted there,
 * must not look like a root whose files were all deleted.
 */
import type { FileStat, FileSystem } from '../port.ts';
import { look } from './ears.ts';
import type { WatchSystem } from './system.ts';

/** `replaced`: there, but not the folder that was there before, so whoever heard that one hears nothing of this one. */
export type Seen = 'there' | 'replaced' | 'gone';

export class Presence {
  readonly #root: string;
  readonly #fileSystem: FileSystem;
  readonly #system: WatchSystem;
  #known: { readonly stat: FileStat; readonly born: bigint } | null = null;

  constructor(root: string, fileSystem: FileSystem, system: WatchSystem) {
    this.#root = root;
    this.#fileSystem = fileSystem;
    this.#system = system;
  }

  look(): { readonly seen: Seen; readonly isFolder: boolean } {
    const stat = look(this.#fileSystem, this.#root);
    return { seen: stat ? this.#judge(stat) : 'gone', isFolder: stat?.kind === 'folder' };
  }

  #judge(stat: FileStat): Seen {
    const known = this.#known;
    if (!known) return this.#remember(stat, 'replaced');
    const isFile = stat.kind !== 'folder' && known.stat.kind !== 'folder';
    if (stat.device === known.stat.device) {
      // Editors save a file by putting a new one in its place: for a single file that is no other root.
      if (isFile || stat.inode === known.stat.inode) return 'there';
      return this.#remember(stat, 'replaced');
    }
    return this.#isSameElsewhere(stat, known) ? this.#remember(stat, 'replaced') : 'gone';
  }

  /**
   * A drive that is plugged in again may get another device number. The number of the inode does not tell drives apart (the
   * root of every ext4 is 2), the time it was made does, to the ns. FAT keeps neither for its root: there, all drives are one.
   */
  #isSameElsewhere(stat: FileStat, known: { readonly stat: FileStat; readonly born: bigint }): boolean {
    return stat.inode === known.stat.inode && this.#born() === known.born;
  }

  #remember(stat: FileStat, seen: Seen): Seen {
    this.#known = { stat, born: this.#born() };
    return seen;
  }

  #born(): bigint {
    try {
      return this.#system.born(this.#root);
    } catch {
      return -1n; // it went between two looks; the next one tells
    }
  }
}
