/**
 * What of a source is dirty: perhaps changed since it was last read. A run takes it, and puts it back when it fails, so that
 * no mark is lost. Marking too much costs a look at unchanged files, marking too little loses a change until the next
 * reconcile scan; therefore every shortcut here marks more.
 */
import { limits } from '../base/index.ts';

export type TakenDirt = {
  /** To be listed, their files compared; 'all' means the whole source. */
  readonly folders: ReadonlySet<string> | 'all';
  /** Those of `folders` below which everything is dirty too. */
  readonly below: ReadonlySet<string>;
  /** When the first and the last mark was made; null when nothing is dirty. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
};

export type DirtySet = TakenDirt & {
  readonly isEmpty: boolean;
  mark(folder: string, atMs: number, extent?: { readonly deep?: boolean | undefined }): void;
  markAll(atMs: number): void;
  /** Empties it. */
  take(): TakenDirt;
  /** Adds what was taken to what was marked since. */
  putBack(taken: TakenDirt): void;
};

/** Folders that are told apart; with more, the whole source is dirty. */
export type DirtySetOptions = { readonly most?: number };

export function createDirtySet({ most = limits.dirtyFolders }: DirtySetOptions = {}): DirtySet {
  let all = false;
  let folders = new Set<string>();
  let below = new Set<string>();
  let oldestMs: number | null = null;
  let newestMs: number | null = null;

  const clear = (): void => {
    folders = new Set();
    below = new Set();
  };
  const addAll = (): void => {
    all = true;
    clear();
  };
  const add = (folder: string, isDeep: boolean): void => {
    if (all || isCovered(folder, below)) return;
    if (isDeep) {
      const whole = new Set([folder]);
      for (const other of folders) if (isCovered(other, whole)) remove(other);
      below.add(folder);
    }
    folders.add(folder);
    if (folders.size > most) addAll();
  };
  const remove = (folder: string): void => {
    folders.delete(folder);
    below.delete(folder);
  };
  const stamp = (fromMs: number, toMs: number): void => {
    oldestMs = Math.min(oldestMs ?? fromMs, fromMs);
    newestMs = Math.max(newestMs ?? toMs, toMs);
  };
  const show = (): TakenDirt => ({ folders: all ? 'all' : folders, below, oldestMs, newestMs });

  return {
    get isEmpty() {
      return oldestMs === null;
    },
    get folders() {
      return show().folders;
    },
    get below() {
      return below;
    },
    get oldestMs() {
      return oldestMs;
    },
    get newestMs() {
      return newestMs;
    },
    mark: (folder, atMs, { deep = false } = {}) => {
      stamp(atMs, atMs);
      add(folder, deep);
    },
    markAll: (atMs) => {
      stamp(atMs, atMs);
      addAll();
    },
    take: () => {
      const taken = show();
      clear();
      all = false;
      oldestMs = null;
      newestMs = null;
      return taken;
    },
    putBack: (taken) => {
      if (taken.oldestMs === null || taken.newestMs === null) return;
      stamp(taken.oldestMs, taken.newestMs);
      if (taken.folders === 'all') return addAll();
      for (const folder of taken.folders) add(folder, taken.below.has(folder));
    },
  };
}

/** Whether a folder is one of these or lies in one of them. */
function isCovered(folder: string, by: ReadonlySet<string>): boolean {
  if (by.size === 0) return false;
  if (by.has(folder) || by.has('/')) return true;
  for (let slash = folder.lastIndexOf('/'); slash > 0; slash = folder.lastIndexOf('/', slash - 1)) {
    if (by.has(folder.slice(0, slash))) return true;
  }
  return false;
}
