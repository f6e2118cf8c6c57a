import type { Place, Reason, Source } from '../contract/index.ts';
import type { WatchEvent } from '../filesystem/index.ts';
import { type BegunFiles, createKeptCache, type KeptCache, type Look } from '../snapshot/index.ts';
import type { Deferral } from './deferral.ts';
import { createDirtySet, type DirtySet, type TakenDirt } from './dirty.ts';
import type { Dirty, LastRun } from './schedule/index.ts';
import type { Tries } from './tries.ts';

/**
 * What the agent knows of one place: what it does not have yet, how its last run went, what keeps the next from beginning.
 * Places are told of every change, each on its own, because one may be unplugged while another has it all.
 */
export type Keeper = {
  readonly place: Place;
  readonly dirt: Map<number, DirtySet>;
  lastRun: LastRun | null;
  /** When the last run began that was confirmed: what changed before is there. Monotonic. */
  confirmedMs: number | null;
  /** The same of the last one that looked everywhere, in this process. */
  wholeScan: { readonly beganMs: number; readonly beganWallMs: number } | null;
  /** What the last run failed of; null when it did not. */
  trouble: Reason | null;
  asked: { readonly anyway: boolean } | null;
  /** What the last runs had no time for. */
  deferral: Deferral | null;
  /** Big files of which they have read a part. */
  readonly begun: BegunFiles;
  /** What they know of each folder. */
  readonly kept: KeptCache;
  /** Its last run ended together with an earlier process, perhaps because of it: others come first. */
  wasBrokenOff: boolean;
  /** Files that could not be read, and may be readable later although nothing changes. */
  tries: Tries;
};

export function createKeeper(place: Place): Keeper {
  return {
    place,
    dirt: new Map(),
    lastRun: null,
    confirmedMs: null,
    wholeScan: null,
    trouble: null,
    asked: null,
    deferral: null,
    begun: new Map(),
    kept: createKeptCache(),
    wasBrokenOff: false,
    tries: new Map(),
  };
}

function dirtOf({ dirt }: Keeper, source: number): DirtySet {
  let set = dirt.get(source);
  if (set === undefined) {
    set = createDirtySet();
    dirt.set(source, set);
  }
  return set;
}

export function noteEvent(keeper: Keeper, source: Source, event: WatchEvent, atMs: number): void {
  switch (event.kind) {
    case 'changed':
      return dirtOf(keeper, source.id).mark(event.folder, atMs, { deep: event.deep });
    case 'overflow':
    case 'limit':
    case 'back':
      return dirtOf(keeper, source.id).markAll(atMs);
    case 'gone':
      // What the vault has of it stays as it is: there is no change to save.
      keeper.dirt.delete(source.id);
  }
}

/** The folder around this path, where that is of the source, is to be looked at. */
export function noteChanged(keeper: Keeper, source: Source, path: string, atMs: number): void {
  const folder = path === source.path ? path : path.slice(0, Math.max(1, path.lastIndexOf('/')));
  dirtOf(keeper, source.id).mark(folder, atMs);
}

export function noteAllChanged(keeper: Keeper, source: number, atMs: number): void {
  dirtOf(keeper, source).markAll(atMs);
}

/** What this place does not have; null when it has all. */
export function dirtSpan(dirt: Iterable<TakenDirt>): Dirty | null {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  let everything = false;
  for (const { oldestMs, newestMs, folders } of dirt) {
    if (oldestMs === null || newestMs === null) continue;
    oldest = Math.min(oldest, oldestMs);
    newest = Math.max(newest, newestMs);
    everything ||= folders === 'all';
  }
  return newest < oldest ? null : { oldestMs: oldest, newestMs: newest, everything };
}

/** Where a run looks, and how to say that it did not happen after all. */
export type Task = {
  /** Looked at everywhere where there is no `look`. */
  readonly sources: readonly { readonly source: Source; readonly look: Look | null }[];
  /** What was dirty, by source. */
  readonly taken: ReadonlyMap<number, TakenDirt>;
  /** Every source that is there is looked at everywhere. */
  readonly isWhole: boolean;
  /** Not of a source that was removed, nor of one that is away: when it is back, all of it is dirty anyway. */
  putBack(isThere: (source: number) => boolean): void;
};

export type TaskOptions = {
  readonly sources: readonly Source[];
  /** Look everywhere, whatever the events say. */
  readonly whole: boolean;
  /** `missed`: it is known to be absent, so that its return will be told, and all of it be dirty then. */
  readonly presenceOf: (source: Source) => 'there' | 'absent' | 'missed';
  /** Its changes are told by events. */
  readonly isWatched: (source: Source) => boolean;
};

/** Takes what is dirty out of the keeper: what changes from now on is for the next run. */
export function takeTask(keeper: Keeper, { sources, whole, presenceOf, isWatched }: TaskOptions): Task {
  const taken = new Map<number, TakenDirt>();
  const lookAt = (source: Source): Look | null => {
    const presence = presenceOf(source);
    // Marks of what cannot be looked at would let run follow run. Until its absence is known, it may be back untold.
    if (presence === 'missed') keeper.dirt.delete(source.id);
    if (presence !== 'there') return { kind: 'nowhere' };
    const dirt = dirtOf(keeper, source.id).take();
    taken.set(source.id, dirt);
    const { folders, below } = dirt;
    return whole || folders === 'all' || !isWatched(source) ? null : { kind: 'folders', folders, below };
  };
  const looks = sources.map((source) => ({ source, look: lookAt(source) }));
  return {
    sources: looks,
    taken,
    isWhole: looks.every(({ look }) => look?.kind !== 'folders'),
    putBack(isThere) {
      for (const [source, dirt] of taken) if (isThere(source)) dirtOf(keeper, source).putBack(dirt);
    },
  };
}
