/**
 * Whether the root that is watched is still what stands at its path. An empty mount point, or another drive mounted there,
 * must not look like a root whose files were all deleted.
 */
import { splitPath } from '../names.ts';
import type { FileStat, FileSystem } from '../port.ts';
import { look } from './ears.ts';
import type { WatchSystem } from './system.ts';

/** `replaced`: there, but not the folder that was there before, so whoever heard that one hears nothing of this one. */
export type Seen = 'there' | 'replaced' | 'gone';

/** What an earlier process saw at the path, in a text of `Presence` alone. */
export type KnownRoot = { readonly mark: string | null; readonly note: (mark: string) => void };

/** [Note: root mark] Device numbers are given anew with each start of a computer: a mark has none. */
type Mark = { readonly inode: number; readonly born: bigint; readonly isMounted: boolean };

export class Presence {
  readonly #root: string;
  readonly #fileSystem: FileSystem;
  readonly #system: WatchSystem;
  readonly #note: (mark: string) => void;
  #before: string | null;
  #known: { readonly stat: FileStat; readonly born: bigint } | null = null;

  constructor(root: string, fileSystem: FileSystem, system: WatchSystem, { mark, note }: KnownRoot) {
    this.#root = root;
    this.#fileSystem = fileSystem;
    this.#system = system;
    this.#before = mark;
    this.#note = note;
  }

  look(): { readonly seen: Seen; readonly isFolder: boolean } {
    const stat = look(this.#fileSystem, this.#root);
    const seen = stat ? this.#judge(stat) : 'gone';
    if (stat && seen === 'replaced') this.#remember(stat);
    return { seen, isFolder: stat?.kind === 'folder' };
  }

  /** Looks without taking what it sees for known. */
  get isThere(): boolean {
    const stat = look(this.#fileSystem, this.#root);
    return stat !== null && this.#judge(stat) !== 'gone';
  }

  #judge(stat: FileStat): Seen {
    const known = this.#known;
    if (!known) return this.#isOfBefore(stat) ? 'replaced' : 'gone';
    const isFile = stat.kind !== 'folder' && known.stat.kind !== 'folder';
    if (stat.device === known.stat.device) {
      // Editors save a file by putting a new one in its place: for a single file that is no other root.
      return isFile || stat.inode === known.stat.inode ? 'there' : 'replaced';
    }
    return this.#isSameElsewhere(stat, known) ? 'replaced' : 'gone';
  }

  /**
   * A drive that is plugged in again may get another device number. The number of the inode does not tell drives apart (the
   * root of every ext4 is 2), the time it was made does, to the ns. FAT keeps neither for its root: there, all drives are one.
   */
  #isSameElsewhere(stat: FileStat, known: { readonly stat: FileStat; readonly born: bigint }): boolean {
    return stat.inode === known.stat.inode && this.#born() === known.born;
  }

  /** Another folder than before at the same path is one that was made anew, but where a drive is or was mounted. */
  #isOfBefore(stat: FileStat): boolean {
    const before = this.#before === null ? null : markIn(this.#before);
    if (before === null) return true;
    const now = this.#markOf(stat);
    return (now.inode === before.inode && now.born === before.born) || !(now.isMounted || before.isMounted);
  }

  #remember(stat: FileStat): void {
    const mark = this.#markOf(stat);
    this.#known = { stat, born: mark.born };
    const text = `${mark.isMounted ? 'drive' : 'folder'} ${mark.inode} ${mark.born}`;
    if (text !== this.#before) this.#note(text);
    this.#before = text;
  }

  #markOf(stat: FileStat): Mark {
    const above = look(this.#fileSystem, splitPath(this.#root).folder || '/');
    return { inode: stat.inode, born: this.#born(), isMounted: above !== null && above.device !== stat.device };
  }

  #born(): bigint {
    try {
      return this.#system.born(this.#root);
    } catch {
      return -1n; // it went between two looks; the next one tells
    }
  }
}

/** Null when it is none: it says nothing then. */
function markIn(text: string): Mark | null {
  const [, kind, inode, born] = /^(drive|folder) (\d+) (-?\d+)$/.exec(text) ?? [];
  if (inode === undefined || born === undefined) return null;
  return { inode: Number(inode), born: BigInt(born), isMounted: kind === 'drive' };
}
