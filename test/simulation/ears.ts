import { splitPath } from '../../engine/filesystem/index.ts';
import { createSimulatedWatcher } from '../../engine/filesystem/simulated/index.ts';
import type { WatchEvent, Watcher } from '../../engine/filesystem/watch/index.ts';
import type { Sleepers } from './time.ts';
import type { World } from './world.ts';

/** What one agent hears of the person's work: late, twice, or not at all; and a record of what it has not heard. */
export type Ears = {
  readonly watcher: Watcher;
  changed(path: string): void;
  /** A folder came with everything below it. */
  changedBelow(folder: string): void;
  emit(event: WatchEvent, root?: string): void;
  /** Something changed that the agent cannot know of yet. */
  readonly hasUnheard: boolean;
  /** A run over everything that began at this moment is confirmed at a place. */
  lookedEverywhere(beganMs: number, place: number): void;
  readonly hasLost: boolean;
  /** Something is on its way. */
  readonly isHearing: boolean;
  losePercent: number;
  /** The system has no room for more watches. */
  limit(): void;
};

type Lost = { readonly atMs: number; readonly places: Set<number> };

export function createEars(world: World, life: Sleepers): Ears {
  const { dice, time } = world;
  const clock = time.clockOf(life);
  const simulated = createSimulatedWatcher({ clock });
  const lost = new Set<Lost>();
  let waiting = 0;
  let toldMs = 0;
  let isLimited = false;

  const delayMs = (): number => (dice.chance(70) ? dice.integer(60) : dice.integer(2000));
  const deliver = (say: () => void, afterMs = delayMs()): void => {
    waiting++;
    void clock.sleep(afterMs).then(() => {
      waiting--;
      say();
      if (dice.chance(10)) say();
    });
  };
  const ears: Ears = {
    losePercent: 0,
    watcher: {
      async watch(options) {
        await clock.sleep(dice.integer(3000));
        const watch = await simulated.watch(options);
        if (!world.isOff && world.disk.lstatIfThere(options.root) === null)
          simulated.emit({ kind: 'gone' }, options.root);
        return watch;
      },
    },
    changed(path) {
      if (isLimited || dice.chance(ears.losePercent))
        lost.add({ atMs: time.monotonicMs, places: new Set(world.places.keys()) });
      else deliver(() => simulated.changed(path));
    },
    changedBelow(folder) {
      const roots = simulated.roots.filter((root) => splitPath(folder).folder.startsWith(root));
      for (const root of roots) deliver(() => simulated.emit({ kind: 'changed', folder, deep: true }, root));
    },
    emit(event, root) {
      // What a watch says of its root comes in the order in which it happened.
      toldMs = Math.max(toldMs + 1, time.monotonicMs + delayMs());
      deliver(() => simulated.emit(event, root), toldMs - time.monotonicMs);
    },
    get hasUnheard() {
      return waiting > 0 || lost.size > 0;
    },
    get isHearing() {
      return waiting > 0;
    },
    get hasLost() {
      return lost.size > 0;
    },
    limit() {
      isLimited = true;
      simulated.emit({ kind: 'limit', watched: 10, remedy: '' });
    },
    lookedEverywhere(beganMs, place) {
      for (const entry of lost) {
        if (entry.atMs < beganMs) entry.places.delete(place);
        if (entry.places.size === 0) lost.delete(entry);
      }
    },
  };
  return ears;
}
