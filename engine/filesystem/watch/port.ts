/**
 * What the system tells of changed files. Events are hints about where to look, never facts about files: they may come
 * late, twice or (`overflow`, or on a network drive that others write to) not at all. Whoever hears them scans what they
 * name, and everything now and then.
 */
export type WatchEvent =
  /** A folder's listing or one of its entries changed; with `deep`, perhaps anything below it too. */
  | { readonly kind: 'changed'; readonly folder: string; readonly deep?: true }
  /** Events were lost: everything below the root may have changed. */
  | { readonly kind: 'overflow' }
  /**
   * The system has no room for the folders of this root; from now on only scanning finds changes. Said once for a watch.
   * `remedy` is the command that makes room, empty where there is none.
   */
  | { readonly kind: 'limit'; readonly watched: number; readonly remedy: string }
  /** The root vanished: deleted, unplugged, unmounted, or another drive stands in its place. Nothing is heard until `back`. */
  | { readonly kind: 'gone' }
  /** The root is there again and heard again; everything below it may have changed. */
  | { readonly kind: 'back' };

export type WatchOptions = {
  /** A folder, or a single file. */
  readonly root: string;
  /** False for a folder that is left out, so that nothing below it is heard. Not asked about the root. */
  readonly enters: (folder: string) => boolean;
  /** What `noteRoot` was told by the last watch on this root, of whatever process; null when none is known. */
  readonly rootMark?: string | null;
  /** Of what stands there from now on, to be kept: a later watch tells by it an empty mount point from a folder that was emptied. */
  readonly noteRoot?: (mark: string) => void;
  /** Must not throw, and must not wait. */
  readonly hear: (event: WatchEvent) => void;
};

export type Watch = {
  /** `scanning` while no events come: after `limit`, while the root is gone, or when it may not be read. */
  readonly mode: 'events' | 'scanning';
  /** Folders that take a watch of the system. */
  readonly folders: number;
  /** Looks whether the root is there now; when it is not, `gone` follows soon. */
  isThere(): boolean;
  /** Nothing is heard after it; may be called twice. */
  close(): Promise<void>;
};

export type Watcher = {
  /** Resolves when events are heard for everything that was there. */
  watch(options: WatchOptions): Promise<Watch>;
};
