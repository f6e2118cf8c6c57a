import type { Exposure } from '../contract/index.ts';
import { locateFolders } from '../filesystem/index.ts';
import type { Core } from './core.ts';
import type { TakenDirt } from './dirty.ts';
import { dirtSpan, type Keeper } from './keeper.ts';
import { createReach } from './reach.ts';
import { type ToWeigh, type Weight, weigh } from './weigh.ts';

/** Weighing looks at the disk: not more often than this, however often the state is asked for. */
const weighEveryMs = 2_000;

/** What would be lost if the computer were lost now: what the place that lacks least does not have. */
export function createExposure(core: Core): () => Exposure {
  let weighed: {
    readonly keeper: Keeper;
    readonly atMs: number;
    readonly weight: Weight;
  } | null = null;

  const weightOf = (keeper: Keeper, oldestMs: number): Weight => {
    const { clock, fileSystem } = core.ports;
    const atMs = clock.monotonic();
    const isFresh = weighed !== null && weighed.keeper === keeper && atMs - weighed.atMs < weighEveryMs;
    if (weighed !== null && isFresh) return weighed.weight;
    const sinceWallMs = clock.now() - (atMs - oldestMs);
    weighed = { keeper, atMs, weight: weigh(fileSystem, toWeigh(core, keeper), sinceWallMs) };
    return weighed.weight;
  };
  return () => {
    let least: Exposure | null = null;
    for (const keeper of core.keepers) {
      const { deferral } = keeper;
      const span = dirtSpan(dirtyOf(core, keeper));
      // What changes from now on has nothing to do with what was weighed before.
      if (span === null) weighed = null;
      const oldestMs = Math.min(
        span?.oldestMs ?? Number.POSITIVE_INFINITY,
        deferral?.oldestMs ?? Number.POSITIVE_INFINITY,
      );
      if (oldestMs === Number.POSITIVE_INFINITY) return nothing;
      const seconds = (core.ports.clock.monotonic() - oldestMs) / 1000;
      if (least !== null && seconds >= least.seconds) continue;
      const { files, bytes } = span === null ? nothing : weightOf(keeper, span.oldestMs);
      least = { files: files + (deferral?.files ?? 0), bytes: bytes + (deferral?.bytes ?? 0), seconds };
    }
    return least ?? nothing;
  };
}

const nothing: Exposure = { files: 0, bytes: 0, seconds: 0 };

/** With what a run has taken and not yet confirmed. */
export function dirtyOf(core: Core, keeper: Keeper): TakenDirt[] {
  return bySource(core, keeper).map(([, dirt]) => dirt);
}

function bySource({ run }: Core, keeper: Keeper): [source: number, dirt: TakenDirt][] {
  const taken = run?.keeper === keeper ? [...run.task.taken] : [];
  return [...keeper.dirt, ...taken];
}

const nothingLeftOut = { mayTouch: () => true, leftOutIn: () => () => null };

function toWeigh(core: Core, keeper: Keeper): ToWeigh[] {
  const { fileSystem, clock, home } = core.ports;
  const limits = { protectedFolders: locateFolders(fileSystem, [home]), nowSeconds: Math.floor(clock.now() / 1000) };
  return bySource(core, keeper).flatMap(([id, dirt]) => {
    const source = core.sources.find((candidate) => candidate.id === id);
    if (source === undefined) return [];
    // Nobody can look there now.
    if (core.hangs(source.path)) return [{ dirt: { ...dirt, folders: 'all' as const }, ...nothingLeftOut }];
    const { untouched, leftOutIn } = createReach(fileSystem, source, limits);
    return [{ dirt, mayTouch: (path) => untouched(path) === null, leftOutIn }];
  });
}
