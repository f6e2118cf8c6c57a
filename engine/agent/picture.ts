import {
  type AgentState,
  type Coverage,
  type Exposure,
  type PlaceState,
  type Reason,
  type RunState,
  reason,
  type Source,
  type SourceState,
} from '../contract/index.ts';
import type { DoneRun } from '../journal/index.ts';
import type { Core } from './core.ts';
import { dirtyOf } from './exposed.ts';
import { dirtSpan, type Keeper } from './keeper.ts';
import { isAtOrBelow } from './paths.ts';
import { promisedSeconds } from './promise.ts';
import type { Decision } from './schedule/index.ts';
import { type Judged, standingOf } from './standing.ts';

/** The one picture that every face shows, out of what the agent knows now. */
export function pictureOf(core: Core, known: Exposure): AgentState {
  const { journal, identity, run, settings, pause } = core;
  const done = new Map(core.keepers.map((keeper) => [keeper, journal.runs.latestDone(keeper.place.id)]));
  const isSavedOnce = [...done.values()].some((last) => last !== null);
  const exposure = run === null || isSavedOnce ? known : withFound(known, run.state);
  const places = core.keepers.map((keeper) => {
    const state = placeState(core, keeper, done.get(keeper) ?? null);
    return { ...state, ...weighed(state, exposure) };
  });
  const failed = [...new Set(core.failures.map(({ path }) => path))];
  const sources = core.sources.map((source) => sourceState(core, source, { failed, isSavedOnce }));
  const decision = loudest([...core.decisions.values()]);
  const missing = core.sources.length === 0 ? noSources : core.keepers.length === 0 ? noPlaces : null;
  const judged = core.isStarted
    ? standingOf({
        places: core.keepers.length === 0 ? [noPlaces] : places,
        sources: core.sources.length === 0 ? [noSources] : sources,
        run: run?.state.reason ?? null,
        decision,
        exposure,
        promisedSeconds: promisedSeconds(settings.schedule),
      })
    : notRunning(run?.state.reason ?? null, missing);
  const ends = core.keepers.map(({ place }) => journal.runs.latestComplete(place.id)?.outcome.endedMs ?? null);
  return {
    ...weighed(judged, exposure),
    version: identity.version,
    processId: core.isStarted ? identity.processId : 0,
    exposure,
    coverage: newest([...done.values()])?.outcome.coverage ?? nothingSeen,
    protectedMs: ends.length === 0 || ends.includes(null) ? null : Math.min(...ends.map((end) => end ?? 0)),
    nextRunMs: decision.kind === 'run' ? null : decision.nextRunMs,
    run: run?.state ?? null,
    pause: pause && { until: pause.until, untilMs: pause.untilMs },
    sources,
    places,
  };
}

/** Until the first run has ended nothing of what it has found is safe. */
function withFound({ files, bytes, seconds }: Exposure, { foundFiles, foundBytes }: RunState): Exposure {
  return { files: Math.max(files, foundFiles), bytes: Math.max(bytes, foundBytes), seconds };
}

/** What waits is told with what it holds back. */
function weighed({ standing, reason: why }: Judged, { files, bytes }: Exposure): Judged {
  if (why === null || !why.code.startsWith('wait.') || files === 0) return { standing, reason: why };
  return { standing, reason: reason(why.code, { ...why.context, files, bytes }) };
}

const nothingSeen: Coverage = { seen: 0, saved: 0, leftOut: 0, failed: 0, deferred: 0, files: 0, bytes: 0 };
const noPlaces: Judged = { standing: 'attention', reason: reason('attention.noPlaces') };
const noSources: Judged = { standing: 'attention', reason: reason('attention.noSources') };

/** What the journal says is true; but nobody keeps it true now. */
function notRunning(run: Reason | null, missing: Judged | null): Judged {
  if (run !== null) return { standing: 'working', reason: run };
  // An agent that runs would have nothing to do.
  return missing ?? { standing: 'attention', reason: reason('attention.notRunning') };
}

function newest(runs: readonly (DoneRun | null)[]): DoneRun | null {
  return runs.reduce(
    (best, run) => (run !== null && run.outcome.endedMs > (best?.outcome.endedMs ?? -1) ? run : best),
    null,
  );
}

/** Of several places the one about which there is most to say: what runs, what waits, and then what comes next. */
function loudest(decisions: readonly Decision[]): Decision {
  const rank = { run: 2, wait: 1, idle: 0 } as const;
  const [first] = decisions.toSorted(
    (left, right) => rank[right.kind] - rank[left.kind] || nextOf(left) - nextOf(right),
  );
  return first ?? { kind: 'idle', untilMs: null, nextRunMs: null };
}

const nextOf = (decision: Decision): number =>
  decision.kind === 'run' ? 0 : (decision.nextRunMs ?? Number.POSITIVE_INFINITY);

function placeState(core: Core, keeper: Keeper, last: DoneRun | null): PlaceState {
  const { id, url, vault } = keeper.place;
  return {
    ...{ id, url, vault },
    ...placeJudged(core, keeper, last),
    protectedMs: core.journal.runs.latestComplete(id)?.outcome.endedMs ?? null,
    snapshot: last?.outcome.snapshot ?? null,
    files: last?.outcome.files ?? 0,
    bytes: last?.outcome.bytes ?? 0,
    uploads: core.journal.uploads.waiting(id),
  };
}

function placeJudged(core: Core, keeper: Keeper, last: DoneRun | null): Judged {
  const { trouble } = keeper;
  if (core.run?.keeper === keeper) return { standing: 'working', reason: core.run.state.reason };
  if (trouble !== null) return { standing: standingOfReason(trouble), reason: trouble };
  if (last === null) return { standing: 'waiting', reason: reason('attention.firstRun', { place: keeper.place.url }) };
  const decision = core.decisions.get(keeper);
  if (dirtSpan(dirtyOf(core, keeper)) === null && keeper.deferral === null) return { standing: 'safe', reason: null };
  // In the moment between two runs of which one goes on with the other's work.
  if (decision?.kind === 'run') return { standing: 'working', reason: decision.reason };
  return { standing: 'waiting', reason: decision?.kind === 'wait' ? decision.reason : null };
}

function standingOfReason({ code }: Reason): Judged['standing'] {
  if (code.startsWith('risk.')) return 'atRisk';
  return code.startsWith('attention.') ? 'attention' : 'waiting';
}

function sourceState(
  core: Core,
  { id, path }: Source,
  { failed, isSavedOnce }: { readonly failed: readonly string[]; readonly isSavedOnce: boolean },
): SourceState {
  const watching = core.modeOf(id);
  const files = failed.filter((file) => isAtOrBelow(file, path)).length;
  const why =
    watching === 'absent'
      ? reason(core.hangs(path) ? 'attention.sourceHangs' : 'attention.sourceMissing', { path })
      : files > 0
        ? reason('attention.filesFailed', { path, files })
        : null;
  if (why !== null) return { id, path, watching, standing: 'attention', reason: why };
  const unsaved = core.run === null ? 'waiting' : 'working';
  return { id, path, watching, standing: isSavedOnce ? 'safe' : unsaved, reason: null };
}
