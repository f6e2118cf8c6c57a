import type { Exposure } from '../contract/index.ts';
import type { Core } from './core.ts';
import type { TakenDirt } from './dirty.ts';
import { dirtSpan, type Keeper } from './keeper.ts';
import { type Weight, weigh } from './weigh.ts';

/** Weighing looks at the disk: not more often than this, however often the state is asked for. */
const weighEveryMs = 2_000;

/** What would be lost if the computer were lost now: what the place that lacks least does not have. */
export function createExposure(core: Core): () => Exposure {
  let weighed: {
    readonly keeper: Keeper;
    readonly atMs: number;
    readonly weight: Weight;
  } | null = null;

  const weightOf = (keeper: Keeper, dirty: readonly TakenDirt[], oldestMs: number): Weight => {
    const { clock, fileSystem } = core.ports;
    const atMs = clock.monotonic();
    const isFresh = weighed !== null && weighed.keeper === keeper && atMs - weighed.atMs < weighEveryMs;
    if (weighed !== null && isFresh) return weighed.weight;
    const sinceWallMs = clock.now() - (atMs - oldestMs);
    weighed = { keeper, atMs, weight: weigh(fileSystem, dirty, sinceWallMs) };
    return weighed.weight;
  };
  return () => {
    let least: Exposure | null = null;
    for (const keeper of core.keepers) {
      const dirty = dirtyOf(core, keeper);
      const span = dirtSpan(dirty);
      if (span === null) return nothing;
      const seconds = (core.ports.clock.monotonic() - span.oldestMs) / 1000;
      if (least === null || seconds < least.seconds) least = { ...weightOf(keeper, dirty, span.oldestMs), seconds };
    }
    return least ?? nothing;
  };
}

const nothing: Exposure = { files: 0, bytes: 0, seconds: 0 };

/** With what a run has taken and not yet confirmed. */
export function dirtyOf({ run }: Core, keeper: Keeper): TakenDirt[] {
  const taken = run?.keeper === keeper ? [...run.task.taken.values()] : [];
  return [...keeper.dirt.values(), ...taken];
}
